"""Cross-validated scores from out-of-fold probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.evaluation.metrics import compute

if TYPE_CHECKING:
    from numpy.typing import NDArray


def cross_validated(
    target: NDArray[np.int8], probability: NDArray[np.float64], folds: NDArray[np.int8], threshold: float = 0.5
) -> dict[str, dict[str, Any]]:
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
        Metric -> ``mean``, ``std`` (divided by the number of folds, as in scikit-learn) and ``folds`` (in order).
    """
    parts = [folds == number for number in range(int(folds.max()) + 1)]
    scores = [compute(target[part], probability[part], threshold) for part in parts]
    by_metric = {name: [float(score[name]) for score in scores] for name in scores[0]}
    return {
        name: {"mean": float(np.mean(values)), "std": float(np.std(values)), "folds": values}
        for name, values in by_metric.items()
    }
