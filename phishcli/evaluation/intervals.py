"""Bootstrap intervals of all metrics at once, without a Python loop over resamples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phishcli.evaluation.counts import Confusion, Ladder, checked, confusion, ladder, steps
from phishcli.evaluation.metrics import METRICS, evaluate_all, undefined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import ArrayLike, NDArray

Intervals = dict[str, tuple[float, float] | None]

BLOCK_CELLS = 2**16
"""Resampled counts that are held at once: small enough for the cache of a core, 512 KiB per array."""


def bootstrap(
    y: ArrayLike,
    proba: ArrayLike,
    threshold: float = 0.5,
    *,
    n_boot: int = 1000,
    confidence: float = 0.95,
    seed: int = 42,
) -> Intervals:
    """Percentile intervals from a stratified bootstrap of the rows.

    Each resample draws as many positive rows as there are from the positive ones, and likewise the negative ones: the
    class sizes stay as they are, so the interval speaks of this share of positives (stratified resampling: Davison and
    Hinkley 1997, *Bootstrap Methods and their Application*, section 3.2; for ROC curves Robin et al. 2011, BMC
    Bioinformatics 12:77; percentile interval: Efron and Tibshirani 1993, *An Introduction to the Bootstrap*, chapter
    13). One seed draws the same rows whatever the scores, so that models are resampled alike. The recall at a
    false-positive rate has the interval of `at_budgets`.

    Parameters
    ----------
    y
        Shape (n,), 1 = positive class.
    proba
        Shape (n,), the probability of the positive class.
    threshold
        The probability from which a row counts as positive.
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
        the metric. A resample that leaves a metric undefined counts with its conventional value.

    Raises
    ------
    EvaluateError
        When lengths differ or a probability is NaN or outside of [0, 1].
    """
    intervals = percentile(resample(y, proba, threshold, n_boot=n_boot, seed=seed), confidence)
    return intervals | at_budgets(*checked(y, proba), n_boot=n_boot, confidence=confidence, seed=seed)


def resample(
    y: ArrayLike, proba: ArrayLike, threshold: float = 0.5, *, n_boot: int = 1000, seed: int = 42
) -> dict[str, NDArray[np.float64]]:
    """Score the resamples of `bootstrap`.

    Returns
    -------
    dict
        Metric -> shape (n_boot,), the value on each resample; without the metrics that the rows do not define.
    """
    positive, scores = checked(y, proba)
    skipped = undefined(confusion(positive, scores, threshold))
    names = [metric.name for metric in METRICS if n_boot and metric.name not in skipped]
    if not names:
        return {}
    blocks = [evaluate_all(*counts) for counts in _resamples(positive, scores, threshold, n_boot, seed)]
    return {name: np.concatenate([block[name] for block in blocks]) for name in names}


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
    """Intervals of the recall at each false-positive rate that the rows resolve.

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


def without_width(values: Mapping[str, float], intervals: Intervals) -> list[str]:
    """Say of intervals that shrink to a point at 0 or 1 that they prove nothing, in one sentence or none."""
    labels = [each.label for each in METRICS if values[each.name] in {0, 1} and _is_point(intervals[each.name])]
    if not labels:
        return []
    return [f"The interval of {', '.join(labels)} has no width: resampling shows only errors that the rows hold."]


def _is_point(interval: tuple[float, float] | None) -> bool:
    return interval is not None and interval[0] == interval[1]


def _resamples(
    positive: NDArray[np.bool], scores: NDArray[np.float64], threshold: float, n_boot: int, seed: int
) -> Iterator[tuple[Confusion, Ladder]]:
    """Yield the counts of all resamples in blocks; the draws do not depend on the size of a block."""
    step, distinct = steps(scores)
    flagged = int(np.count_nonzero(distinct >= threshold))
    classes = [step[positive], step[~positive]]
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2)]
    block = max(1, BLOCK_CELLS // scores.size)
    for start in range(0, n_boot, block):
        size = min(block, n_boot - start)
        pos, neg = (_draw(*each, distinct.size, size) for each in zip(streams, classes, strict=True))
        counts = Ladder(pos, neg, distinct)
        yield counts.confusion(flagged), counts


def _draw(stream: np.random.Generator, of: NDArray[np.intp], n_steps: int, size: int) -> NDArray[np.float64]:
    """Draw the rows of one class ``size`` times with replacement and count them per step, shape (size, n_steps)."""
    if not of.size:
        return np.zeros((size, n_steps))
    cells = of[stream.integers(of.size, size=(size, of.size))]
    cells += np.arange(size)[:, None] * n_steps
    return np.bincount(cells.ravel(), minlength=size * n_steps).reshape(size, n_steps).astype(np.float64)
