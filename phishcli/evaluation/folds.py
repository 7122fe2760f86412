"""Cross-validated scores from out-of-fold probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from phishcli.documents.metrics import FoldScores
from phishcli.evaluation.metrics import METRICS, compute

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNRESOLVED = FoldScores(mean=None, std=None, n_folds=0, folds=())
"""What is known of a metric that a fold has too few negative rows for."""


def cross_validated(
    target: NDArray[np.generic], probability: NDArray[np.float64], folds: NDArray[np.int8], threshold: float = 0.5
) -> dict[str, FoldScores]:
    """Score each fold on its own.

    Parameters
    ----------
    target, probability, folds
        Shape (n,): 1 for the positive class, its out-of-fold probability, and the number of the fold (0, 1, ...).
    threshold
        Probability from which a row counts as positive.

    Returns
    -------
    dict
        Every metric by name; `UNRESOLVED` where a fold has too few negative rows.
    """
    parts = [folds == number for number in range(int(folds.max()) + 1)]
    scores = [compute(target[part], probability[part], threshold) for part in parts]
    fewest = min(int(np.count_nonzero(target[part] != 1)) for part in parts)
    return {
        each.name: _over([score[each.name] for score in scores]) if each.least_negatives <= fewest else UNRESOLVED
        for each in METRICS
    }


def _over(values: Sequence[float]) -> FoldScores:
    """Mean and standard deviation, divided by the number of folds as in scikit-learn."""
    return FoldScores(mean=float(np.mean(values)), std=float(np.std(values)), n_folds=len(values), folds=tuple(values))
