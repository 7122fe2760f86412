"""How well one column alone ranks the classes, and whether that may be chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import gammaln
from scipy.stats import rankdata

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CLEAR = 5
"""Standard errors from one half that rule out chance, even with a thousand columns."""
BY_CHANCE = 1e-9
"""The probability below which a separation without an error is no chance, over all columns."""
REPEATED = 0.5
"""Numbers of more different values than this share of the rows are no codes."""
BINS = 50
"""Numbers are binned into so many parts of about equal size, to find what first rises and then falls."""


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
    return _area(lambda: rankdata(np.where(np.isnan(numbers), -np.inf, numbers)), positive)


def auc_of_position(positive: NDArray[np.bool_]) -> float:
    """The AUC of the position of the rows: below one half where positive rows come first."""
    return _area(lambda: np.arange(1.0, len(positive) + 1), positive)


def _area(ranks: Any, positive: NDArray[np.bool_]) -> float:
    n_positive = int(np.count_nonzero(positive))
    n_negative = len(positive) - n_positive
    if not n_positive or not n_negative:
        return 0.5
    return float((ranks()[positive].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def standard_error(n_positive: int, n_negative: int) -> float:
    """The standard error of an AUC of one half (Mann and Whitney 1947, Annals of Mathematical Statistics 18, 50-60)."""
    return float(np.sqrt((n_positive + n_negative + 1) / (12 * max(n_positive, 1) * max(n_negative, 1))))


def beyond_chance(area: float, positive: NDArray[np.bool_], *, far: float = 0.0) -> bool:
    """Whether an AUC is further from one half than chance explains, and than ``far``."""
    n_positive = int(np.count_nonzero(positive))
    return abs(area - 0.5) > max(far, CLEAR * standard_error(n_positive, len(positive) - n_positive))


def separates_beyond_chance(positive: NDArray[np.bool_], columns: int) -> bool:
    """Whether one of so many columns would hardly separate the classes without an error by chance.

    Of all ways in which the labels can fall on the rows, two separate them by a given order. That holds with a handful
    of positive rows, too, where `beyond_chance` knows nothing.
    """
    n, k = len(positive), int(np.count_nonzero(positive))
    ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return bool(0 < k < n and np.log(2 * max(columns, 1)) - ways < np.log(BY_CHANCE))


def strength(values: pd.Series[Any], positive: NDArray[np.bool_]) -> float:
    """The AUC of the best ranking by one column: numbers rising, falling, binned or as codes; categories by shares.

    Parameters
    ----------
    values
        A feature, n rows.
    positive
        Shape (n,).
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        return auc(_shares(values.cat.codes.to_numpy() + 1, positive), positive)
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    area = auc(numbers, positive)
    codes, different = _codes(numbers)
    coded = auc(_shares(codes, positive), positive) if BINS < different <= len(numbers) * REPEATED else 0.5
    return max(area, 1 - area, coded, auc(_shares(_bins(numbers), positive), positive))


def _codes(numbers: NDArray[np.float64]) -> tuple[NDArray[np.intp], int]:
    """Number the different values, missing ones first, and count them."""
    codes, different = pd.factorize(numbers)
    return codes + 1, len(different)


def _bins(numbers: NDArray[np.float64]) -> NDArray[np.intp]:
    """Number the bins of about equal size that values are in; missing ones have a bin of their own."""
    present = ~np.isnan(numbers)
    if not present.any():
        return np.zeros(len(numbers), dtype=np.intp)
    edges = np.unique(np.quantile(numbers[present], np.linspace(0, 1, BINS + 1), method="closest_observation"))
    return np.where(present, np.searchsorted(edges, numbers) + 1, 0)


def _shares(codes: NDArray[Any], positive: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Give each row the share of positive ones among the rows of its value in the *other* half.

    Either half holds every other row of each class, so that rare values do not look informative by chance and the order
    of the rows does not matter.
    """
    even = np.zeros(len(codes), dtype=bool)
    for of_class in (positive, ~positive):
        even[np.flatnonzero(of_class)[::2]] = True
    shares = np.empty(len(codes))
    for half in (even, ~even):
        rows = np.bincount(codes[~half], minlength=codes.max(initial=0) + 1)
        found = np.bincount(codes[~half], weights=positive[~half], minlength=len(rows))
        shares[half] = ((found + positive.mean()) / (rows + 1))[codes[half]]
    return shares


def most_frequent(values: pd.Series[Any]) -> tuple[Any, float]:
    """The most frequent value and the share of the rows that have it; None and 0 if all are missing."""
    rows = values.value_counts()
    if not len(rows) or not rows.iloc[0]:
        return None, 0.0
    return rows.index[0], float(rows.iloc[0] / len(values))


def holds_codes(values: pd.Series[Any]) -> bool:
    """Whether a column holds -1, 0 and 1 only, with -1 among them: codes, as in the older phishing tables."""
    return -1 in (found := set(values.iloc[:1000].dropna())) and found <= {-1, 0, 1}
