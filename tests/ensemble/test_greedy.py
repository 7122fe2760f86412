"""Weights of an ensemble, against brute force and by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from sklearn.metrics import log_loss as of_sklearn

from phishcli.ensemble.greedy import choose_weights, cross_fitted, log_loss

RANDOM = np.random.default_rng(0)
Y = RANDOM.integers(0, 2, 400).astype(np.int8)


def member(skill: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=len(Y))
    return 1 / (1 + np.exp(-(skill * (2 * Y - 1) + noise)))


def test_the_loss_is_that_of_scikit_learn_and_finite_where_a_member_is_sure_and_wrong() -> None:
    found = member(1, 1)
    assert log_loss(found, Y) == pytest.approx(of_sklearn(Y, found))
    assert np.isfinite(log_loss(1.0 - Y, Y))


def test_the_weights_are_nearly_those_of_a_grid() -> None:
    members = np.stack([member(skill, seed) for seed, skill in enumerate((1.0, 0.8, 0.1))], axis=1)
    weights = choose_weights(members, Y)
    grid = [np.array(each) / 40 for each in product(range(41), repeat=3) if sum(each) == 40]
    best = min(log_loss(members @ each, Y) for each in grid)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    assert log_loss(members @ weights, Y) <= best + 1e-4


def test_a_member_that_knows_all_counts_alone_and_one_that_knows_nothing_not_at_all() -> None:
    members = np.stack([np.full(len(Y), 0.5), np.where(Y == 1, 1 - 1e-9, 1e-9)], axis=1)
    assert choose_weights(members, Y).tolist() == [0, 1]


def test_equal_members_give_the_first_one() -> None:
    one = member(1, 1)
    weights = choose_weights(np.stack([one, one], axis=1), Y)
    assert weights.tolist() == [1, 0]


def test_the_mean_of_a_fold_comes_from_weights_of_the_others() -> None:
    members, folds = np.stack([member(1, 1), member(0.9, 2)], axis=1), np.arange(len(Y)) % 4
    found = cross_fitted(members, Y, folds)
    for fold in range(4):
        own = folds == fold
        np.testing.assert_array_equal(found[own], members[own] @ choose_weights(members[~own], Y[~own]))
    shuffled = Y.copy()
    shuffled[folds == 2] = 1 - shuffled[folds == 2]
    np.testing.assert_array_equal(cross_fitted(members, shuffled, folds)[folds == 2], found[folds == 2])
