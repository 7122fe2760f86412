"""Cross-validated scores from out-of-fold probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.evaluation.metrics import METRICS, compute

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
        Metric -> ``mean``, ``std`` (divided by the number of folds, as in scikit-learn) and ``folds`` (in order). Both
        are None, and ``folds`` is empty, for a metric that a fold has too few negative rows for.
    """
    parts = [folds == number for number in range(int(folds.max()) + 1)]
    scores = [compute(target[part], probability[part], threshold) for part in parts]
    fewest = min(int(np.count_nonzero(target[part] != 1)) for part in parts)
    return {
        each.name: _moments([score[each.name] for score in scores], each.least_negatives <= fewest) for each in METRICS
    }


def _moments(values: list[float], resolvable: bool) -> dict[str, Any]:  # noqa: FBT001 (one caller, just above)
    if not resolvable:
        return {"mean": None, "std": None, "folds": []}
    return {"mean": float(np.mean(values)), "std": float(np.std(values)), "folds": values}
