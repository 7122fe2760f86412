"""Nearest neighbors: a row is classified by the most similar training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.models.abilities import Weight
from phishcli.models.space import Choice, IntRange
from phishcli.models.spec import ModelSpec

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


def _new(seed: int) -> Pipeline:
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import QuantileTransformer

    scale = QuantileTransformer(n_quantiles=100, random_state=seed)
    return Pipeline([("scale", scale), ("model", KNeighborsClassifier(n_jobs=1))])


SPEC = ModelSpec(
    name="KNN",
    title="k-Nearest Neighbors",
    note="Features are mapped to quantiles, so that heavy tails do not dominate the distances.",
    new=_new,
    takes=(),
    defaults={"n_neighbors": 15, "weights": "uniform"},
    space={"n_neighbors": IntRange(3, 60), "weights": Choice(("uniform", "distance")), "p": Choice((1, 2))},
    portfolio=(
        {"n_neighbors": 30, "weights": "distance", "p": 1},
        {"n_neighbors": 7, "weights": "distance", "p": 1},
        {"n_neighbors": 50, "p": 1},
        {"n_neighbors": 4, "weights": "distance", "p": 2},
    ),
    prefix="model__",
    in_blocks=64,
    weight=Weight(row=100, value=0, slow=9_900),
    effort=0.2,
    quadratic=True,
)
