"""Which rows no allowed change can flip: all changes lie in a box, whose worst point is found or bounded.

Where the probability moves one way with every column of the box, its worst point is a corner, and one prediction tells
it exactly. Otherwise the lowest leaves that the box reaches, tree by tree, are a sound bound. A budget limits each
column as if all of it were spent there alone: the box then holds all changes within the budget, and more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from phishcli.models.bounds import ROUNDING, NoBounds, bounds_of
from phishcli.models.monotone import is_linear, signs_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.evasion import Method
    from phishcli.evasion.levers import Lever
    from phishcli.models.own_format import PositiveClass

    Floats = NDArray[np.float64]
    Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Certificate:
    """The lowest scores that changes of n rows within a budget can lead to, shape (n,), and how that is known."""

    method: Method | None
    lowest: Floats | None = None
    why: str = ""


def box(matrix: Matrix, levers: Sequence[Lever], budget: float) -> tuple[Matrix, Matrix]:
    """The lowest and the highest value of each column of the matrix within a budget, shape (n, k) each."""
    low, high = matrix.copy(), matrix.copy()
    for lever in levers:
        reached = _reached(lever, budget)[:, :, None]
        encoded = np.broadcast_to(lever.encoded, (len(matrix), *lever.encoded.shape))
        least = np.where(reached, encoded, np.inf).min(axis=1)
        most = np.where(reached, encoded, -np.inf).max(axis=1)
        low[:, lever.places] = np.minimum(low[:, lever.places], least)
        high[:, lever.places] = np.maximum(high[:, lever.places], most)
    return low, high


def _reached(lever: Lever, budget: float) -> NDArray[np.bool_]:
    """The values that a budget buys, shape (n, m); of numbers the next ones as well, as those between count.

    Any change of a number costs a step at least, so that a budget below buys none.
    """
    had = np.isfinite(lever.costs)
    reached = had & (lever.costs <= budget)
    least = 0.0 if lever.per == "unit" else lever.how.cost
    if not lever.is_number or budget < least:
        return reached
    wider = reached.copy()
    wider[:, 1:] |= reached[:, :-1]
    wider[:, :-1] |= reached[:, 1:]
    return (wider | _nearest(lever)) & had


def _nearest(lever: Lever) -> NDArray[np.bool_]:
    """The next values on either side of that of each row."""
    places = np.arange(len(lever.options))
    above = np.searchsorted(lever.options, lever.own, "right")
    below = np.searchsorted(lever.options, lever.own, "left") - 1
    found: NDArray[np.bool_] = (places == above[:, None]) | (places == below[:, None])
    return found


def certify(
    name: str, score: PositiveClass, matrix: Matrix, levers: Sequence[Lever], budgets: Sequence[float]
) -> list[Certificate]:
    """Certify n rows at several budgets.

    Parameters
    ----------
    name, score
        The model.
    matrix
        The rows as the model sees them.
    levers
        What can be changed.
    budgets
        What changes may cost, one after the other.

    Returns
    -------
    list of Certificate
        One for each budget.
    """
    if not len(matrix):
        return [Certificate(None, why="it catches no row")] * len(budgets)
    signs = signs_of(name, score.estimator, matrix.shape[1])
    places = np.unique(np.concatenate([np.empty(0, dtype=np.intp), *(lever.places for lever in levers)]))
    known = not np.isnan(matrix[:, places]).any()  # no direction says what filling in a missing value does
    if known and np.all(signs[places] != 0):
        method: Method = "linear" if is_linear(score.estimator, matrix.shape[1]) else "corner"
        return [Certificate(method, _at_corner(score, signs, *box(matrix, levers, each))) for each in budgets]
    try:
        bounds = bounds_of(score, matrix.shape[1])
    except NoBounds as none:
        return [Certificate(None, why=str(none))] * len(budgets)
    return [Certificate("trees", bounds(*_narrowed(signs, *box(matrix, levers, each)))[0]) for each in budgets]


def _at_corner(score: PositiveClass, signs: NDArray[np.int8], low: Matrix, high: Matrix) -> Floats:
    corner = np.where(signs >= 0, low, high).astype(np.float32)
    return np.asarray(score(corner), dtype=np.float64) - ROUNDING


def _narrowed(signs: NDArray[np.int8], low: Matrix, high: Matrix) -> tuple[Matrix, Matrix]:
    """The part of a box that holds its worst points: columns with a known direction stand at their worst end."""
    return np.where(signs < 0, high, low), np.where(signs > 0, low, high)
