"""How well one column alone tells the classes apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def auc(values: ArrayLike, positive: NDArray[np.bool_]) -> float:
    """The chance that a positive row has a greater value than a negative one; ties count half, 0.5 with one class only.

    Parameters
    ----------
    values
        Shape (n,); missing values count as smaller than all others.
    positive
        Shape (n,).
    """
    numbers = np.asarray(values, dtype=np.float64)
    n_positive = int(np.count_nonzero(positive))
    n_negative = len(positive) - n_positive
    if not n_positive or not n_negative:
        return 0.5
    ranks = rankdata(np.where(np.isnan(numbers), -np.inf, numbers))
    return float((ranks[positive].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def standard_error(n_positive: int, n_negative: int) -> float:
    """The standard error of an AUC of one half (Mann and Whitney 1947, Annals of Mathematical Statistics 18, 50-60)."""
    return float(np.sqrt((n_positive + n_negative + 1) / (12 * max(n_positive, 1) * max(n_negative, 1))))


def ranks_of(values: pd.Series[Any], positive: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Turn a feature into numbers whose order says as much about the class as the feature can.

    Numbers stay what they are. A category becomes the share of positive rows among the *other* half of its rows (those
    at odd positions for even ones, and the other way round), so that rare categories do not look telling by chance.
    """
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    codes = values.cat.codes.to_numpy() + 1
    even = np.arange(len(codes)) % 2 == 0
    shares = np.empty(len(codes))
    for half in (even, ~even):
        rows = np.bincount(codes[~half], minlength=codes.max(initial=0) + 1)
        found = np.bincount(codes[~half], weights=positive[~half], minlength=len(rows))
        shares[half] = ((found + positive.mean()) / (rows + 1))[codes[half]]
    return shares


def commonest(values: pd.Series[Any]) -> tuple[Any, float]:
    """The most frequent value and the share of the rows that have it; None and 0 where all are missing."""
    counted = values.value_counts()
    if not len(counted) or not counted.iloc[0]:
        return None, 0.0
    return counted.index[0], float(counted.iloc[0] / len(values))
