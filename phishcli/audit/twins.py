"""Rows whose features are all equal, and what that means for any classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray


def twins_of(features: pd.DataFrame) -> NDArray[np.int64]:
    """Number the distinct rows of a table; missing values are alike.

    Column by column, only rows that are like another one so far are compared any further: exact, at little memory.

    Parameters
    ----------
    features
        n rows, numbers and categories.

    Returns
    -------
    ndarray of int64, shape (n,)
        Equal numbers where all values are equal, from 0 on.
    """
    n = len(features)
    alike, groups = np.arange(n), np.zeros(n, dtype=np.int64)
    for name in features.columns:
        codes = pd.factorize(features[name].iloc[alike], use_na_sentinel=False)[0].astype(np.int64)
        groups = pd.factorize(groups * (int(codes.max(initial=0)) + 1) + codes)[0]
        shared = np.bincount(groups)[groups] > 1
        alike, groups = alike[shared], groups[shared]
    numbers = np.full(n, -1, dtype=np.int64)
    numbers[alike] = pd.factorize(groups)[0]
    alone = numbers < 0
    numbers[alone] = np.arange(np.count_nonzero(alone)) + (numbers.max(initial=-1) + 1)
    return numbers


@dataclass(frozen=True)
class Ceiling:
    """The best that any function of the features can reach on given rows.

    ``accuracy``, and ``roc_auc`` (None with one class only); ``mixed`` is the number of feature vectors that carry both
    labels, ``mixed_rows`` the rows that have one of these, ``lost`` the rows that must be judged wrongly.
    """

    accuracy: float
    roc_auc: float | None
    mixed: int
    mixed_rows: int
    lost: int


def ceiling(twins: NDArray[np.int64], positive: NDArray[np.bool_]) -> Ceiling:
    """Work out the score ceiling from feature vectors that carry both labels.

    A function gives equal rows the same answer, so that of each vector at best the rows of its more frequent label are
    judged rightly; and no ranking beats the one by the share of positive rows of each vector (Neyman and Pearson 1933:
    the likelihood ratio).

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
    rows, positives = rows[kept], positives[kept]
    lost = np.minimum(positives, rows - positives)
    mixed = lost > 0
    return Ceiling(
        accuracy=1 - float(lost.sum()) / len(twins),
        roc_auc=_best_auc(positives, rows - positives),
        mixed=int(mixed.sum()),
        mixed_rows=int(rows[mixed].sum()),
        lost=int(lost.sum()),
    )


def _best_auc(positives: NDArray[np.float64], negatives: NDArray[np.float64]) -> float | None:
    if not positives.sum() or not negatives.sum():
        return None
    _, level = np.unique(positives / (positives + negatives), return_inverse=True)
    won, lost = np.bincount(level, weights=positives), np.bincount(level, weights=negatives)
    below = np.cumsum(lost) - lost
    return float((won * (below + lost / 2)).sum() / (positives.sum() * negatives.sum()))
