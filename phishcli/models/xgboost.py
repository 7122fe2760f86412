"""XGBoost: regularized gradient boosting on histograms."""

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
    from xgboost import XGBClassifier


def _new(seed: int) -> XGBClassifier:
    from xgboost import XGBClassifier

    return XGBClassifier(random_state=seed, n_jobs=1, tree_method="hist", verbosity=0)


def _after(estimator: XGBClassifier, x: Any, counts: Sequence[int]) -> list[Any]:
    return [estimator.predict_proba(x, iteration_range=(0, count))[:, 1] for count in counts]


def _fit_early(estimator: XGBClassifier, x: Any, y: Any, stopping: EarlyStopping, weight: Any = None) -> None:
    parts = inner_parts(x, y, stopping, weight)
    estimator.set_params(early_stopping_rounds=stopping.patience)
    weights = {} if weight is None else {"sample_weight_eval_set": [parts.weight_stop]}
    rows = [(parts.x_stop, parts.y_stop)]
    estimator.fit(parts.x, parts.y, sample_weight=parts.weight, eval_set=rows, verbose=False, **weights)


def _fit_spread(estimator: XGBClassifier, client: Any, x: Any, y: Any) -> XGBClassifier:
    from xgboost import dask

    given = estimator.get_xgb_params() | {"objective": "binary:logistic"}
    params = {name: value for name, value in given.items() if value is not None and name != "n_jobs"}
    bins = {"max_bin": params["max_bin"]} if "max_bin" in params else {}
    rows = dask.DaskQuantileDMatrix(client, x, y, **bins)
    trained = dask.train(client, params, rows, num_boost_round=estimator.get_num_boosting_rounds())
    return _holding(estimator, trained["booster"])


def _holding(estimator: XGBClassifier, booster: Any) -> XGBClassifier:
    """An estimator with the parameters of another one that predicts by this booster."""
    from sklearn.base import clone

    fitted: XGBClassifier = clone(estimator)
    fitted.load_model(bytearray(booster.save_raw("ubj")))
    fitted.set_params(**estimator.get_params())
    return fitted


def _contributions(estimator: XGBClassifier, x: Any) -> Any:
    from xgboost import DMatrix

    stopped_early = estimator.get_params()["early_stopping_rounds"] is not None
    used = (0, estimator.best_iteration + 1) if stopped_early else (0, 0)
    return estimator.get_booster().predict(DMatrix(x), pred_contribs=True, iteration_range=used)[:, :-1]


def _whole(estimator: XGBClassifier) -> Any:
    """The trees that predict, as a booster that remembers nothing of a best round."""
    booster = estimator.get_booster()
    best = booster.attr("best_iteration")  # there after early stopping
    used = booster[: int(best) + 1] if best else booster.copy()
    used.set_attr(best_iteration=None, best_score=None)
    return used


def _more_trees(estimator: XGBClassifier, x: Any, y: Any, rounds: int) -> Any:
    from sklearn.base import clone

    before = _whole(estimator)
    grown = clone(estimator).set_params(n_estimators=rounds, early_stopping_rounds=None)
    grown.fit(x, y, xgb_model=before)
    return grown.set_params(n_estimators=before.num_boosted_rounds() + rounds)


def _new_leaves(estimator: XGBClassifier, x: Any, y: Any, _: int) -> Any:
    from sklearn.base import clone

    before = _whole(estimator)
    refreshing = {"process_type": "update", "updater": "refresh", "refresh_leaf": True, "tree_method": "exact"}
    count = before.num_boosted_rounds()
    found = clone(estimator).set_params(n_estimators=count, early_stopping_rounds=None, **refreshing)
    found.fit(x, y, xgb_model=before)
    return _holding(estimator, found.get_booster())


def _write(estimator: XGBClassifier) -> bytes:
    return bytes(estimator.get_booster().save_raw("ubj"))


def _read(content: bytes) -> Score:
    from xgboost import Booster

    booster = Booster({"nthread": 1}, model_file=bytearray(content))
    best = booster.attr("best_iteration")  # there after early stopping
    return partial(booster.inplace_predict, iteration_range=(0, int(best) + 1 if best else 0))


def _contributions_of(score: Any) -> Contributions:
    from xgboost import DMatrix

    booster, used = score.func.__self__, score.keywords["iteration_range"]
    return lambda x: booster.predict(DMatrix(x, nthread=1), pred_contribs=True, iteration_range=used)[:, :-1]


SPEC = ModelSpec(
    name="XGBoost",
    title="XGBoost",
    note="The published winner on the real data.",
    new=_new,
    takes=("missing", "weights"),
    defaults={"n_estimators": 100, "learning_rate": 0.1, "max_depth": 5},
    space={
        "n_estimators": IntRange(100, 300),
        "learning_rate": FloatRange(0.05, 0.20),
        "max_depth": IntRange(3, 6),
        "subsample": FloatRange(0.8, 1.0),
        "colsample_bytree": FloatRange(0.8, 1.0),
    },
    portfolio=(
        {"learning_rate": 0.05, "max_depth": 4, "subsample": 0.8, "colsample_bytree": 0.7, "n_estimators": 300},
        {"learning_rate": 0.05, "max_depth": 4, "subsample": 0.8, "colsample_bytree": 0.7, "n_estimators": 150},
        {"learning_rate": 0.05, "max_depth": 4, "subsample": 0.8, "colsample_bytree": 0.7, "n_estimators": 600},
        {"learning_rate": 0.03, "max_depth": 8, "min_child_weight": 4.0, "colsample_bytree": 0.5, "n_estimators": 200},
        {"learning_rate": 0.03, "max_depth": 8, "min_child_weight": 4.0, "colsample_bytree": 0.5, "n_estimators": 400},
        {"learning_rate": 0.2, "max_depth": 2, "reg_lambda": 3.0, "n_estimators": 300},
        {
            "learning_rate": 0.05,
            "max_depth": 10,
            "min_child_weight": 20.0,
            "colsample_bytree": 0.6,
            "n_estimators": 200,
        },
        {"learning_rate": 0.1, "max_depth": 6, "gamma": 1.0, "subsample": 0.7, "n_estimators": 200},
    ),
    libraries=("xgboost",),
    workers="threads",
    own_threads="n_jobs",
    own_threads_only_with={"booster": (None, "gbtree", "dart")},  # threads of gblinear overtake each other
    rounds=Rounds("n_estimators", _after, only_with={"booster": (None, "gbtree")}),
    monotone=Monotone("monotone_constraints", tuple, only_with={"booster": (None, "gbtree", "dart")}),
    fit_early=_fit_early,
    fit_spread=_fit_spread,
    contributions=_contributions,
    own_format=OwnFormat(
        "ubj",
        _write,
        _read,
        only_with={"booster": (None, "gbtree", "dart")},
        contributions=_contributions_of,
    ),
    continues=(
        Continuing("trees", "adds trees that correct the old ones on the new rows", _more_trees),
        Continuing("leaves", "keeps the trees and computes their leaves from the new rows alone", _new_leaves),
    ),
    install="pip install xgboost-cpu (on macOS: xgboost)",
    weight=Weight(row=10, value=3.7),
    effort=0.6,
)
