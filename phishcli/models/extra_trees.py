"""Extremely randomized trees: a forest whose trees split at random thresholds on all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.models.abilities import Monotone, Weight
from phishcli.models.random_forest import CONTINUES, ROUNDS, SPACE
from phishcli.models.spec import ModelSpec

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesClassifier


def _new(seed: int) -> ExtraTreesClassifier:
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(random_state=seed, n_jobs=1)


SPEC = ModelSpec(
    name="ExtraTrees",
    title="Extra Trees",
    note="A forest that differs from RandomForest enough to help an ensemble; limited by its leaves in the same way.",
    new=_new,
    takes=("missing", "weights"),
    defaults={"n_estimators": 100, "max_leaf_nodes": 500, "min_samples_leaf": 2},
    space=SPACE,
    portfolio=(
        {"n_estimators": 300, "max_features": 0.6, "min_samples_leaf": 2},
        {"n_estimators": 300, "criterion": "entropy", "max_features": None, "min_samples_leaf": 4},
        {"n_estimators": 300, "max_leaf_nodes": None, "min_samples_leaf": 1},
        {"n_estimators": 200, "max_features": 0.3, "min_samples_leaf": 10},
    ),
    workers="threads",
    own_threads="n_jobs",
    monotone=Monotone("monotonic_cst"),
    rounds=ROUNDS,
    weight=Weight(row=120, value=0),
    continues=CONTINUES,
    effort=0.8,
)
