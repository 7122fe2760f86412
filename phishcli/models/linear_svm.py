"""Linear support vector machine, calibrated to give probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.models.abilities import Weight
from phishcli.models.space import FloatRange
from phishcli.models.spec import ModelSpec

if TYPE_CHECKING:
    from sklearn.calibration import CalibratedClassifierCV


def _new(seed: int) -> CalibratedClassifierCV:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import LinearSVC

    return CalibratedClassifierCV(LinearSVC(random_state=seed, dual=False), ensemble=False, cv=3)


SPEC = ModelSpec(
    name="LinearSVM",
    title="Linear SVM",
    note="For wide tables and texts; Platt scaling on 3 inner folds. Time grows in proportion to the rows, unlike SVM.",
    new=_new,
    defaults={"C": 1.0},
    space={"C": FloatRange(1e-3, 100.0, log=True)},
    portfolio=({"C": 0.1}, {"C": 10.0}, {"C": 0.01}),
    prefix="estimator__",
    dtype="float64",
    complexity=1,
    in_blocks=256,
    weight=Weight(row=100, value=24),
    effort=0.2,
)
