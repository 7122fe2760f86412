"""LightGBM: gradient boosting that grows its trees leaf by leaf."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from phishcli.models.abilities import Continuing, EarlyStopping, Monotone, Rounds, Weight
from phishcli.models.own_format import Contributions, OwnFormat, Score
from phishcli.models.space import FloatRange, IntRange
from phishcli.models.spec import ModelSpec
from phishcli.models.staged import inner_parts

if TYPE_CHECKING:
    from lightgbm import LGBMClassifier


def _new(seed: int) -> LGBMClassifier:
    from lightgbm import LGBMClassifier

    own: dict[str, Any] = {"deterministic": True, "force_row_wise": True, "verbosity": -1}
    return LGBMClassifier(
        random_state=seed, n_jobs=1, extra_trees=False, **own
    )  # as the library has it; so it can be set


def _after(estimator: Any, x: Any, counts: Sequence[int]) -> list[Any]:
    return [estimator.predict_proba(x, num_iteration=count)[:, 1] for count in counts]


def _with_categories(estimator: LGBMClassifier, places: Sequence[int]) -> tuple[LGBMClassifier, dict[str, Any]]:
    return estimator, {"categorical_feature": list(places)}


def _fit_early(
    estimator: LGBMClassifier, x: Any, y: Any, stopping: EarlyStopping, weight: Any = None, **more: Any
) -> None:
    from lightgbm import early_stopping

    parts = inner_parts(x, y, stopping, weight)
    stop = early_stopping(stopping.patience, verbose=False)
    weights = None if weight is None else [parts.weight_stop]
    rows: dict[str, Any] = {"eval_X": parts.x_stop, "eval_y": parts.y_stop, "eval_sample_weight": weights}
    estimator.fit(parts.x, parts.y, sample_weight=parts.weight, callbacks=[stop], **rows, **more)


def _fit_spread(estimator: LGBMClassifier, client: Any, x: Any, y: Any) -> Any:
    import logging

    from lightgbm import DaskLGBMClassifier, register_logger

    register_logger(logging.getLogger("lightgbm"))  # it would write about ports to stdout
    given = estimator.get_params() | {"n_jobs": None}  # as many threads as a worker has
    together = DaskLGBMClassifier(**given, client=client, tree_learner="data")
    fitted: Any = together.fit(x, y).to_local()
    for name in fitted.get_params().keys() - estimator.get_params().keys():
        fitted._other_params.pop(name)  # noqa: SLF001 (how it was fitted, which is no parameter)
        delattr(fitted, name)
    return fitted.set_params(**estimator.get_params())


def _contributions(estimator: LGBMClassifier, x: Any) -> Any:
    added: Any = estimator.predict(x, pred_contrib=True)
    averaged = estimator.get_params()["boosting_type"] == "rf"  # LightGBM adds up what it averages in predictions
    return added[:, :-1] / (estimator.n_estimators_ if averaged else 1)


DECAY = 0.9
"""The share of the old value that a leaf keeps, LightGBM's own default."""


def _more_trees(estimator: LGBMClassifier, x: Any, y: Any, rounds: int) -> Any:
    from sklearn.base import clone

    before = estimator.booster_
    grown: Any = clone(estimator).set_params(n_estimators=rounds)
    grown.fit(x, y, init_model=before)
    return grown.set_params(n_estimators=before.current_iteration() + rounds)


def _new_leaves(estimator: LGBMClassifier, x: Any, y: Any, _: int) -> Any:
    from copy import deepcopy

    found: Any = deepcopy(estimator)
    found._Booster = estimator.booster_.refit(x, y, decay_rate=DECAY)  # noqa: SLF001 (there is no other way to set it)
    return found


def _write(estimator: LGBMClassifier) -> str:
    text: str = estimator.booster_.model_to_string()
    return text


def _read(text: str) -> Score:
    from lightgbm import Booster

    return partial(Booster(model_str=text).predict, num_threads=1)


def _contributions_of(score: Any) -> Contributions:
    booster = score.func.__self__
    averaged = "\naverage_output\n" in booster.model_to_string(num_iteration=1)
    rounds = booster.num_trees() if averaged else 1
    return lambda x: booster.predict(x, pred_contrib=True, num_threads=1)[:, :-1] / rounds


SPEC = ModelSpec(
    name="LightGBM",
    title="LightGBM",
    note="subsample_freq is 1 because LightGBM ignores subsample at its own default of 0.",
    new=_new,
    takes=("missing", "categories", "weights"),
    with_categories=_with_categories,
    defaults={"n_estimators": 100, "learning_rate": 0.1, "num_leaves": 31, "subsample_freq": 1},
    space={
        "n_estimators": IntRange(50, 300),
        "learning_rate": FloatRange(0.01, 0.31),
        "max_depth": IntRange(3, 9),
        "num_leaves": IntRange(20, 99),
        "min_child_samples": IntRange(10, 49),
        "subsample": FloatRange(0.6, 1.0),
        "colsample_bytree": FloatRange(0.6, 1.0),
    },
    portfolio=(
        {
            "learning_rate": 0.05,
            "num_leaves": 16,
            "min_child_samples": 20,
            "colsample_bytree": 0.7,
            "n_estimators": 200,
        },
        {
            "learning_rate": 0.05,
            "num_leaves": 16,
            "min_child_samples": 20,
            "colsample_bytree": 0.7,
            "n_estimators": 100,
        },
        {
            "learning_rate": 0.05,
            "num_leaves": 16,
            "min_child_samples": 20,
            "colsample_bytree": 0.7,
            "n_estimators": 500,
        },
        {"extra_trees": True, "learning_rate": 0.05, "num_leaves": 64, "min_child_samples": 10, "n_estimators": 300},
        {"extra_trees": True, "learning_rate": 0.05, "num_leaves": 64, "min_child_samples": 10, "n_estimators": 150},
        {
            "learning_rate": 0.03,
            "num_leaves": 128,
            "min_child_samples": 40,
            "colsample_bytree": 0.5,
            "n_estimators": 200,
        },
        {"learning_rate": 0.1, "num_leaves": 5, "reg_lambda": 3.0, "n_estimators": 300},
        {"learning_rate": 0.02, "num_leaves": 90, "min_child_samples": 5, "colsample_bytree": 0.9, "n_estimators": 400},
    ),
    libraries=("lightgbm",),
    workers="threads",
    own_threads="n_jobs",
    own_threads_only_with={"boosting_type": ("gbdt", "dart", "rf")},  # how goss samples depends on their number
    rounds=Rounds("n_estimators", _after, only_with={"boosting_type": ("gbdt", "goss")}),
    monotone=Monotone("monotone_constraints"),
    fit_early=_fit_early,
    fit_spread=_fit_spread,
    contributions=_contributions,
    own_format=OwnFormat("txt", _write, _read, contributions=_contributions_of),
    continues=(
        Continuing("trees", "adds trees that correct the old ones on the new rows", _more_trees),
        Continuing("leaves", "keeps the trees and moves their leaves a tenth of the way to the new rows", _new_leaves),
    ),
    install="pip install lightgbm",
    weight=Weight(row=20, value=5),
    effort=0.5,
)
