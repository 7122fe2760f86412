"""DeLong's interval against its definition, and how often it covers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from phishcli.evaluation.delong import delong


def sample(seed: int, n_positive: int = 80, n_negative: int = 120) -> tuple[np.ndarray, np.ndarray]:
    positive = np.repeat([True, False], [n_positive, n_negative])
    return positive, np.random.default_rng(seed).normal(1.2 * positive)


def test_the_variance_is_that_of_all_pairs() -> None:
    positive, scores = sample(0)
    scores = scores.round(1)  # ties
    cases, controls = scores[positive], scores[~positive]
    won = (cases[:, None] > controls) + (cases[:, None] == controls) / 2
    area = won.mean()
    error = np.sqrt(won.mean(axis=1).var(ddof=1) / 80 + won.mean(axis=0).var(ddof=1) / 120)
    half = norm.ppf(0.975) * error / (area * (1 - area))
    odds = np.log(area / (1 - area))
    expected = [1 / (1 + np.exp(-(odds + side * half))) for side in (-1, 1)]
    assert delong(positive, scores) == pytest.approx(expected)


@pytest.mark.simulation
def test_it_covers_the_truth_about_as_often_as_it_says() -> None:
    truth, covered = norm.cdf(1.2 / np.sqrt(2)), 0
    for seed in range(500):
        low, high = delong(*sample(seed)) or (0.0, 0.0)
        covered += low <= truth <= high
    assert 0.92 <= covered / 500 <= 0.98


def test_a_perfect_ranking_is_a_point_and_a_class_of_one_row_has_no_interval() -> None:
    assert delong(np.array([True, True, False, False]), np.array([0.9, 0.8, 0.2, 0.1])) == (1.0, 1.0)
    assert delong(np.array([True, False, False]), np.array([0.9, 0.2, 0.1])) is None
