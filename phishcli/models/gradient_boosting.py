"""Gradient boosting in scikit-learn's exact form: every split point of every feature is tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from phishcli.models.abilities import Continuing, EarlyStopping, Rounds, ShouldContinue, Weight
from phishcli.models.space import FloatRange, IntRange
from phishcli.models.spec import ModelSpec
from phishcli.models.staged import more_rounds, staged

if TYPE_CHECKING:
    from sklearn.ensemble import GradientBoostingClassifier


def _new(seed: int) -> GradientBoostingClassifier:
    from sklearn.ensemble import GradientBoostingClassifier

    return GradientBoostingClassifier(random_state=seed)


def _grow(
    estimator: GradientBoostingClassifier,
    x: Any,
    y: Any,
    checkpoints: Sequence[int],
    should_continue: ShouldContinue,
    weight: Any = None,
) -> bool:
    """Ask in the monitor that scikit-learn calls after each round; staged prediction resumes where it was."""
    stages: Iterator[Any] = iter(())
    stopped, seen, rounds = False, 0, 0

    def predict(held_out: Any) -> Any:
        nonlocal stages
        if not seen:
            stages = iter(estimator.staged_predict_proba(held_out))
        return next(islice(stages, rounds - seen - 1, None))[:, 1]

    def monitor(done: int, *_: Any) -> bool:
        nonlocal stopped, seen, rounds
        rounds = done + 1
        if rounds in checkpoints:
            stopped = not should_continue(predict)
            seen = rounds
        return stopped

    estimator.fit(x, y, sample_weight=weight, monitor=monitor)
    return not stopped


def _fit_early(
    estimator: GradientBoostingClassifier, x: Any, y: Any, stopping: EarlyStopping, weight: Any = None
) -> None:
    """Stop early by rows that scikit-learn itself holds out, stratified."""
    estimator.set_params(n_iter_no_change=stopping.patience, validation_fraction=stopping.share, tol=0.0)
    estimator.fit(x, y, sample_weight=weight)


SPEC = ModelSpec(
    name="GradientBoosting",
    title="Gradient Boosting",
    note="Exact and therefore slow on many rows; HistGradientBoosting, XGBoost and LightGBM bin the features instead.",
    new=_new,
    defaults={"n_estimators": 100, "learning_rate": 0.1, "max_depth": 5},
    space={
        "n_estimators": IntRange(50, 300),
        "learning_rate": FloatRange(0.01, 0.31),
        "max_depth": IntRange(3, 9),
        "min_samples_split": IntRange(2, 9),
        "min_samples_leaf": IntRange(1, 4),
    },
    portfolio=(
        {"learning_rate": 0.05, "max_depth": 4, "subsample": 0.8, "max_features": 0.5, "n_estimators": 200},
        {"learning_rate": 0.05, "max_depth": 4, "subsample": 0.8, "max_features": 0.5, "n_estimators": 100},
        {"learning_rate": 0.1, "max_depth": 2, "subsample": 0.8, "n_estimators": 300},
        {"learning_rate": 0.05, "max_depth": 7, "min_samples_leaf": 20, "subsample": 0.7, "n_estimators": 150},
    ),
    workers="threads",
    rounds=Rounds("n_estimators", staged, _grow, only_with={"n_iter_no_change": (None,)}),
    fit_early=_fit_early,
    weight=Weight(row=100, value=4, slow=3_900),
    continues=(
        Continuing("trees", "adds trees that correct the old ones on the new rows", more_rounds("n_estimators")),
    ),
    effort=12.0,
)
