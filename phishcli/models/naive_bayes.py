"""Gaussian naive Bayes: features are taken as independent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phishcli.models.space import FloatRange
from phishcli.models.spec import ModelSpec

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


def _new(seed: int) -> Pipeline:
    from sklearn.naive_bayes import GaussianNB
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import QuantileTransformer

    scale = QuantileTransformer(n_quantiles=100, output_distribution="normal", random_state=seed)
    return Pipeline([("scale", scale), ("model", GaussianNB())])


def _fit_blocks(estimator: Pipeline, x: Any, y: Any) -> bool:
    from phishcli.models.large import fit_bayes

    if estimator.named_steps["model"].priors is not None:
        return False
    fit_bayes(estimator, x, y)
    return True


SPEC = ModelSpec(
    name="NaiveBayes",
    title="Naive Bayes",
    note="Features are mapped to normal quantiles, since each is assumed to be normal. Its ranking is better than its "
    "probabilities, which are overconfident.",
    new=_new,
    defaults={"var_smoothing": 1e-9},
    space={"var_smoothing": FloatRange(1e-12, 1e-1, log=True)},
    prefix="model__",
    dtype="float64",
    weight=None,
    fit_blocks=_fit_blocks,
    complexity=1,
    in_blocks=256,
)
