"""A calibration map at work, without SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from phishcli.documents.calibration import IsotonicMap, SigmoidMap
from phishcli.evaluation.calibration_map import CLIP, apply_map, apply_to_one, log_odds

SCORES = np.concatenate([np.random.default_rng(0).random(20_000), [0, 1, 0.5, 0.3, 0.65, 1e-9, 1 - 1e-12]])


def test_log_odds_are_those_of_scipy_to_the_bit() -> None:
    assert np.array_equal(log_odds(SCORES), logit(np.clip(SCORES, CLIP, 1 - CLIP)))


@pytest.mark.parametrize(("slope", "intercept"), [(1, 0), (0.7, -2.5), (-3, 1), (50, 0.1), (0, 0)])
def test_a_sigmoid_map_gives_the_probabilities_of_scipy_to_the_bit(slope: float, intercept: float) -> None:
    expected = expit(slope * logit(np.clip(SCORES, CLIP, 1 - CLIP)) + intercept)
    assert np.array_equal(apply_map(SigmoidMap(slope=slope, intercept=intercept), SCORES), expected)


def test_a_steep_map_does_not_overflow() -> None:
    found = apply_map(SigmoidMap(slope=1e6, intercept=0), np.array([0.0, 0.5, 1.0]))
    assert found == pytest.approx([0, 0.5, 1])


def test_an_isotonic_map_is_linear_between_its_corners_and_constant_outside() -> None:
    fitted = IsotonicMap(x=(0.2, 0.4, 0.8), y=(0.0, 0.1, 1.0))
    assert apply_map(fitted, np.array([0.0, 0.3, 0.6, 0.9])) == pytest.approx([0, 0.05, 0.55, 1])


def test_no_map_leaves_the_scores_as_they_are() -> None:
    assert apply_map(None, SCORES) is SCORES


def test_no_rows_are_no_rows() -> None:
    assert apply_map(SigmoidMap(slope=1, intercept=0), np.empty(0)).shape == (0,)


@pytest.mark.parametrize(
    "fitted",
    [
        None,
        SigmoidMap(slope=0.7, intercept=-2.5),
        SigmoidMap(slope=-1e6, intercept=3),
        IsotonicMap(x=(0.2, 0.8), y=(0, 1)),
    ],
)
def test_one_score_is_mapped_as_many_are(fitted: SigmoidMap | IsotonicMap | None) -> None:
    scores = SCORES[-200:]
    assert [apply_to_one(fitted, score) for score in scores.tolist()] == apply_map(fitted, scores).tolist()
