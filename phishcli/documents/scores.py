"""A score over the folds of a cross-validation, as several documents hold it."""

from __future__ import annotations

from phishcli.documents.base import Part


class FoldScores(Part, frozen=True, kw_only=True):
    """One metric over the folds.

    Parameters
    ----------
    mean, std
        Over the folds; ``std`` is divided by their number, as in scikit-learn. Both are None for a metric that a fold
        has too few negative rows for.
    folds
        The score of each fold, in order; empty where there is no mean.
    """

    mean: float | None
    std: float | None
    folds: tuple[float, ...]
