"""Classes that count alike: weights of rows, or rows repeated or left out, of the rows of one fit alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from phishcli.documents.features import Balance


def weights_of(balance: Balance, y: NDArray[Any]) -> NDArray[np.float64] | None:
    """Weights by which each class of n rows has half of the total n, as ``class_weight="balanced"``; or None."""
    import numpy as np

    if balance != "weights":
        return None
    counts = np.bincount(y, minlength=2)
    by_class = len(y) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    weights: NDArray[np.float64] = by_class[y]
    return weights


def chosen_rows(balance: Balance, y: NDArray[Any], seed: int) -> NDArray[np.intp] | None:
    """Positions by which both classes have as many rows, rising; None where nothing is resampled.

    ``over``: every row of the rarer class as often as goes without a remainder, and a random part of it once more.
    ``under``: all rows of the rarer class, and a random part of the other without repetition.
    """
    import numpy as np

    counts = np.bincount(y, minlength=2)
    if balance not in ("over", "under") or counts.min() == 0 or counts[0] == counts[1]:
        return None
    rare = np.flatnonzero(y == counts.argmin())
    common = np.flatnonzero(y != counts.argmin())
    random = np.random.default_rng(seed)
    if balance == "under":
        return np.sort(np.concatenate([rare, random.choice(common, len(rare), replace=False)]))
    whole, rest = divmod(len(common), len(rare))
    again = random.choice(rare, rest, replace=False)
    return np.sort(np.concatenate([common, np.repeat(rare, whole), again]))
