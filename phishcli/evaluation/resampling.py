"""Resamples of rows, or of groups of rows, scored by all metrics without a Python loop over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from phishcli.documents.metrics import Bootstrap
from phishcli.evaluation.counts import Confusion, ScoreCounts, ScoredRows, score_levels
from phishcli.evaluation.metrics import METRICS, evaluate_all, lacking, undefined
from phishcli.evaluation.weighted import MANY, weighted_resamples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from phishcli.config.schema import EvaluateConfig

MOST = 0.95
"""Share of resamples that have to define a metric for an interval; the others are left out."""
BLOCK_CELLS = 2**16
"""Resampled counts that are held at once: small enough for the cache of a core, 512 KiB per array."""

Resamples = dict[str, "NDArray[np.float64]"]
"""Metric -> shape (n_boot,), its value on each resample; without metrics that are not defined on the rows."""


@dataclass(frozen=True)
class Resampling:
    """How rows are resampled.

    Parameters
    ----------
    n_boot
        Number of resamples; 0 for no intervals.
    confidence
        Level of the intervals, within (0, 1).
    seed
        Seed of the draws.
    groups
        Shape (n,), equal where rows belong together and are drawn together; None where each stands for itself.
    """

    n_boot: int = 1000
    confidence: float = 0.95
    seed: int = 42
    groups: NDArray[np.generic] | None = None

    @classmethod
    def of(cls, settings: EvaluateConfig, groups: NDArray[np.generic] | None = None) -> Resampling:
        """As the configuration says, of rows in these groups."""
        return cls(settings.n_boot, settings.confidence, settings.seed, groups)

    def where(self, chosen: NDArray[np.bool]) -> Resampling:
        """The same for some of the rows; ``chosen`` has shape (n,)."""
        return self if self.groups is None else replace(self, groups=self.groups[chosen])

    @property
    def tails(self) -> list[float]:
        """The two quantiles between which an interval lies."""
        tail = (1 - self.confidence) / 2
        return [tail, 1 - tail]

    def weighted(self, rows: int) -> bool:
        """Whether so many rows get weights rather than being drawn."""
        return rows > MANY and self.groups is None

    def document(self, rows: int) -> Bootstrap:
        """The same for ``metrics.json``, of so many rows, with the number of groups in place of the groups."""
        groups = None if self.groups is None else int(pd.Series(self.groups).nunique())
        return Bootstrap(
            n_boot=self.n_boot,
            confidence=self.confidence,
            seed=self.seed,
            groups=groups,
            weighted=self.weighted(rows),
        )


def resample(rows: ScoredRows, how: Resampling) -> Resamples:
    """Score resamples of the rows.

    Each resample draws as many positive rows as there are from the positive ones, and likewise the negative ones: the
    class sizes stay as they are, so that intervals hold for this share of positives (stratified resampling: Davison and
    Hinkley 1997, *Bootstrap Methods and their Application*, section 3.2; for ROC curves Robin et al. 2011, BMC
    Bioinformatics 12:77). Rows that belong together are drawn together, whole groups with replacement (section 3.8
    there; Field and Welsh 2007, J. of the Royal Statistical Society B 69, 369-390), since a second row of a host adds
    little information. A seed draws the same rows whatever the scores, so that models are resampled alike. A resample
    on which a metric is not defined has NaN for it. More than a million rows get weights instead, see
    `phishcli.evaluation.weighted`.
    """
    skipped = undefined(rows.confusion)
    names = [metric.name for metric in METRICS if how.n_boot and metric.name not in skipped]
    if not names:
        return {}
    if how.weighted(len(rows)):
        drawn = weighted_resamples(rows, how.n_boot, how.seed)
        return {name: drawn[name] for name in names}
    blocks = [_measured(*counts) for counts in _resamples(rows, how)]
    return {name: np.concatenate([block[name] for block in blocks]) for name in names}


def _measured(matrix: Confusion, counts: ScoreCounts) -> dict[str, NDArray[np.float64]]:
    values = evaluate_all(matrix, counts)
    return {each.name: np.where(lacking(each, matrix), np.nan, values[each.name]) for each in METRICS}


def defined_in_most(drawn: NDArray[np.float64]) -> bool:
    """Whether a metric is defined on so many resamples that the others do not shape its interval."""
    return bool(np.isfinite(drawn).mean() >= MOST)


def _resamples(rows: ScoredRows, how: Resampling) -> Iterator[tuple[Confusion, ScoreCounts]]:
    """Yield the counts of all resamples in blocks; the draws do not depend on the size of a block."""
    level, distinct = score_levels(rows.scores)
    flagged = int(np.count_nonzero(distinct >= rows.threshold))
    draw = _drawing_rows(level, rows.positive, how.seed)
    if how.groups is not None:
        draw = _drawing_groups(level, rows.positive, how.groups, how.seed)
    block = max(1, BLOCK_CELLS // len(rows))
    for start in range(0, how.n_boot, block):
        positives, negatives = draw(min(block, how.n_boot - start), distinct.size)
        counts = ScoreCounts(positives, negatives, distinct)
        yield counts.confusion(flagged), counts


Draw = Callable[[int, int], "list[NDArray[np.float64]]"]
"""Draws a number of resamples; gives the positive and the negative rows at each of so many distinct scores."""


def _drawing_rows(level: NDArray[np.intp], positive: NDArray[np.bool], seed: int) -> Draw:
    classes = [level[positive], level[~positive]]
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2)]
    return lambda size, n_levels: [_draw(*each, n_levels, size) for each in zip(streams, classes, strict=True)]


def _drawing_groups(
    level: NDArray[np.intp], positive: NDArray[np.bool], groups: NDArray[np.generic], seed: int
) -> Draw:
    codes = pd.factorize(groups)[0]
    members, stream = np.arange(codes.max(initial=-1) + 1), np.random.default_rng(seed)

    def draw(size: int, n_levels: int) -> list[NDArray[np.float64]]:
        times = _draw(stream, members, len(members), size)[:, codes]
        return [_count(level[chosen], n_levels, size, times[:, chosen]) for chosen in (positive, ~positive)]

    return draw


def _draw(stream: np.random.Generator, levels: NDArray[np.intp], n_levels: int, size: int) -> NDArray[np.float64]:
    """Draw the rows of one class ``size`` times with replacement and count them per level, shape (size, n_levels)."""
    if not levels.size:
        return np.zeros((size, n_levels))
    return _count(levels[stream.integers(levels.size, size=(size, levels.size))], n_levels, size)


def _count(
    levels: NDArray[np.intp], n_levels: int, size: int, times: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    cells = levels + np.arange(size)[:, None] * n_levels
    weights = None if times is None else times.ravel()
    return np.bincount(cells.ravel(), weights, minlength=size * n_levels).reshape(size, n_levels).astype(np.float64)
