"""Resamples of many rows in one pass: rows get random weights, and scores are counted in cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phishcli.evaluation.counts import Confusion, ScoreCounts
from phishcli.evaluation.formulas import BINS
from phishcli.evaluation.metrics import METRICS, evaluate_all, lacking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from phishcli.evaluation.counts import ScoredRows

    Floats = NDArray[np.float64]

MANY = 1_000_000
"""More rows than this are resampled by weights."""
BAGS = 16_384
"""Rows are put into so many bags at random; rows of a bag have the same weight. The error of an interval is that of a
spread that is estimated from so many numbers: less than one percent."""
PART = 1_000_000
"""Rows that are counted at once."""
RESAMPLES = 64
"""Resamples that are scored at once."""
EVENLY, TAIL = 2_000, 500
"""Cells for each class, of equal numbers of rows; and further ones towards its rare scores, of shrinking numbers."""


def weighted_resamples(rows: ScoredRows, n_boot: int, seed: int) -> dict[str, Floats]:
    """Score resamples of n rows, in which a row occurs as often as a Poisson number of mean 1 says.

    That number is close to how often a row is drawn with replacement, and it needs no other row (Poisson bootstrap:
    Hanley and MacGibbon 2006, Computer Methods and Programs in Biomedicine 83, 57-62; Chamandy et al. 2012, Estimating
    uncertainty for massive data streams, Google). Numbers belong to bags of rows, which are drawn by the seed and the
    position of a row, so that models are resampled alike. The weights of each class are scaled to the rows it has, as
    resamples of rows keep them. Within a cell, scores count as their mean; what that changes on the rows themselves is
    taken off.

    Returns
    -------
    dict
        Metric -> shape (n_boot,); NaN where a resample does not define it.
    """
    edges = _edges(rows)
    weights = np.random.default_rng(seed).poisson(1.0, (BAGS, n_boot)).astype(np.float32)
    counts = _counted(rows, edges, weights, seed)
    whole = _counted(rows, edges, np.ones((BAGS, 1), dtype=np.float32), seed)
    levels = _Levels(rows, edges)
    exact = evaluate_all(rows.confusion, rows.by_score)
    (binned,) = levels.scored(whole)
    drawn = list(levels.scored(counts))
    found: dict[str, Floats] = {}
    for metric in METRICS:
        values = np.concatenate([each[metric.name] for each in drawn]) + (exact[metric.name] - binned[metric.name])
        found[metric.name] = values if metric.name in ("log_loss", "mcc") else values.clip(0, 1)
    return found


def _edges(rows: ScoredRows) -> Floats:
    """The lower bounds of all cells but the lowest, rising: of both classes, the threshold, and the bins of the ECE."""
    even = np.linspace(0, 1, EVENLY + 1)[1:-1]
    parts = [np.array([rows.threshold]), np.arange(1, BINS) / BINS]
    for of_class in (rows.scores[rows.positive], rows.scores[~rows.positive]):
        if len(of_class):
            rare = np.geomspace(1 / len(of_class), 0.5, TAIL)
            shares = np.concatenate([even, rare, 1 - rare])
            parts.append(np.quantile(of_class, shares, method="closest_observation"))
    return np.unique(np.concatenate(parts))


def _counted(rows: ScoredRows, edges: Floats, weights: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Add up the weights of the rows of each class and cell, shape (2, cells, number of resamples)."""
    from scipy.sparse import coo_matrix

    cells = len(edges) + 1
    counts = np.zeros((2 * cells, weights.shape[1]), dtype=np.float32)
    stream = np.random.default_rng([seed, 1])
    for begin in range(0, len(rows), PART):
        part = slice(begin, begin + PART)
        cell = np.searchsorted(edges, rows.scores[part], side="right") + cells * rows.positive[part]
        bag = stream.integers(BAGS, size=len(cell))
        ones = np.ones(len(cell), dtype=np.float32)
        counts += coo_matrix((ones, (cell, bag)), shape=(2 * cells, BAGS)).tocsr() @ weights
    return counts.reshape(2, cells, -1)


class _Levels:
    """The cells that hold rows, from the highest score down."""

    def __init__(self, rows: ScoredRows, edges: Floats) -> None:
        cell = np.searchsorted(edges, rows.scores, side="right")
        self.sizes = np.bincount(cell, minlength=len(edges) + 1)
        total = np.bincount(cell, weights=rows.scores, minlength=len(edges) + 1)
        self.filled = np.flatnonzero(self.sizes)[::-1]
        self.scores = total[self.filled] / self.sizes[self.filled]
        self.flagged = int(np.count_nonzero(self.filled > np.searchsorted(edges, rows.threshold)))
        self.rows = [float(np.count_nonzero(~rows.positive)), float(np.count_nonzero(rows.positive))]

    def scored(self, counts: NDArray[np.float32]) -> Iterator[dict[str, Floats]]:
        """Score resamples, some at a time."""
        for begin in range(0, counts.shape[2], RESAMPLES):
            part = counts[:, self.filled, begin : begin + RESAMPLES].astype(np.float64).transpose(0, 2, 1)
            drawn = part.sum(axis=-1, keepdims=True)
            negatives, positives = (
                of_class * (number / np.maximum(total, 1))
                for of_class, number, total in zip(part, self.rows, drawn, strict=True)
            )
            yield _measured(ScoreCounts(positives, negatives, self.scores), self.flagged)


def _measured(counts: ScoreCounts, flagged: int) -> dict[str, Floats]:
    matrix: Confusion = counts.confusion(flagged)
    values = evaluate_all(matrix, counts)
    return {each.name: np.where(lacking(each, matrix), np.nan, values[each.name]) for each in METRICS}
