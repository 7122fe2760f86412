"""The score ceiling: the best that any classifier can reach if some rows are equal but differ in their label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Ceiling:
    """The best that any function of the features can reach on given rows.

    ``accuracy``, and ``roc_auc`` (None with one class only); ``mixed`` is the number of feature vectors that carry both
    labels, ``mixed_rows`` the rows that have one of these, ``lost`` the rows that must be misclassified.
    """

    accuracy: float
    roc_auc: float | None
    mixed: int
    mixed_rows: int
    lost: int


def ceiling(twins: NDArray[np.int64], positive: NDArray[np.bool_]) -> Ceiling:
    """Work out the score ceiling from feature vectors that carry both labels.

    A function gives equal rows the same answer, so that of each vector at best the rows of its more frequent label are
    classified correctly; and no ranking beats the one by the share of positive rows of each vector (Neyman and Pearson
    1933: the likelihood ratio).

    Parameters
    ----------
    twins
        Shape (n,), n >= 1: equal numbers where the features are equal.
    positive
        Shape (n,), whether a row is of the positive class.
    """
    rows = np.bincount(twins)
    positives = np.bincount(twins, weights=positive)
    kept = rows > 0
    rows, positives = rows[kept], positives[kept].astype(np.int64)
    lost = np.minimum(positives, rows - positives)
    mixed = lost > 0
    return Ceiling(
        accuracy=(len(twins) - int(lost.sum())) / len(twins),
        roc_auc=_best_auc(positives[mixed], rows[mixed], int(positives.sum()), len(twins)),
        mixed=int(mixed.sum()),
        mixed_rows=int(rows[mixed].sum()),
        lost=int(lost.sum()),
    )


def _best_auc(positives: NDArray[np.int64], rows: NDArray[np.int64], all_positives: int, n: int) -> float | None:
    """Rank mixed vectors by their share of positive rows; all others rank above or below them without an error."""
    all_negatives = n - all_positives
    if not all_positives or not all_negatives:
        return None
    _, level = np.unique(positives / rows, return_inverse=True)
    won = np.bincount(level, weights=positives)
    below = np.cumsum(won) - won / 2  # positive rows that a negative one of this level beats; half of those that tie
    beaten = float((np.bincount(level, weights=rows - positives) * below).sum())
    return 1 - beaten / (all_positives * all_negatives)
