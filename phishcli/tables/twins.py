"""Rows whose features are all equal, and what that means for any classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray


VARIETY = 1_000
"""Rows by which it is judged which columns tell most rows apart."""
HARDLY = 1e-12
"""A chance so small that further columns need not be looked at."""
DRAWN = 1_000
SEEN = 5_000
"""Rows that are drawn, and rows that the shares of the values are taken from, per class."""


def twins_of(features: pd.DataFrame) -> NDArray[np.int64]:
    """Number the distinct rows of a table; missing values are alike.

    Column by column, only rows that are like another one so far are compared any further: exact, at little memory. Rows
    whose values, mixed into one number, nobody else has are left out from the start.

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
    alike = _perhaps_alike(features)
    groups = np.zeros(len(alike), dtype=np.int64)
    for name in _most_telling_first(features):
        codes = _codes(features[name] if len(alike) == n else features[name].iloc[alike])
        groups = pd.factorize(groups * (int(codes.max(initial=0)) + 1) + codes)[0]
        shared = (np.bincount(groups) > 1)[groups]
        alike, groups = alike[shared], groups[shared]
    numbers = np.full(n, -1, dtype=np.int64)
    numbers[alike] = pd.factorize(groups)[0]
    alone = numbers < 0
    numbers[alone] = np.arange(np.count_nonzero(alone)) + (numbers.max(initial=-1) + 1)
    return numbers


def _perhaps_alike(features: pd.DataFrame) -> NDArray[np.intp]:
    """Positions of the rows that have the same number as another one when their values are mixed into 64 bits."""
    mixed = np.zeros(len(features), dtype=np.uint64)
    for name in features.columns:
        mixed ^= _bits(features[name])
        mixed *= np.uint64(0x9E3779B97F4A7C15)  # odd, so that nothing is lost
        mixed ^= mixed >> np.uint64(29)
    return np.flatnonzero(pd.Series(mixed).duplicated(keep=False))


def _bits(values: pd.Series[Any]) -> NDArray[np.uint64]:
    """Give 64 bits that are equal where the values are: NaN is NaN, and 0 is -0."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy().astype(np.int64).view(np.uint64)
    numbers = values.to_numpy()
    if numbers.dtype.kind != "f":
        return numbers.astype(np.int64, copy=False).view(np.uint64)
    floats = numbers.astype(np.float64, copy=False) + 0.0
    floats[np.isnan(floats)] = np.nan
    return floats.view(np.uint64)


def _codes(values: pd.Series[Any]) -> NDArray[np.int64]:
    """Whole numbers from 0 on that are equal where the values are."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy().astype(np.int64) + 1
    codes: NDArray[np.int64] = pd.factorize(values, use_na_sentinel=False)[0].astype(np.int64)
    return codes


def _most_telling_first(features: pd.DataFrame) -> list[Any]:
    some = features.iloc[spread(len(features), VARIETY)]
    return sorted(features.columns, key=lambda name: -some[name].nunique())


def spread(n: int, most: int) -> NDArray[np.intp]:
    """Positions of at most ``most`` of n rows, spread evenly."""
    return np.unique(np.linspace(0, max(n - 1, 0), min(n, most)).astype(np.intp))


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
    """Rank mixed vectors by their share of positive rows; all others stand above or below them without an error."""
    all_negatives = n - all_positives
    if not all_positives or not all_negatives:
        return None
    _, level = np.unique(positives / rows, return_inverse=True)
    won = np.bincount(level, weights=positives)
    below = np.cumsum(won) - won / 2  # positive rows that a negative one of this level beats; half of those that tie
    beaten = float((np.bincount(level, weights=rows - positives) * below).sum())
    return 1 - beaten / (all_positives * all_negatives)


def twins_by_chance(features: pd.DataFrame, positive: NDArray[np.bool_], among: int, *, of_a_class: bool) -> float:
    """The share of rows that would have a twin among ``among`` others, were all columns independent in each class.

    Coarse columns make twins without any fault: of five yes-or-no columns nearly every row has one. Estimated from rows
    that are put together at random, column by column, within each class.

    Parameters
    ----------
    features
        n rows.
    positive
        Shape (n,).
    among
        How many other rows there are.
    of_a_class
        Whether only rows of the same class count.
    """
    rng = np.random.default_rng(0)
    classes = [np.flatnonzero(of_class) for of_class in (positive, ~positive)]
    seen = [features.iloc[members[spread(len(members), SEEN)]] for members in classes]
    parts = [len(members) / len(positive) for members in classes]
    share = 0.0
    for own, other in ((0, 1), (1, 0)):
        if len(seen[own]):
            same, further = _chances(seen[own], seen[other], rng)
            chance = parts[own] * same + (0 if of_a_class else parts[other] * further)
            share += parts[own] * float(-np.expm1(among * np.log1p(-np.minimum(chance, 1 - 1e-12))).mean())
    return share


def _chances(
    own: pd.DataFrame, other: pd.DataFrame, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw rows of one class, each value of its own column alone; the chance of each in its class and in the other."""
    same, further = np.ones(DRAWN), np.ones(DRAWN)
    for name in _most_telling_first(own):
        codes = pd.factorize(pd.concat([own[name], other[name]]), use_na_sentinel=False)[0]
        rows, others = (np.bincount(part, minlength=len(codes)) for part in (codes[: len(own)], codes[len(own) :]))
        drawn = rng.choice(codes[: len(own)], DRAWN)
        same *= (rows[drawn] - 1) / max(len(own) - 1, 1)  # of another row, or values that occur once would seem common
        further *= others[drawn] / max(len(other), 1)
        if max(same.max(), further.max()) < HARDLY:
            break
    return same, further
