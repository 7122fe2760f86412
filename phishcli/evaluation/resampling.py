"""Resamples of the rows, or of groups of rows, scored by all metrics without a Python loop over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from phishcli.evaluation.counts import Confusion, Ladder, checked, confusion, steps
from phishcli.evaluation.metrics import METRICS, evaluate_all, undefined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

BLOCK_CELLS = 2**16
"""Resampled counts that are held at once: small enough for the cache of a core, 512 KiB per array."""


def resample(
    y: ArrayLike,
    proba: ArrayLike,
    threshold: float = 0.5,
    *,
    groups: ArrayLike | None = None,
    n_boot: int = 1000,
    seed: int = 42,
) -> dict[str, NDArray[np.float64]]:
    """Score resamples of the rows.

    Each resample draws as many positive rows as there are from the positive ones, and likewise the negative ones: the
    class sizes stay as they are, so that intervals speak of this share of positives (stratified resampling: Davison and
    Hinkley 1997, *Bootstrap Methods and their Application*, section 3.2; for ROC curves Robin et al. 2011, BMC
    Bioinformatics 12:77). Rows that belong together are drawn together, whole groups with replacement (section 3.8
    there; Field and Welsh 2007, J. of the Royal Statistical Society B 69, 369-390), since a second row of a host says
    little that is new. One seed draws the same rows whatever the scores, so that models are resampled alike. A resample
    that leaves a metric undefined counts with its conventional value.

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
    blocks = [evaluate_all(*counts) for counts in _resamples(positive, scores, threshold, groups, n_boot, seed)]
    return {name: np.concatenate([block[name] for block in blocks]) for name in names}


def _resamples(
    positive: NDArray[np.bool],
    scores: NDArray[np.float64],
    threshold: float,
    groups: ArrayLike | None,
    n_boot: int,
    seed: int,
) -> Iterator[tuple[Confusion, Ladder]]:
    """Yield the counts of all resamples in blocks; the draws do not depend on the size of a block."""
    step, distinct = steps(scores)
    flagged = int(np.count_nonzero(distinct >= threshold))
    draw = _drawing_rows(step, positive, seed) if groups is None else _drawing_groups(step, positive, groups, seed)
    block = max(1, BLOCK_CELLS // scores.size)
    for start in range(0, n_boot, block):
        positives, negatives = draw(min(block, n_boot - start), distinct.size)
        counts = Ladder(positives, negatives, distinct)
        yield counts.confusion(flagged), counts


Draw = Callable[[int, int], "list[NDArray[np.float64]]"]
"""Draws so many resamples; gives the positive and the negative rows at each of so many steps."""


def _drawing_rows(step: NDArray[np.intp], positive: NDArray[np.bool], seed: int) -> Draw:
    classes = [step[positive], step[~positive]]
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2)]
    return lambda size, n_steps: [_draw(*each, n_steps, size) for each in zip(streams, classes, strict=True)]


def _drawing_groups(step: NDArray[np.intp], positive: NDArray[np.bool], groups: ArrayLike, seed: int) -> Draw:
    codes = pd.factorize(np.asarray(groups))[0]
    members, stream = np.arange(codes.max(initial=-1) + 1), np.random.default_rng(seed)

    def draw(size: int, n_steps: int) -> list[NDArray[np.float64]]:
        times = _draw(stream, members, len(members), size)[:, codes]
        return [_counted(step[of], n_steps, size, times[:, of]) for of in (positive, ~positive)]

    return draw


def _draw(stream: np.random.Generator, of: NDArray[np.intp], n_steps: int, size: int) -> NDArray[np.float64]:
    """Draw the rows of one class ``size`` times with replacement and count them per step, shape (size, n_steps)."""
    if not of.size:
        return np.zeros((size, n_steps))
    return _counted(of[stream.integers(of.size, size=(size, of.size))], n_steps, size)


def _counted(
    of: NDArray[np.intp], n_steps: int, size: int, times: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    cells = of + np.arange(size)[:, None] * n_steps
    weights = None if times is None else times.ravel()
    return np.bincount(cells.ravel(), weights, minlength=size * n_steps).reshape(size, n_steps).astype(np.float64)
