"""Confidence intervals of all metrics: from resamples, and from exact distributions where resamples mislead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from phishcli.documents.metrics import Score
from phishcli.evaluation.counts import Confusion, ScoredRows
from phishcli.evaluation.formulas import BINS, bins_of
from phishcli.evaluation.metrics import METRICS, undefined
from phishcli.evaluation.resampling import Resampling, defined_in_most, resample

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import ArrayLike

    from phishcli.evaluation.resampling import Resamples

Interval = tuple[float, float]
Intervals = dict[str, Interval | None]
"""Metric -> lower and upper bound, None where there is no interval."""

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
    """Resample the rows and give the intervals of all metrics in one call.

    Parameters
    ----------
    y, proba, threshold
        See `ScoredRows.validated`.
    groups, n_boot, confidence, seed
        See `Resampling`.

    Returns
    -------
    dict
        ``(low, high)`` of every metric in display order; None without resamples and where the metric is not defined.

    Raises
    ------
    EvaluateError
        When lengths differ or a probability is NaN or outside [0, 1].
    """
    how = Resampling(n_boot, confidence, seed, None if groups is None else np.asarray(groups))
    rows = ScoredRows.validated(y, proba, threshold)
    return intervals_of(rows, resample(rows, how), how)


def intervals_of(rows: ScoredRows, resamples: Resamples, how: Resampling) -> Intervals:
    """The interval of every metric, from its resamples or from what holds where these mislead.

    Percentiles of the resamples (Efron and Tibshirani 1993, *An Introduction to the Bootstrap*, chapter 13), except for
    the recall at a false-positive rate (`at_max_fpr`), the calibration error (`of_calibration`), and what is counted at
    the threshold while one of the four counts is small (`of_counts`). With rows in groups, an interval that assumes
    independent rows is used only to widen the other one.
    """
    found = percentile(resamples, how)
    if not resamples:
        return found
    found["ece"] = of_calibration(rows, how)
    for name, interval in of_counts(rows.confusion, how).items():
        found[name] = interval if how.groups is None else _wider(found[name], interval)
    return found if how.groups is not None else found | at_max_fpr(rows, how)


def with_intervals(values: Mapping[str, float], intervals: Intervals, lost: Collection[str] = ()) -> dict[str, Score]:
    """Each metric with its interval, in their order; those ``lost`` have no value."""
    scores = {}
    for name, value in values.items():
        low, high = intervals[name] or (None, None)
        scores[name] = Score(value=None if name in lost else float(value), low=low, high=high)
    return scores


def _wider(one: Interval | None, other: Interval) -> Interval:
    low, high = one or other
    return min(low, other[0]), max(high, other[1])


def percentile(resamples: Resamples, how: Resampling) -> Intervals:
    """The percentile interval of every metric, None for those that were not resampled, or rarely defined."""
    intervals: Intervals = {metric.name: None for metric in METRICS}
    known = {name: drawn for name, drawn in resamples.items() if defined_in_most(drawn)}
    if known:
        low, high = np.nanquantile(np.array(list(known.values())), how.tails, axis=1)
        intervals.update(zip(known, zip(low.tolist(), high.tolist(), strict=True), strict=True))
    return intervals


def at_max_fpr(rows: ScoredRows, how: Resampling) -> Intervals:
    """Intervals of the recall at each false-positive rate that the rows resolve, assuming independent rows.

    A resample of the rows picks its own threshold, and so repeats the optimism with which the rows picked theirs: with
    the fewest negative rows that resolve a rate, percentile intervals of nominal 95% cover less than 90%. However, the
    number of n negative rows above the threshold whose rate is f is known, whatever their distribution: Binomial(n, f)
    (David and Nagaraja 2003, *Order Statistics*, section 7.1). That number is drawn, then the positive rows above the
    lowest threshold that allows no more false positives, as the bootstrap draws them.
    """
    skipped, counts, n_positive = undefined(rows.confusion), rows.by_score, int(rows.confusion.positives)
    intervals: Intervals = {}
    for metric in METRICS:
        if metric.max_fpr is None or metric.name in skipped or not how.n_boot:
            continue
        rng = np.random.default_rng(how.seed)
        false_positives = rng.binomial(int(rows.confusion.negatives), metric.max_fpr, how.n_boot)
        allowed = np.searchsorted(counts.fp, false_positives, side="right")
        recall = np.concatenate([[0.0], counts.tp])[allowed] / n_positive
        low, high = np.quantile(rng.binomial(n_positive, recall) / n_positive, how.tails)
        intervals[metric.name] = (float(low), float(high))
    return intervals


def of_counts(matrix: Confusion, how: Resampling) -> dict[str, Interval]:
    """Intervals of what is counted at the threshold, where one of the four counts is small; otherwise none.

    Resamples repeat only errors that the rows contain: without an error in n rows they contain none, and the interval
    is a point. Recall and FPR are drawn from their Jeffreys posteriors instead, Beta(hits + 1/2, misses + 1/2), which
    cover near 0 and 1, too; where all or none of the rows were hits, an interval extends to the value itself (Brown,
    Cai and DasGupta 2001, Statistical Science 16, 101-133).
    """
    if min(matrix.tn, matrix.fp, matrix.fn, matrix.tp) >= RARE:
        return {}
    rng = np.random.default_rng(how.seed)
    tp = matrix.positives * rng.beta(matrix.tp + 0.5, matrix.fn + 0.5, how.n_boot)
    fp = matrix.negatives * rng.beta(matrix.fp + 0.5, matrix.tn + 0.5, how.n_boot)
    drawn = Confusion(tn=matrix.negatives - fp, fp=fp, fn=matrix.positives - tp, tp=tp)
    intervals: dict[str, Interval] = {}
    for metric in METRICS:
        if metric.kind == "confusion" and metric.name not in undefined(matrix):
            value = float(metric.function(matrix))
            low, high = np.quantile(metric.function(drawn), how.tails)
            intervals[metric.name] = (min(float(low), value), max(float(high), value))
    return intervals


def of_calibration(rows: ScoredRows, how: Resampling) -> Interval:
    """The interval of the expected calibration error.

    Chance increases this error, once in the rows and again in each resample, so percentiles lie too high: perfect
    probabilities would never be found to be perfect. The deviation of a bin is a sum over rows, nearly normal, with the
    sum of their squares as its variance (for groups, of the sums of their rows). From these the error of all bins is
    drawn. The lower end subtracts the most that chance alone could have added in all bins, which is conservative; the
    upper end adds the spread.
    """
    bins, n = bins_of(rows.scores), len(rows)
    deviation = rows.positive - rows.scores
    units = np.arange(n) if how.groups is None else pd.factorize(how.groups)[0]
    pairs, unit_bins = np.unique(units * BINS + bins, return_inverse=True)
    squares = np.bincount(unit_bins, weights=deviation) ** 2
    spread = np.sqrt(np.bincount(pairs % BINS, weights=squares, minlength=BINS)) / n
    off = np.bincount(bins, weights=deviation, minlength=BINS) / n
    drawn = np.random.default_rng(how.seed).standard_normal((how.n_boot, BINS)) * spread
    value, upper = float(np.abs(off).sum()), how.tails[1]
    by_chance = float(np.quantile(np.abs(drawn).sum(axis=1), upper))
    around = np.abs(off + drawn).sum(axis=1)
    return max(value - by_chance, 0.0), min(value + float(np.quantile(around, upper) - around.mean()), 1.0)


def without_width(values: Mapping[str, float], intervals: Intervals) -> list[str]:
    """Warn in one sentence of intervals that shrink to a point at 0 or 1; none without such intervals."""
    labels = [each.label for each in METRICS if values[each.name] in {0, 1} and _is_point(intervals[each.name])]
    if not labels:
        return []
    return [f"The interval of {', '.join(labels)} has no width: resampling shows only errors that the rows contain."]


def _is_point(interval: Interval | None) -> bool:
    return interval is not None and interval[0] == interval[1]
