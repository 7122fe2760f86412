"""A small neural network (multi-layer perceptron)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.models.abilities import Continuing, Weight
from phishcli.models.naive_bayes import one_pass
from phishcli.models.space import Choice, FloatRange
from phishcli.models.spec import ModelSpec

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


def _new(seed: int) -> Pipeline:
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import QuantileTransformer

    scale = QuantileTransformer(n_quantiles=100, random_state=seed)
    return Pipeline([("scale", scale), ("model", MLPClassifier(random_state=seed))])


SPEC = ModelSpec(
    name="NeuralNetwork",
    title="Neural Network",
    note="One hidden layer; features are mapped to quantiles; stops early on a tenth of its own training rows.",
    new=_new,
    weights_as="model__sample_weight",
    defaults={"hidden_layer_sizes": (64,), "early_stopping": True, "max_iter": 200},
    space={
        "hidden_layer_sizes": Choice(((32,), (64,), (128,), (64, 32))),
        "alpha": FloatRange(1e-6, 1e-1, log=True),
        "learning_rate_init": FloatRange(1e-4, 1e-2, log=True),
    },
    portfolio=(
        {"hidden_layer_sizes": (128,), "alpha": 1e-2, "learning_rate_init": 1e-3},
        {"hidden_layer_sizes": (64, 32), "alpha": 1e-3, "learning_rate_init": 3e-3},
        {"hidden_layer_sizes": (256, 128), "alpha": 1e-1, "learning_rate_init": 3e-4},
        {"hidden_layer_sizes": (32,), "alpha": 1e-1, "learning_rate_init": 1e-2},
    ),
    prefix="model__",
    complexity=3,
    in_blocks=256,
    weight=Weight(row=50, value=16),
    continues=(Continuing("passes", "makes one pass over the new rows", one_pass),),
    effort=1.5,
)
