"""Random forest: many deep trees on resampled rows, averaged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from phishcli.models.abilities import Continuing, Monotone, Rounds, ShouldContinue, Weight
from phishcli.models.space import Choice, IntRange, Space
from phishcli.models.spec import ModelSpec
from phishcli.models.staged import more_rounds

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier


def _new(seed: int) -> RandomForestClassifier:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(random_state=seed, n_jobs=1)


def after(estimator: Any, x: Any, counts: Sequence[int]) -> list[Any]:
    """Add up the trees in their order, as the forest does on one thread."""
    import numpy as np

    found, total = [], np.zeros(len(x))
    for count, tree in enumerate(estimator.estimators_[: max(counts)], start=1):
        total += tree.predict_proba(x, check_input=False)[:, 1]
        if count in counts:
            found.append(total / count)
    return found


def grow(
    estimator: Any,
    x: Any,
    y: Any,
    checkpoints: Sequence[int],
    should_continue: ShouldContinue,
    weight: Any = None,
) -> bool:
    """Grow in steps, with ``warm_start``, which adds the very trees that one fit would."""
    last = estimator.get_params()["n_estimators"]
    estimator.set_params(warm_start=True)
    for count in checkpoints:
        estimator.set_params(n_estimators=count).fit(x, y, sample_weight=weight)
        if not should_continue(lambda held_out: after(estimator, held_out, [count])[0]):  # noqa: B023 (called at once)
            return False
    estimator.set_params(n_estimators=last).fit(x, y, sample_weight=weight)
    estimator.set_params(warm_start=False)
    return True


SPACE: Mapping[str, Space] = {
    "n_estimators": IntRange(50, 300),
    "max_depth": Choice((5, 10, 15, 20, None)),
    "min_samples_split": IntRange(2, 9),
    "min_samples_leaf": IntRange(1, 4),
    "max_features": Choice(("sqrt", "log2", None)),
}
ROUNDS = Rounds(
    "n_estimators",
    after,
    grow,
    averages=True,
    only_with={"class_weight": (None,), "oob_score": (False,)},  # else scikit-learn warns of growing in steps
)
"""Of any forest of scikit-learn."""

CONTINUES = (Continuing("trees", "adds trees that are grown on the new rows", more_rounds("n_estimators")),)

SPEC = ModelSpec(
    name="RandomForest",
    title="Random Forest",
    note="Robust without tuning; leaves hold two rows or more, and a tree at most 500 leaves (decision 29).",
    new=_new,
    takes=("missing", "weights"),
    defaults={"n_estimators": 100, "max_leaf_nodes": 500, "min_samples_leaf": 2},
    space=SPACE,
    portfolio=(
        {"n_estimators": 300, "max_features": 0.3, "min_samples_leaf": 2},
        {"n_estimators": 200, "max_features": 0.6, "min_samples_leaf": 5},
        {"n_estimators": 300, "criterion": "entropy", "max_features": "log2", "min_samples_leaf": 1},
        {"n_estimators": 300, "max_leaf_nodes": None, "min_samples_leaf": 1},
        {"n_estimators": 200, "max_depth": 10, "max_leaf_nodes": None, "min_samples_leaf": 1},
    ),
    workers="threads",
    own_threads="n_jobs",
    monotone=Monotone("monotonic_cst"),
    rounds=ROUNDS,
    weight=Weight(row=120, value=0),
    continues=CONTINUES,
    effort=3.0,
)
