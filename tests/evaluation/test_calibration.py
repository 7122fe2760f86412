"""Calibration: the curve, the maps, and that nothing is judged by a map that has seen it."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import pytest
from scipy.stats import beta
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from phishcli.documents.base import plain_of
from phishcli.documents.calibration import CalibrationMap
from phishcli.evaluation.calibration import Kind, apply_map, cross_fitted, curve, fit_map

KINDS: tuple[Kind, ...] = ("isotonic", "sigmoid")


def skewed(rows: int = 2_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Class, score and true probability: the score is the square of the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.random(rows)
    return rng.random(rows) < truth, truth**2, truth


def test_the_curve_compares_what_was_predicted_with_what_happened() -> None:
    positive, scores, _ = skewed()
    found = curve(positive, scores)
    assert sum(each.n for each in found) == 2_000
    assert len(found) == 10
    assert [each.predicted for each in found] == sorted(each.predicted for each in found)
    first = found[0]
    hits = round(first.observed * first.n)
    assert (first.low, first.high) == pytest.approx(
        (beta.ppf(0.025, hits, first.n - hits + 1), beta.ppf(0.975, hits + 1, first.n - hits))
    )


def test_equal_scores_are_never_parted_and_all_or_none_have_sharp_ends() -> None:
    found = curve(np.array([True] * 30 + [False] * 70), np.repeat([0.9, 0.1], [30, 70]))
    assert [(each.n, each.observed) for each in found] == [(70, 0.0), (30, 1.0)]
    assert (found[0].low, found[1].high) == (0.0, 1.0)


def test_the_isotonic_map_is_that_of_scikit_learn() -> None:
    positive, scores, _ = skewed()
    theirs = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, positive)
    asked = np.linspace(0, 1, 101)
    assert apply_map(fit_map("isotonic", positive, scores), asked) == pytest.approx(theirs.predict(asked))


def test_the_sigmoid_map_is_a_logistic_regression_on_log_odds() -> None:
    positive, scores, _ = skewed()
    scores = scores.clip(1e-6, 1 - 1e-6)
    odds = np.log(scores / (1 - scores))[:, None]
    theirs = LogisticRegression(C=np.inf).fit(odds, positive).predict_proba(odds)[:, 1]
    assert apply_map(fit_map("sigmoid", positive, scores), scores) == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_map_keeps_the_order_brings_scores_near_the_truth_and_survives_json(kind: Kind) -> None:
    positive, scores, truth = skewed()
    fitted = fit_map(kind, positive, scores)
    mapped = apply_map(fitted, scores)
    assert (np.diff(mapped[np.argsort(scores)]) >= 0).all()
    assert np.abs(mapped - truth).mean() < 0.5 * np.abs(scores - truth).mean()
    read: CalibrationMap = msgspec.convert(json.loads(json.dumps(plain_of(fitted))), CalibrationMap)  # type: ignore[arg-type]  # a union
    assert (apply_map(read, scores) == mapped).all()
    assert ((apply_map(fitted, np.array([0.0, 1.0])) >= 0) & (apply_map(fitted, np.array([0.0, 1.0])) <= 1)).all()


def test_no_map_leaves_scores_alone() -> None:
    scores = np.array([0.2, 0.9])
    assert apply_map(None, scores) is scores


@pytest.mark.parametrize("kind", KINDS)
def test_a_fold_is_judged_by_a_map_that_has_not_seen_it(kind: Kind) -> None:
    positive, scores, _ = skewed(400)
    folds = np.arange(400, dtype=np.int8) % 4
    before = cross_fitted(kind, positive, scores, folds)
    changed = np.where(folds == 2, ~positive, positive)
    after = cross_fitted(kind, changed, scores, folds)
    assert (before[folds == 2] == after[folds == 2]).all()
    assert (before[folds != 2] != after[folds != 2]).any()
