"""Support vector machine with an RBF kernel, calibrated to give probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.models.abilities import Weight
from phishcli.models.space import FloatRange
from phishcli.models.spec import ModelSpec

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


def _new(seed: int) -> Pipeline:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import QuantileTransformer
    from sklearn.svm import SVC

    scale = QuantileTransformer(n_quantiles=100, random_state=seed)
    machine = CalibratedClassifierCV(SVC(random_state=seed), ensemble=False, cv=3)
    return Pipeline([("scale", scale), ("model", machine)])


SPEC = ModelSpec(
    name="SVM",
    title="SVM",
    note="Features are mapped to quantiles, so that heavy tails do not dominate the distances; Platt scaling on 3 "
    "inner folds, since scikit-learn 1.9 deprecates SVC(probability=True). Time grows with the square of the rows.",
    new=_new,
    weights_as="model__sample_weight",
    defaults={"C": 1.0, "kernel": "rbf", "gamma": "scale"},
    space={"C": FloatRange(0.1, 100.0, log=True), "gamma": FloatRange(1e-3, 1.0, log=True)},
    portfolio=(
        {"C": 10.0, "gamma": 0.1},
        {"C": 1.0, "gamma": 1.0},
        {"C": 100.0, "gamma": 0.01},
        {"C": 3.0, "gamma": 0.03},
    ),
    prefix="model__estimator__",
    workers="threads",
    complexity=3,
    weight=Weight(row=100, value=0, slow=9_900),
    effort=5.5,
    quadratic=True,
)
