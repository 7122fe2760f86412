"""Models of scikit-learn as data: written and read by skops, with a fixed list of types, so that reading runs no code.

The list lives here and never in a file: what a file says of itself proves nothing. skops is the extra ``safe``; without
it a release holds pickles only, which its manifest vouches for.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from phishcli.errors import PersistError

SUFFIX = ".skops"
TRUSTED: dict[str, tuple[str, ...]] = {
    "ExtraTrees": ("sklearn.tree._tree.Tree",),
    "GradientBoosting": ("sklearn.tree._tree.Tree",),
    "HistGradientBoosting": ("sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",),
    "KNN": (
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.metrics._dist_metrics.ManhattanDistance64",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
    ),
    "LinearSVM": ("sklearn.calibration._CalibratedClassifier", "sklearn.calibration._SigmoidCalibration"),
    "LogisticRegression": (),
    "NaiveBayes": (),
    "NeuralNetwork": (
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    ),
    "RandomForest": ("sklearn.tree._tree.Tree",),
    "SVM": ("sklearn.calibration._CalibratedClassifier", "sklearn.calibration._SigmoidCalibration"),
}
"""Types of each model beyond those that skops knows to be harmless: all hold arrays and numbers."""


def file_of(model: str) -> str:
    """The name of the file that holds a model."""
    return f"{model}_model{SUFFIX}"


def is_installed() -> bool:
    """Whether skops is there."""
    return find_spec("skops") is not None


def written(model: str, estimator: Any) -> bytes | None:
    """Write a fitted model as data; None where skops is not installed, or the model has types that are not listed."""
    if model not in TRUSTED or not is_installed():
        return None
    from skops import io

    content: bytes = io.dumps(estimator)
    return content if set(io.get_untrusted_types(data=content)) <= set(TRUSTED[model]) else None


def read(model: str, content: bytes) -> Any:
    """Read a model; its types are looked at before anything is made.

    Raises
    ------
    PersistError
        When it holds a type that is not listed, or is no such file.
    """
    from skops import io

    try:
        strange = set(io.get_untrusted_types(data=content)) - set(TRUSTED.get(model, ()))
    except Exception as error:  # whatever a damaged archive raises
        raise PersistError(f"{file_of(model)} cannot be read ({type(error).__name__})") from error
    if strange:
        what = f"{file_of(model)} holds types that are not trusted: {', '.join(sorted(strange))}"
        raise PersistError(what, hint="Do not use this release; write it again with phish persist")
    return io.loads(content, trusted=list(TRUSTED[model]))
