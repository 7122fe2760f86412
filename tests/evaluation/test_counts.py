"""The counts behind the metrics."""

from __future__ import annotations

import numpy as np

from phishcli.evaluation.counts import ScoredRows


def scores(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < 0.45
    return positive, 1 / (1 + np.exp(-rng.normal(1.5 * positive, 1)))


def test_equal_scores_are_counted_together() -> None:
    counts = ScoredRows(np.array([True, False, True, False]), np.array([0.2, 0.9, 0.9, 0.1])).by_score
    assert counts.positives.tolist() == [1, 1, 0]
    assert counts.negatives.tolist() == [1, 0, 1]


def test_every_distinct_score_gives_the_confusion_matrix_of_its_threshold() -> None:
    positive, proba = scores(50)
    counts = ScoredRows(positive, proba).by_score
    for flagged_scores, threshold in enumerate([1.0, *sorted(proba, reverse=True)]):
        cells = counts.confusion(flagged_scores)
        flagged = proba >= threshold
        assert (cells.tp, cells.fp) == (sum(flagged & positive), sum(flagged & ~positive))
        assert (cells.fn, cells.tn) == (sum(~flagged & positive), sum(~flagged & ~positive))
