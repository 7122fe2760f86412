"""Weights of an ensemble, against brute force and by hand."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss as of_sklearn
from sklearn.metrics import roc_auc_score

from phishcli.ensemble import greedy
from phishcli.ensemble.greedy import choose_weights, log_loss
from phishcli.ensemble.methods import STRENGTHS, Table, chosen, cross_fitted

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


def table(members: np.ndarray, y: np.ndarray = Y, **more: Any) -> Table:
    folds = (np.arange(len(y)) % 4).astype(np.int8)
    return Table(members, y, folds, np.zeros(members.shape[1]), np.inf)._replace(**more)


@pytest.mark.parametrize("method", ["greedy", "stacking"])
def test_the_predictions_of_a_fold_come_from_weights_of_the_others(method: Any) -> None:
    whole = table(np.stack([member(1, 1), member(0.9, 2)], axis=1))
    found, own = cross_fitted(method, whole), whole.folds == 2
    without = chosen(method, whole.of(~own)).predict(whole.members[own])
    np.testing.assert_array_equal(found[own], without)
    other = np.where(own, 1 - Y, Y)
    np.testing.assert_array_equal(cross_fitted(method, whole._replace(y=other))[own], found[own])
    assert roc_auc_score(Y, found) > max(roc_auc_score(Y, each) for each in whole.members.T)


def test_of_two_folds_the_second_level_of_each_is_chosen_on_the_other() -> None:
    whole = table(np.stack([member(1, 1), member(0.9, 2)], axis=1), folds=(np.arange(len(Y)) % 2).astype(np.int8))
    found, own = cross_fitted("stacking", whole), whole.folds == 0
    np.testing.assert_array_equal(found[own], chosen("stacking", whole.of(~own)).predict(whole.members[own]))
    assert roc_auc_score(Y, found) > 0.6


def test_shuffled_labels_give_an_ensemble_of_many_trials_that_promises_nothing() -> None:
    random = np.random.default_rng(5)
    members, y = random.beta(2, 2, size=(600, 60)), random.integers(0, 2, 600).astype(np.int8)
    assert roc_auc_score(y, cross_fitted("greedy", table(members, y))) == pytest.approx(0.5, abs=0.06)


def test_of_many_members_those_that_the_slope_speaks_for_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    members = np.stack([member(0.2 + seed % 7 / 10, seed) for seed in range(50)], axis=1)
    quick = log_loss(members @ choose_weights(members, Y), Y)
    monkeypatch.setattr(greedy, "PROMISING", 1_000)
    assert quick == pytest.approx(log_loss(members @ choose_weights(members, Y), Y), abs=2e-4)


def test_members_that_cost_too_much_together_are_not_used_together() -> None:
    members = np.stack([member(1, 1), member(1, 2), member(0.3, 3)], axis=1)
    costs = np.array([5.0, 5.0, 1.0])
    weights = choose_weights(members, Y, costs=costs, most=7.0)
    assert costs[weights > 0].sum() <= 7
    assert weights[0] + weights[1] > 0
    assert not choose_weights(members, Y, costs=costs, most=0.5).any()


def test_the_second_level_is_a_regularized_logistic_regression_on_log_odds() -> None:
    members = np.stack([member(1, 1), member(0.9, 2)], axis=1)
    found = chosen("stacking", table(members))
    odds = np.log(members / (1 - members))
    losses = {}
    for strength in STRENGTHS:
        level = LogisticRegression(C=strength).fit(odds, Y)
        losses[strength] = np.abs(level.predict_proba(odds)[:, 1] - found.predict(members)).max()
    assert min(losses.values()) < 1e-3
