"""Whether one model is ahead of another on rows that both have predicted, by more than chance.

The two are compared row by row (paired): what is hard or easy for both cancels out. Fold means alone would be a far
coarser signal.
"""

from __future__ import annotations

from math import copysign, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from phishcli.evaluation.metrics import METRICS, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phishcli.config.schema import MetricName

DECIDED = 0.5
"""The probability from which a row counts as positive in a search, as in ``training.json``."""
GROUPS = 20
"""Groups of rows that the jackknife leaves out in turn."""


Replicates = NDArray[Any]


def replicates(metric: MetricName, y: NDArray[np.int8], probability: NDArray[Any]) -> Replicates:
    """What `lead` needs to know of one model on one fold.

    Returns
    -------
    ndarray
        For the accuracy bool, shape (n,): which rows are judged rightly. For every other metric float64, shape
        (1 + `GROUPS`,): its value, and its value without each of the groups that the rows of either class are dealt
        into by turns.
    """
    if metric == "accuracy":
        return np.asarray((probability >= DECIDED) == (y == 1))
    groups = np.empty(len(y), dtype=np.intp)
    for label in (0, 1):
        of = y == label
        groups[of] = np.arange(np.count_nonzero(of)) % GROUPS
    parts = [groups != group for group in range(GROUPS)]
    return np.array([score(metric, y, probability), *(score(metric, y[part], probability[part]) for part in parts)])


def lead(metric: MetricName, ours: Sequence[Replicates], theirs: Sequence[Replicates]) -> float:
    """How many standard errors one model is ahead of another.

    For the accuracy this is McNemar's test with Edwards' correction: with b rows that only the first judges rightly
    and c that only the second does, the distance of b and c less 1, over sqrt(b + c), with the sign of b - c. For other
    metrics it is the mean of the differences on the folds over its standard error, whose square is the mean of the
    folds' delete-a-group jackknife variances, divided by their number.

    McNemar (1947), Psychometrika 12, 153-157. Edwards (1948), Psychometrika 13, 185-187. Shao and Wu (1989), Annals of
    Statistics 17, 1176-1197.

    Parameters
    ----------
    metric
        The metric; where lower is better, less is ahead.
    ours, theirs
        The `replicates` of the two on the same folds.

    Returns
    -------
    float
        Positive if the first is ahead; 0 where the two do not differ.
    """
    if metric == "accuracy":
        b, c = _ahead(ours, theirs), _ahead(theirs, ours)
        return copysign(max(abs(b - c) - 1, 0) / sqrt(b + c), b - c) if b + c else 0.0
    differences = [x - y for x, y in zip(ours, theirs, strict=True)]
    mean = float(np.mean([each[0] for each in differences]))
    variance = sum((GROUPS - 1) * float(np.var(each[1:])) for each in differences) / len(differences) ** 2
    return sign(metric) * mean / sqrt(variance) if variance else 0.0


def squared_errors(y: NDArray[np.int8], probability: NDArray[Any]) -> NDArray[np.float32]:
    """What each row adds to the Brier score, shape (n,)."""
    return np.square(probability - y, dtype=np.float32)


def sharper(ours: Sequence[NDArray[np.float32]], theirs: Sequence[NDArray[np.float32]]) -> float:
    """By how many standard errors the Brier score of one model is better than that of another, on the same rows.

    It tells models apart on fewer rows than the accuracy does, since it sees how sure of each row they are.

    Parameters
    ----------
    ours, theirs
        The `squared_errors` of the two on the same folds.
    """
    differences = np.concatenate([y - x for x, y in zip(ours, theirs, strict=True)]).astype(np.float64)
    error = differences.std() / sqrt(len(differences))
    return float(differences.mean() / error) if error else 0.0


def _ahead(ours: Sequence[Replicates], theirs: Sequence[Replicates]) -> int:
    return sum(int(np.count_nonzero(x > y)) for x, y in zip(ours, theirs, strict=True))


def sign(metric: MetricName) -> int:
    """1 where more is better, -1 where less is."""
    return 1 if next(each for each in METRICS if each.name == metric).higher_is_better else -1
