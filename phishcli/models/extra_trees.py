"""Extremely randomized trees: a forest whose trees split at random thresholds on all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.models.random_forest import after, grow
from phishcli.models.space import Choice, IntRange
from phishcli.models.spec import ModelSpec, Rounds

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesClassifier


def _new(seed: int) -> ExtraTreesClassifier:
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(random_state=seed, n_jobs=1)


SPEC = ModelSpec(
    name="ExtraTrees",
    title="Extra Trees",
    note="A forest that differs from RandomForest enough to help an ensemble; bounded by its leaves like that one.",
    new=_new,
    defaults={"n_estimators": 100, "max_leaf_nodes": 500, "min_samples_leaf": 2},
    space={
        "n_estimators": IntRange(50, 300),
        "max_depth": Choice((5, 10, 15, 20, None)),
        "min_samples_split": IntRange(2, 9),
        "min_samples_leaf": IntRange(1, 4),
        "max_features": Choice(("sqrt", "log2", None)),
    },
    workers="threads",
    own_threads="n_jobs",
    rounds=Rounds(
        "n_estimators",
        after,
        grow,
        averages=True,
        only_with={"class_weight": (None,), "oob_score": (False,)},  # else scikit-learn warns of growing in steps
    ),
)
