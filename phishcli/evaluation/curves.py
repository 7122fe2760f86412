"""What charts draw of a model's scores: the ROC and precision-recall curves, and counts by threshold."""

from __future__ import annotations

import numpy as np

from phishcli.documents.metrics import CountsByThreshold, Curves, PrecisionRecallCurve, RocCurve
from phishcli.evaluation.counts import ScoreCounts, ScoredRows

POINTS = 200
"""Points of a curve, at most."""

GRID = 1_001
"""Thresholds at which rows are counted for the slider of the report, evenly spaced from 0 to 1."""


def curves(counts: ScoreCounts) -> Curves:
    """Points of the ROC and of the precision-recall curve, thinned for a chart.

    Each has at most 200 points, evenly spaced along the curve and ends included; the ROC curve starts at (0, 0), the
    other at the highest score. Both are empty where one of the classes has no rows.
    """
    if not counts.n_positive or not counts.n_negative:
        return Curves(roc=RocCurve(fpr=(), tpr=()), pr=PrecisionRecallCurve(recall=(), precision=()))
    recall, fpr = counts.tp / counts.n_positive, counts.fp / counts.n_negative
    precision = counts.tp / (counts.tp + counts.fp)
    keep = np.unique(np.searchsorted(recall + fpr, np.linspace(0, 2, POINTS - 1)).clip(max=recall.size - 1))
    points = {"recall": recall, "fpr": fpr, "precision": precision}
    kept = {name: tuple(np.round(values[keep], 6).tolist()) for name, values in points.items()}
    return Curves(
        roc=RocCurve(fpr=(0.0, *kept["fpr"]), tpr=(0.0, *kept["recall"])),
        pr=PrecisionRecallCurve(recall=kept["recall"], precision=kept["precision"]),
    )


def counts_by_threshold(scored: ScoredRows) -> CountsByThreshold:
    """Rows of either class with a probability of at least 0, 0.001, ..., 1."""
    grid = np.linspace(0, 1, GRID)
    tp, fp = (
        len(scores) - np.searchsorted(np.sort(scores), grid, side="left")
        for scores in (scored.scores[scored.positive], scored.scores[~scored.positive])
    )
    return CountsByThreshold(tp=tuple(tp.tolist()), fp=tuple(fp.tolist()))
