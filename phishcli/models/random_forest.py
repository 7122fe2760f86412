"""Random forest: many deep trees on resampled rows, averaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.models.spec import Choice, IntRange, ModelSpec

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier


def _new(seed: int) -> RandomForestClassifier:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(random_state=seed, n_jobs=1)


SPEC = ModelSpec(
    name="RandomForest",
    title="Random Forest",
    note="Robust without tuning; the depth is bounded so that leaves hold more than single rows.",
    new=_new,
    defaults={"n_estimators": 100, "max_depth": 10},
    space={
        "n_estimators": IntRange(50, 300),
        "max_depth": Choice((5, 10, 15, 20, None)),
        "min_samples_split": IntRange(2, 9),
        "min_samples_leaf": IntRange(1, 4),
        "max_features": Choice(("sqrt", "log2", None)),
    },
)
