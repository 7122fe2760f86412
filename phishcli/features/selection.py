"""Which outputs of the encoder are kept: ranked on training rows alone, separately in each fold."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.tables.table import spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.features import SelectBy, Strategy

    Matrix = NDArray[np.float32]
    Scores = NDArray[np.float64]

LOOKED_AT: dict[SelectBy, int] = {"variance": 200_000, "information": 10_000, "model": 50_000}
"""Training rows that outputs are ranked by."""
TREES = 100
SMALLEST = 5
"""Rows of a leaf."""


def sampled(strategy: Strategy, n: int) -> NDArray[np.intp]:
    """The places of the training rows that outputs are ranked by."""
    return spread(n, LOOKED_AT[strategy.select])


def kept_places(strategy: Strategy, matrix: Matrix, y: NDArray[np.int8], discrete: NDArray[np.bool_]) -> list[int]:
    """Rank the outputs, and give the places of those that are kept, rising.

    Parameters
    ----------
    strategy
        By what they are ranked, and how many are kept.
    matrix
        The outputs of n training rows, shape (n, k); what was learned from labels is cross-fitted.
    y
        The classes of the rows, shape (n,).
    discrete
        Which outputs have a few values only, shape (k,).
    """
    scores = SCORES[strategy.select](matrix, y, discrete)
    best = np.argsort(-scores, kind="stable")[: number_kept(strategy.keep, matrix.shape[1])]
    return sorted(best.tolist())


def number_kept(keep: float, width: int) -> int:
    """How many of ``width`` outputs are kept: ``keep`` of them, or that share of them if it is below 1."""
    return min(max(round(keep * width) if keep < 1 else int(keep), 1), width)


def _variances(matrix: Matrix, _: Any, __: Any) -> Scores:
    found: Scores = np.nanvar(matrix.astype(np.float64), axis=0)
    return np.nan_to_num(found)


def _informations(matrix: Matrix, y: NDArray[np.int8], discrete: NDArray[np.bool_]) -> Scores:
    """Mutual information with the class, of numbers by their nearest neighbors (Ross 2014, PLoS ONE 9, e87357)."""
    from sklearn.feature_selection import mutual_info_classif

    found: Scores = mutual_info_classif(_without_gaps(matrix), y, discrete_features=discrete, random_state=0)
    return found


def _importances(matrix: Matrix, y: NDArray[np.int8], _: Any) -> Scores:
    """How much the splits of extremely randomized trees gain by each (Geurts et al. 2006, Mach. Learn. 63, 3-42)."""
    from sklearn.ensemble import ExtraTreesClassifier

    forest = ExtraTreesClassifier(n_estimators=TREES, min_samples_leaf=SMALLEST, random_state=0, n_jobs=1)
    found: Scores = forest.fit(_without_gaps(matrix), y).feature_importances_
    return found


def _without_gaps(matrix: Matrix) -> Matrix:
    """A missing value is one below all others."""
    gaps = np.isnan(matrix)
    if not gaps.any():
        return matrix
    lowest = np.where(gaps, np.float32(0), matrix).min(axis=0)
    return np.where(gaps, lowest - 1, matrix)


SCORES: dict[SelectBy, Callable[[Matrix, NDArray[np.int8], NDArray[np.bool_]], Scores]] = {
    "variance": _variances,
    "information": _informations,
    "model": _importances,
}
