"""Gradient boosting on binned features: scikit-learn's fast form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from phishcli.models.abilities import Continuing, EarlyStopping, Monotone, Rounds, Weight
from phishcli.models.space import FloatRange, IntRange
from phishcli.models.spec import ModelSpec
from phishcli.models.staged import inner_parts, more_rounds, staged

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier


def _new(seed: int) -> HistGradientBoostingClassifier:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(random_state=seed)


def _with_categories(
    estimator: HistGradientBoostingClassifier, places: Sequence[int]
) -> tuple[HistGradientBoostingClassifier, dict[str, Any]]:
    return estimator.set_params(categorical_features=list(places)), {}


def _fit_early(
    estimator: HistGradientBoostingClassifier, x: Any, y: Any, stopping: EarlyStopping, weight: Any = None
) -> None:
    parts = inner_parts(x, y, stopping, weight)
    estimator.set_params(early_stopping=True, n_iter_no_change=stopping.patience, tol=0.0)
    rows = {"X_val": parts.x_stop, "y_val": parts.y_stop, "sample_weight_val": parts.weight_stop}
    estimator.fit(parts.x, parts.y, sample_weight=parts.weight, **rows)


SPEC = ModelSpec(
    name="HistGradientBoosting",
    title="Hist Gradient Boosting",
    note="Early stopping is off: 'auto' turns it on above 10,000 rows, so folds and the final fit could differ.",
    new=_new,
    takes=("missing", "categories", "weights"),
    with_categories=_with_categories,
    defaults={"max_iter": 100, "learning_rate": 0.1, "early_stopping": False},
    space={
        "max_iter": IntRange(50, 300),
        "learning_rate": FloatRange(0.01, 0.3, log=True),
        "max_leaf_nodes": IntRange(7, 63),
        "min_samples_leaf": IntRange(5, 50),
        "l2_regularization": FloatRange(1e-3, 10.0, log=True),
    },
    portfolio=(
        {"learning_rate": 0.05, "max_leaf_nodes": 15, "l2_regularization": 1.0, "max_features": 0.6, "max_iter": 200},
        {"learning_rate": 0.05, "max_leaf_nodes": 15, "l2_regularization": 1.0, "max_features": 0.6, "max_iter": 100},
        {"learning_rate": 0.05, "max_leaf_nodes": 15, "l2_regularization": 1.0, "max_features": 0.6, "max_iter": 400},
        {"learning_rate": 0.1, "max_depth": 3, "min_samples_leaf": 10, "max_iter": 200},
        {"learning_rate": 0.03, "max_leaf_nodes": 63, "min_samples_leaf": 40, "max_features": 0.4, "max_iter": 200},
        {"learning_rate": 0.2, "max_leaf_nodes": 8, "l2_regularization": 10.0, "max_iter": 100},
    ),
    own_threads="openmp",
    rounds=Rounds("max_iter", staged, only_with={"early_stopping": (False,)}),
    monotone=Monotone("monotonic_cst"),
    fit_early=_fit_early,
    weight=Weight(row=60, value=11),
    continues=(Continuing("trees", "adds trees that correct the old ones on the new rows", more_rounds("max_iter")),),
    effort=0.8,
)
