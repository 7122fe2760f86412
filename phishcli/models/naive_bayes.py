"""Gaussian naive Bayes: features are taken as independent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from phishcli.models.abilities import Continuing
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


def one_pass(estimator: Any, x: Any, y: Any, _: int) -> Any:
    """Go once over further rows with the last step of a pipeline; the steps before it stay as they are."""
    from copy import deepcopy

    further = deepcopy(estimator)
    scale, model = further.named_steps["scale"], further.named_steps["model"]
    stops = {"early_stopping": True} if model.get_params().get("early_stopping") else {}
    if stops:  # which one pass cannot, and after which the best loss is not known
        model.set_params(early_stopping=False).best_loss_ = math.inf
    model.partial_fit(scale.transform(x), y).set_params(**stops)
    return further


SPEC = ModelSpec(
    name="NaiveBayes",
    title="Naive Bayes",
    note="Features are mapped to normal quantiles, since each is assumed to be normal. Its ranking is better than its "
    "probabilities, which are overconfident.",
    new=_new,
    weights_as="model__sample_weight",
    defaults={"var_smoothing": 1e-9},
    space={"var_smoothing": FloatRange(1e-12, 1e-1, log=True)},
    portfolio=({"var_smoothing": 1e-2}, {"var_smoothing": 1e-4}, {"var_smoothing": 1e-1}),
    prefix="model__",
    dtype="float64",
    weight=None,
    fit_blocks=_fit_blocks,
    complexity=1,
    in_blocks=256,
    continues=(Continuing("passes", "adds the new rows to the means and variances", one_pass),),
    effort=0.1,
)
