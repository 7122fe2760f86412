"""The curves that charts draw, against those of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve, roc_curve

from phishcli.documents.metrics import Curves, PrecisionRecallCurve, RocCurve
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.curves import curves


def scores(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < 0.45
    return positive, 1 / (1 + np.exp(-rng.normal(1.5 * positive, 1)))


def test_short_curves_are_those_of_scikit_learn() -> None:
    positive, proba = scores(30)
    fpr, tpr, _ = roc_curve(positive, proba, drop_intermediate=False)
    precision, recall, _ = precision_recall_curve(positive, proba)
    drawn = curves(ScoredRows(positive, proba).by_score)
    assert drawn.roc.fpr == pytest.approx(fpr, abs=1e-6)
    assert drawn.roc.tpr == pytest.approx(tpr, abs=1e-6)
    # scikit-learn goes from the lowest score up and ends in an artificial point (0, 1).
    assert drawn.pr.recall == pytest.approx(recall[-2::-1], abs=1e-6)
    assert drawn.pr.precision == pytest.approx(precision[-2::-1], abs=1e-6)


def test_long_curves_are_thinned_to_200_points_that_keep_ends_and_shape() -> None:
    positive, proba = scores(20_000)
    drawn = curves(ScoredRows(positive, proba).by_score)
    roc, pr = drawn.roc, drawn.pr
    assert 150 < len(roc.fpr) <= 200
    assert 150 < len(pr.recall) <= 200
    assert (roc.fpr[0], roc.tpr[0], roc.fpr[-1], roc.tpr[-1]) == (0, 0, 1, 1)
    assert pr.recall[-1] == 1
    fpr, tpr, _ = roc_curve(positive, proba)
    assert np.interp(fpr, roc.fpr, roc.tpr) == pytest.approx(tpr, abs=0.02)


def test_one_class_has_no_curves() -> None:
    rows = ScoredRows(np.ones(3, dtype=bool), np.array([0.1, 0.2, 0.3]))
    assert curves(rows.by_score) == Curves(
        roc=RocCurve(fpr=(), tpr=()), pr=PrecisionRecallCurve(recall=(), precision=())
    )
