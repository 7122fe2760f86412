"""Paired comparison of two models on the same rows: whether one is ahead of the other by more than chance.

The models are compared row by row, so that what is hard or easy for both cancels out. The means of the folds alone
would be a far coarser signal.
"""

from __future__ import annotations

from math import copysign, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from phishcli.evaluation.metrics import METRICS, defined, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phishcli.config.schema import MetricName

THRESHOLD = 0.5
"""The probability from which a row counts as positive in a search, as in ``training.json``."""
GROUPS = 20
"""Groups of rows that the jackknife leaves out in turn."""


Replicates = NDArray[Any]


def replicates(metric: MetricName, y: NDArray[np.int8], probability: NDArray[Any]) -> Replicates:
    """Give what `lead` needs of one model on one fold.

    Returns
    -------
    ndarray
        For the accuracy bool, shape (n,): which rows are classified correctly. For every other metric float64, shape
        (1 + `GROUPS`,): its value, and its value without each of the groups that the rows of each class are assigned
        to in turn (NaN where it is not defined without them).
    """
    if metric == "accuracy":
        return np.asarray((probability >= THRESHOLD) == (y == 1))
    groups = np.empty(len(y), dtype=np.intp)
    for label in (0, 1):
        of = y == label
        groups[of] = np.arange(np.count_nonzero(of)) % GROUPS
    parts = [groups != group for group in range(GROUPS)]
    without = (score(metric, y[part], probability[part]) if defined(metric, y[part]) else np.nan for part in parts)
    return np.array([score(metric, y, probability), *without])


def lead(metric: MetricName, ours: Sequence[Replicates], theirs: Sequence[Replicates]) -> float:
    """Give the lead of one model over another in standard errors.

    For the accuracy this is McNemar's test with Edwards' correction: if b rows are classified correctly by the first
    only and c by the second only, (|b - c| - 1) / sqrt(b + c) with the sign of b - c. For other metrics it is the mean
    of the differences on the folds over its standard error, whose square is the mean of the folds' delete-a-group
    jackknife variances, divided by their number.

    McNemar (1947), Psychometrika 12, 153-157. Edwards (1948), Psychometrika 13, 185-187. Shao and Wu (1989), Annals of
    Statistics 17, 1176-1197.

    Parameters
    ----------
    metric
        The metric; where lower is better, the lower value is ahead.
    ours, theirs
        The `replicates` of the two on the same folds.

    Returns
    -------
    float
        Positive if the first is ahead; 0 where the two do not differ.
    """
    if metric == "accuracy":
        b, c = _only_first(ours, theirs), _only_first(theirs, ours)
        return copysign(max(abs(b - c) - 1, 0) / sqrt(b + c), b - c) if b + c else 0.0
    differences = [x - y for x, y in zip(ours, theirs, strict=True)]
    mean = float(np.mean([each[0] for each in differences]))
    variance = sum((GROUPS - 1) * _variance(each[1:]) for each in differences) / len(differences) ** 2
    return sign(metric) * mean / sqrt(variance) if variance else 0.0


def _variance(values: NDArray[Any]) -> float:
    known = values[np.isfinite(values)]
    return float(np.var(known)) if len(known) else 0.0


def squared_errors(y: NDArray[np.int8], probability: NDArray[Any]) -> NDArray[np.float32]:
    """Give what each row adds to the Brier score, shape (n,)."""
    return np.square(probability - y, dtype=np.float32)


def brier_lead(ours: Sequence[NDArray[np.float32]], theirs: Sequence[NDArray[np.float32]]) -> float:
    """Give the lead of one model over another by the Brier score on the same rows, in standard errors.

    It separates models on fewer rows than the accuracy does, since it takes into account how certain they are.

    Parameters
    ----------
    ours, theirs
        The `squared_errors` of the two on the same folds.
    """
    differences = np.concatenate([y - x for x, y in zip(ours, theirs, strict=True)]).astype(np.float64)
    error = differences.std() / sqrt(len(differences))
    return float(differences.mean() / error) if error else 0.0


def _only_first(ours: Sequence[Replicates], theirs: Sequence[Replicates]) -> int:
    return sum(int(np.count_nonzero(x > y)) for x, y in zip(ours, theirs, strict=True))


def sign(metric: MetricName) -> int:
    """Give 1 where higher is better, -1 where lower is."""
    return 1 if next(each for each in METRICS if each.name == metric).higher_is_better else -1
