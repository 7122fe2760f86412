"""Gradient boosting in scikit-learn's exact form: every split point of every feature is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phishcli.models.growth import by_warm_start, staged
from phishcli.models.spec import EarlyStopping, FloatRange, IntRange, ModelSpec, Rounds

if TYPE_CHECKING:
    from sklearn.ensemble import GradientBoostingClassifier


def _new(seed: int) -> GradientBoostingClassifier:
    from sklearn.ensemble import GradientBoostingClassifier

    return GradientBoostingClassifier(random_state=seed)


def _fit_early(estimator: GradientBoostingClassifier, x: Any, y: Any, stopping: EarlyStopping) -> None:
    """It cuts the rows to stop by itself, stratified, out of the rows it is given."""
    estimator.set_params(n_iter_no_change=stopping.patience, validation_fraction=stopping.share, tol=0.0)
    estimator.fit(x, y)


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
    workers="threads",
    rounds=Rounds("n_estimators", staged, by_warm_start("n_estimators")),
    fit_early=_fit_early,
)
