"""Scores on rows that have a value whose absence gives the label away: what a model achieves without that hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.documents.columns import PROBABILITY, TARGET
from phishcli.documents.metrics import Metrics
from phishcli.documents.selection import NonMissingScores
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.intervals import intervals_of, with_intervals
from phishcli.evaluation.metrics import undefined, values_of
from phishcli.evaluation.resampling import Resampling, resample
from phishcli.evaluation.segments import LEAST

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def score_non_missing(
    predictions: pd.DataFrame, metrics: Metrics, non_missing: NDArray[np.bool], how: Resampling
) -> NonMissingScores | None:
    """Score one model on the test rows that have a value, at the same thresholds as on all of them.

    Parameters
    ----------
    predictions
        Classes and probabilities of n rows.
    metrics
        The model's thresholds: the one in use and its operating points.
    non_missing
        Shape (n,), whether a row has the value.
    how
        The bootstrap of the intervals, with the groups of all n rows.

    Returns
    -------
    NonMissingScores or None
        A score has no value where these rows do not define or resolve it. None with fewer than `LEAST` rows, or
        without rows of both classes.
    """
    everything = ScoredRows.validated(predictions[TARGET], predictions[PROBABILITY], metrics.threshold)
    rows, how = everything.where(non_missing), how.where(non_missing)
    n_positive = int(rows.positive.sum())
    if len(rows) < LEAST or n_positive in (0, len(rows)):
        return None
    intervals = intervals_of(rows, resample(rows, how), how)
    recall = {point.rule: rows.at(point.threshold).confusion.matrix().recall for point in metrics.operating_points}
    return NonMissingScores(
        n=len(rows),
        n_positive=n_positive,
        metrics=with_intervals(values_of(rows), intervals, lost=undefined(rows.confusion)),
        recall=recall,
    )
