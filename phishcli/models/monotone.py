"""Models whose probability may only rise, or only fall, with some columns of the matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.models.view import without_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.models.spec import ModelSpec


def asks_for_constraints(spec: ModelSpec, params: Mapping[str, Any]) -> bool:
    """Whether parameters hold constraints by column, which `constrained` has to bring into another form."""
    return spec.monotone is not None and isinstance(params.get(spec.monotone.parameter), Mapping)


def constrained(
    spec: ModelSpec, params: Mapping[str, Any], x: NDArray[np.float32], y: NDArray[np.int8]
) -> Mapping[str, Any]:
    """Bring constraints by column into the form that a library takes: one number for each column of the matrix.

    Parameters
    ----------
    spec, params
        The model and its parameters; constraints that a user gave as the library has them stay as they are.
    x, y
        What it is fitted on, shape (n, k) and (n,).
    """
    asked = params.get(spec.monotone.parameter) if spec.monotone else None
    if spec.monotone is None or not isinstance(asked, Mapping):
        return params
    signs = [0] * x.shape[1]
    for place, sign in asked.items():
        signs[int(place)] = _suggested(x[:, int(place)], y) if sign == "data" else int(sign)
    return {**params, spec.monotone.parameter: spec.monotone.form(signs)}


def _suggested(values: NDArray[np.float32], y: NDArray[np.int8]) -> int:
    """1 if positive rows tend to have the higher values, else -1: the sign of the rank correlation."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return 1 if float(np.dot(ranks - ranks.mean(), y - y.mean())) >= 0 else -1


def signs_of(name: str, estimator: Any, width: int) -> NDArray[np.int8]:
    """Which way the probability of a fitted estimator goes with each column: 1, -1, or 0 where it may do both.

    Parameters
    ----------
    name
        The name of the model.
    estimator
        The fitted estimator.
    width
        The number of columns of its matrix.
    """
    from phishcli.models import find
    from phishcli.models.mean import model_of

    inner, places = without_view(estimator)
    if places is not None:
        found = np.ones(width, dtype=np.int8)  # what a model does not see moves it neither way
        found[list(places)] = signs_of(name, inner, len(places))
        return found
    if hasattr(estimator, "names") and hasattr(estimator, "models"):
        members = zip(estimator.names, estimator.models, strict=True)
        signs = np.array([signs_of(model_of(member), model, width) for member, model in members])
        signs = signs * np.sign(estimator.weights).astype(np.int8)[:, None]  # of a second level some are negative
        return np.where((signs == signs[0]).all(axis=0), signs[0], 0).astype(np.int8)
    if is_linear(estimator, width):
        return np.where(estimator.coef_[0] >= 0, 1, -1).astype(np.int8)
    params, spec = estimator.get_params(), find(name)
    given = None
    if spec is not None and spec.monotone is not None and spec.monotone.holds(params):
        given = params.get(spec.monotone.parameter)
    if not isinstance(given, list | tuple | np.ndarray) or len(given) != width:
        return np.zeros(width, dtype=np.int8)
    return np.array([int(sign) for sign in given], dtype=np.int8)


def is_linear(estimator: Any, width: int) -> bool:
    """Whether the probability of an estimator goes with a weighted sum of its columns."""
    inner, places = without_view(estimator)
    seen = width if places is None else len(places)
    return hasattr(inner, "coef_") and np.shape(inner.coef_) == (1, seen)
