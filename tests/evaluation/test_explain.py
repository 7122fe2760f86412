"""Importance, contributions and partial dependence on models whose answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from phishcli.documents.explanations import Contribution
from phishcli.evaluation.explain import contributions, partial_dependence, permutation_importance, sample_rows

X = np.random.default_rng(0).normal(size=(600, 4)).astype(np.float32)
POSITIVE = np.random.default_rng(1).random(600) < 1 / (1 + np.exp(-3 * X[:, 1]))
ORIGINS = {"noise": [0], "signal": [1], "pair": [2, 3]}


def by_signal(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-3 * x[:, 1].astype(np.float64)))


def test_shuffling_the_signal_costs_all_there_is_and_shuffling_noise_nothing() -> None:
    found = {each.feature: each for each in permutation_importance(by_signal, X, POSITIVE, ORIGINS)}
    assert next(iter(found)) == "signal"
    assert found["signal"].drop > 0.3
    assert (found["noise"].drop, found["pair"].drop) == (0, 0)


def test_columns_of_one_feature_are_shuffled_together() -> None:
    def by_agreement(x: np.ndarray) -> np.ndarray:
        return (np.abs(x[:, 2] - x[:, 3]) < 1e-6).astype(np.float64)

    x = X.copy()
    x[:, 3] = x[:, 2]
    kept = permutation_importance(by_agreement, x, POSITIVE, {"pair": [2, 3]})
    apart = permutation_importance(by_agreement, x, POSITIVE, {"one": [2]})
    assert kept[0].std == 0  # both moved at once: they still agree
    assert apart[0].std > 0


def test_the_same_seed_shuffles_alike() -> None:
    first, same = (permutation_importance(by_signal, X, POSITIVE, ORIGINS, seed=3) for _ in range(2))
    assert first == same


def test_contributions_of_the_columns_of_a_feature_are_added_before_their_size_is_taken() -> None:
    values = np.array([[0.1, 2.0, 1.0, -1.0], [0.1, -2.0, 1.0, 0.0]])
    assert contributions(values, ORIGINS) == [
        Contribution(feature="signal", mean_abs=2.0),
        Contribution(feature="pair", mean_abs=0.5),
        Contribution(feature="noise", mean_abs=pytest.approx(0.1)),
    ]


def test_the_answer_of_a_rising_model_rises_with_the_feature() -> None:
    raw = pd.Series(100 * X[:, 1])
    points = partial_dependence(by_signal, X, raw, [1])
    values, means = [p.value for p in points], [p.probability for p in points]
    assert values == sorted(values)
    assert means == sorted(means)
    assert (values[0], values[-1]) == pytest.approx((raw.min(), raw.max()))
    assert means[0] < 0.05
    assert means[-1] > 0.95


def test_categories_are_tried_one_by_one() -> None:
    raw = pd.Series(np.where(X[:, 1] > 0, "high", "low"), dtype="category")
    codes = X.copy()
    codes[:, 1] = np.where(X[:, 1] > 0, 1, -1)
    points = {p.value: p.probability for p in partial_dependence(by_signal, codes, raw, [1])}
    assert points == {"high": pytest.approx(1 / (1 + np.exp(-3))), "low": pytest.approx(1 / (1 + np.exp(3)))}


def test_what_a_missing_value_makes_of_the_answer_comes_last() -> None:
    """The model sees a missing value as -5, which nothing else comes near."""
    raw = pd.Series(np.where(np.arange(600) % 4 == 0, np.nan, X[:, 1]))
    filled = X.copy()
    filled[::4, 1] = -5
    points = partial_dependence(by_signal, filled, raw, [1])
    assert (points[-1].value, points[-1].probability) == (None, pytest.approx(1 / (1 + np.exp(15)), rel=1e-4))
    assert all(point.value is not None for point in points[:-1])


def test_a_feature_without_a_value_has_no_curve() -> None:
    assert partial_dependence(by_signal, X, pd.Series([np.nan] * 600), [1]) == []


def test_rows_are_drawn_only_where_there_are_more_than_needed() -> None:
    assert sample_rows(5, seed=0).tolist() == [0, 1, 2, 3, 4]
    some = sample_rows(5_000, seed=0)
    assert len(some) == len(set(some)) == 1_000
    assert (np.diff(some) > 0).all()
