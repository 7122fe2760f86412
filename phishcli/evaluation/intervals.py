"""Intervals of all metrics: by resamples, and by what holds where these mislead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from phishcli.evaluation.counts import Confusion, checked, confusion, ladder
from phishcli.evaluation.formulas import BINS, bins_of
from phishcli.evaluation.metrics import METRICS, undefined
from phishcli.evaluation.resampling import resample

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import ArrayLike, NDArray

Intervals = dict[str, tuple[float, float] | None]

RARE = 10
"""Rows in a cell of the confusion matrix below which resampling them is too coarse."""


def bootstrap(
    y: ArrayLike,
    proba: ArrayLike,
    threshold: float = 0.5,
    *,
    groups: ArrayLike | None = None,
    n_boot: int = 1000,
    confidence: float = 0.95,
    seed: int = 42,
) -> Intervals:
    """Resample the rows and take the intervals of all metrics: `intervals_of` what `resample` draws.

    Parameters
    ----------
    y
        Shape (n,), 1 = positive class.
    proba
        Shape (n,), the probability of the positive class.
    threshold
        The probability from which a row counts as positive.
    groups
        Shape (n,), equal where rows belong together; None where each stands for itself.
    n_boot
        Number of resamples; 0 for no intervals.
    confidence
        Level of the intervals, within (0, 1).
    seed
        Seed of the draws.

    Returns
    -------
    dict
        ``(low, high)`` of every metric in display order, or None without resamples and where the rows do not define
        the metric.

    Raises
    ------
    EvaluateError
        When lengths differ or a probability is NaN or outside of [0, 1].
    """
    drawn = resample(y, proba, threshold, groups=groups, n_boot=n_boot, seed=seed)
    return intervals_of(
        *checked(y, proba), threshold, drawn, groups=groups, n_boot=n_boot, confidence=confidence, seed=seed
    )


def intervals_of(
    positive: NDArray[np.bool],
    scores: NDArray[np.float64],
    threshold: float,
    resamples: Mapping[str, NDArray[np.float64]],
    *,
    groups: ArrayLike | None = None,
    n_boot: int,
    confidence: float = 0.95,
    seed: int = 42,
) -> Intervals:
    """The interval of every metric: by its resamples, and by what holds where these mislead.

    Percentiles of the resamples (Efron and Tibshirani 1993, *An Introduction to the Bootstrap*, chapter 13), but for
    the recall at a false-positive rate (`at_budgets`), the calibration error (`of_calibration`), and what is counted at
    the threshold while one of the four counts is small (`of_counts`). Of rows in groups, what takes single rows for
    independent only widens an interval.
    """
    by_resamples = percentile(resamples, confidence)
    if not resamples:
        return by_resamples
    matrix = confusion(positive, scores, threshold)
    how: dict[str, Any] = {"n_boot": n_boot, "confidence": confidence, "seed": seed}
    found = by_resamples | {"ece": of_calibration(positive, scores, groups=groups, **how)}
    for name, of_rows in of_counts(matrix, **how).items():
        found[name] = of_rows if groups is None else _wider(found[name], of_rows)
    return found if groups is not None else found | at_budgets(positive, scores, **how)


def with_intervals(
    values: Mapping[str, float], intervals: Intervals, lost: Collection[str] = ()
) -> dict[str, dict[str, float | None]]:
    """Put every metric beside its interval: name -> ``value`` (None for those ``lost``), ``low``, ``high``."""
    scores: dict[str, dict[str, float | None]] = {}
    for name, value in values.items():
        low, high = intervals[name] or (None, None)
        scores[name] = {"value": None if name in lost else float(value), "low": low, "high": high}
    return scores


def _wider(one: tuple[float, float] | None, other: tuple[float, float]) -> tuple[float, float]:
    low, high = one or other
    return min(low, other[0]), max(high, other[1])


def percentile(resamples: Mapping[str, NDArray[np.float64]], confidence: float = 0.95) -> Intervals:
    """The percentile interval of every metric, None for those that were not resampled."""
    intervals: Intervals = {metric.name: None for metric in METRICS}
    if resamples:
        tail = (1 - confidence) / 2
        low, high = np.quantile(np.array(list(resamples.values())), [tail, 1 - tail], axis=1)
        intervals.update(zip(resamples, zip(low.tolist(), high.tolist(), strict=True), strict=True))
    return intervals


def at_budgets(
    positive: NDArray[np.bool], scores: NDArray[np.float64], *, n_boot: int, confidence: float = 0.95, seed: int = 42
) -> Intervals:
    """Intervals of the recall at each false-positive rate that the rows resolve; they are taken for independent.

    A resample of the rows picks its own threshold, and with it repeats the optimism with which the rows picked theirs:
    with the fewest negative rows that resolve a rate, percentile intervals of nominal 95 % cover less than 90 %. The
    number of n negative rows above the threshold whose rate is f is known, however, whatever their distribution:
    Binomial(n, f) (David and Nagaraja 2003, *Order Statistics*, section 7.1). So that many are drawn, then the positive
    rows above the lowest threshold that lets no more than these through, as the bootstrap draws them.

    Parameters
    ----------
    positive, scores
        Shape (n,).
    n_boot
        Number of draws; 0 for no intervals.
    """
    matrix, counts = confusion(positive, scores, 0.5), ladder(positive, scores)
    n_positive, n_negative = int(matrix.positives), int(matrix.negatives)
    skipped, tail = undefined(matrix), (1 - confidence) / 2
    intervals: Intervals = {}
    for metric in METRICS:
        if metric.max_fpr is None or metric.name in skipped or not n_boot:
            continue
        rng = np.random.default_rng(seed)
        alarms = rng.binomial(n_negative, metric.max_fpr, n_boot)
        allowed = np.searchsorted(counts.false_alarms, alarms, side="right")
        caught = np.concatenate([[0.0], counts.found])[allowed] / n_positive
        low, high = np.quantile(rng.binomial(n_positive, caught) / n_positive, [tail, 1 - tail])
        intervals[metric.name] = (float(low), float(high))
    return intervals


def of_counts(
    matrix: Confusion, *, n_boot: int, confidence: float = 0.95, seed: int = 42
) -> dict[str, tuple[float, float]]:
    """Intervals of what is counted at the threshold, where one of the four counts is small; else of nothing.

    Resamples repeat only errors that the rows hold: of none in n they make none, and the interval is a point. Recall
    and FPR are drawn from their Jeffreys posteriors instead, Beta(hits + 1/2, misses + 1/2), which cover near 0 and 1,
    too; where all or none of the rows were hits, an interval reaches as far as the value (Brown, Cai and DasGupta 2001,
    Statistical Science 16, 101-133).
    """
    cells = np.array([matrix.tn, matrix.fp, matrix.fn, matrix.tp])
    if cells.min() >= RARE:
        return {}
    rng, tail = np.random.default_rng(seed), (1 - confidence) / 2
    found = matrix.positives * rng.beta(matrix.tp + 0.5, matrix.fn + 0.5, n_boot)
    alarms = matrix.negatives * rng.beta(matrix.fp + 0.5, matrix.tn + 0.5, n_boot)
    drawn = Confusion(tn=matrix.negatives - alarms, fp=alarms, fn=matrix.positives - found, tp=found)
    intervals: dict[str, tuple[float, float]] = {}
    for metric in METRICS:
        if metric.kind == "confusion" and metric.name not in undefined(matrix):
            value = float(metric.function(matrix))
            low, high = np.quantile(metric.function(drawn), [tail, 1 - tail])
            intervals[metric.name] = (min(float(low), value), max(float(high), value))
    return intervals


def of_calibration(
    positive: NDArray[np.bool],
    scores: NDArray[np.float64],
    *,
    groups: ArrayLike | None = None,
    n_boot: int,
    confidence: float = 0.95,
    seed: int = 42,
) -> tuple[float, float]:
    """The interval of the expected calibration error.

    Chance adds to it, once in the rows and once more in each resample, so that percentiles lie too high: perfect
    probabilities would never be found so. What a bin is off by is a sum over rows, nearly normal, with the sum of their
    squares for a variance (of groups, of the sums of their rows). From these the error of all bins is drawn. The lower
    end takes off as much as chance alone could have added, were it to push all bins apart, which is more than it needs
    be; the upper end adds the spread.
    """
    bins, n = bins_of(scores), len(scores)
    apart = positive - scores
    units = np.arange(n) if groups is None else pd.factorize(np.asarray(groups))[0]
    pairs, unit_bins = np.unique(units * BINS + bins, return_inverse=True)
    squares = np.bincount(unit_bins, weights=apart) ** 2
    spread = np.sqrt(np.bincount(pairs % BINS, weights=squares, minlength=BINS)) / n
    off = np.bincount(bins, weights=apart, minlength=BINS) / n
    drawn = np.random.default_rng(seed).standard_normal((n_boot, BINS)) * spread
    value, tail = float(np.abs(off).sum()), (1 - confidence) / 2
    by_chance = float(np.quantile(np.abs(drawn).sum(axis=1), 1 - tail))
    around = np.abs(off + drawn).sum(axis=1)
    return max(value - by_chance, 0.0), min(value + float(np.quantile(around, 1 - tail) - around.mean()), 1.0)


def without_width(values: Mapping[str, float], intervals: Intervals) -> list[str]:
    """Say of intervals that shrink to a point at 0 or 1 that they prove nothing, in one sentence or none."""
    labels = [each.label for each in METRICS if values[each.name] in {0, 1} and _is_point(intervals[each.name])]
    if not labels:
        return []
    return [f"The interval of {', '.join(labels)} has no width: resampling shows only errors that the rows hold."]


def _is_point(interval: tuple[float, float] | None) -> bool:
    return interval is not None and interval[0] == interval[1]
