"""Whether one model is really better than another one: paired tests on shared folds and on the test rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binomtest, norm, t

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

ROUNDING = 1e-15
"""Differences up to this are rounding noise of equal scores."""


@dataclass(frozen=True)
class Difference:
    """How much higher one model scores than another one, the interval, and the p-value for no difference."""

    value: float
    low: float
    high: float
    p: float


def corrected_t(differences: ArrayLike, *, n_train: float, n_test: float, confidence: float = 0.95) -> Difference:
    """Test the mean of score differences over folds.

    The training sets of folds overlap, so the differences are not independent; the variance of their mean is taken as
    ``(1/k + n_test/n_train)`` times theirs (Nadeau and Bengio 2003, Machine Learning 52, 239-281), with k - 1 degrees
    of freedom.

    Parameters
    ----------
    differences
        One per fold, at least two.
    n_train, n_test
        Rows on which a fold is trained and scored.
    """
    values = np.asarray(differences, dtype=np.float64)
    k, mean = len(values), float(values.mean())
    error = float(np.sqrt((1 / k + n_test / n_train) * values.var(ddof=1)))
    half = float(t.ppf((1 + confidence) / 2, k - 1)) * error
    # Equal differences may show a spread that is rounding noise of sums.
    if error <= ROUNDING:
        return Difference(mean, mean, mean, 1.0 if abs(mean) <= ROUNDING else 0.0)
    return Difference(mean, mean - half, mean + half, float(2 * t.sf(abs(mean) / error, k - 1)))


def mcnemar(correct: ArrayLike, other_correct: ArrayLike) -> tuple[int, int, float]:
    """Compare two models on the rows that only one of them gets right (McNemar 1947, Psychometrika 12, 153-157).

    Parameters
    ----------
    correct, other_correct
        Shape (n,): whether each model gets a row right.

    Returns
    -------
    tuple
        Rows that only the first gets right, rows that only the other gets right, and the exact two-sided p-value
        (binomial; 1 if they never differ).
    """
    first, other = np.asarray(correct, dtype=bool), np.asarray(other_correct, dtype=bool)
    won, lost = int(np.count_nonzero(first & ~other)), int(np.count_nonzero(other & ~first))
    return won, lost, float(binomtest(won, won + lost).pvalue) if won + lost else 1.0


def paired_bootstrap(
    value: float, resamples: ArrayLike, other_value: float, other_resamples: ArrayLike, confidence: float = 0.95
) -> Difference:
    """The difference of two scores over resamples of the same rows; resamples without both scores (NaN) are left out.

    Parameters
    ----------
    value, other_value
        The scores on the rows themselves.
    resamples, other_resamples
        Shape (b,): the scores on b resamples, the same rows in both.

    Returns
    -------
    Difference
        Percentile interval; the p-value is twice the share of resamples on the other side of zero, counting the rows
        themselves as one resample on either side (Davison and Hinkley 1997, section 4.2). If no resample lies there,
        it is that of a normal distribution with their mean and spread, if smaller: a thousand resamples resolve nothing
        below 0.002, which is too coarse to be adjusted for the pairs of ten models.
    """
    drawn = np.asarray(resamples, dtype=np.float64) - np.asarray(other_resamples, dtype=np.float64)
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    sides = min(np.count_nonzero(drawn <= 0), np.count_nonzero(drawn >= 0))
    p = min(1.0, 2 * (int(sides) + 1) / (len(drawn) + 1))
    if not sides and (spread := float(drawn.std())):
        p = min(p, float(2 * norm.sf(abs(drawn.mean()) / spread)))
    return Difference(value - other_value, float(low), float(high), p)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for their number (Holm 1979, Scandinavian Journal of Statistics 6, 65-70); the order is kept."""
    ascending = np.argsort(p_values, kind="stable")
    adjusted = np.empty(len(p_values))
    running = 0.0
    for rank, place in enumerate(ascending):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = running
    return [float(value) for value in adjusted]
