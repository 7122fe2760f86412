"""Paired tests: their formulas, and how often they see a difference where there is none."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import t

from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.metrics import compute
from phishcli.evaluation.resampling import Resampling, resample
from phishcli.evaluation.significance import corrected_t, holm, mcnemar, paired_bootstrap


def test_the_corrected_t_test_is_that_of_nadeau_and_bengio() -> None:
    differences = [0.01, 0.03, -0.01, 0.02, 0.00]
    found = corrected_t(differences, n_train=4, n_test=1)
    error = np.sqrt((1 / 5 + 1 / 4) * np.var(differences, ddof=1))
    assert found.value == pytest.approx(0.01)
    assert found.p == pytest.approx(2 * t.sf(0.01 / error, 4))
    assert (found.low, found.high) == pytest.approx((0.01 - t.ppf(0.975, 4) * error, 0.01 + t.ppf(0.975, 4) * error))


def test_no_difference_on_any_fold_is_none_and_the_same_on_all_is_certain() -> None:
    assert corrected_t([0.0, 0.0, 0.0], n_train=2, n_test=1).p == 1
    assert corrected_t([0.1 + 0.2 - 0.3] * 3, n_train=2, n_test=1).p == 1  # rounding noise
    assert corrected_t([0.01] * 3, n_train=2, n_test=1).p == 0
    certain = corrected_t([0.25] * 3, n_train=2, n_test=1)
    assert (certain.value, certain.low, certain.high) == (0.25, 0.25, 0.25)


def test_the_level_of_the_interval_of_a_difference_is_the_one_that_is_asked_for() -> None:
    differences = [0.01, 0.03, -0.01, 0.02, 0.00]
    half = [
        (found := corrected_t(differences, n_train=4, n_test=1, confidence=c)).high - found.value for c in (0.5, 0.9)
    ]
    assert half[1] / half[0] == pytest.approx(t.ppf(0.95, 4) / t.ppf(0.75, 4))
    drawn = np.linspace(-1, 1, 2_001)
    found = paired_bootstrap(0.0, drawn, 0.0, np.zeros(2_001), 0.5)
    assert (found.low, found.high) == pytest.approx((-0.5, 0.5))
    assert found.p == 1


def test_mcnemar_counts_all_outcomes_at_least_as_one_sided() -> None:
    right, other = [1, 1, 1, 1, 1, 0, 1, 0], [0, 0, 0, 0, 0, 1, 1, 0]
    won, lost, p = mcnemar(right, other)
    outcomes = [sum(each) for each in product([0, 1], repeat=6)]
    assert (won, lost) == (5, 1)
    assert p == pytest.approx(sum(wins in (0, 1, 5, 6) for wins in outcomes) / 2**6)


def test_models_that_never_differ_are_not_told_apart() -> None:
    assert mcnemar([1, 0, 1], [1, 0, 1]) == (0, 0, 1.0)


def test_holm_is_that_of_a_worked_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([]) == []


def test_the_paired_bootstrap_sees_a_small_difference_that_single_intervals_cannot() -> None:
    rng = np.random.default_rng(0)
    y = np.repeat([1, 0], 400)
    proba = np.clip(0.5 + 0.3 * (y - 0.5) + rng.normal(0, 0.2, 800), 0, 1)
    better = np.where(rng.random(800) < 0.03, y * 0.98 + 0.01, proba)
    one, other = (resample(ScoredRows(y == 1, each), Resampling(n_boot=400))["accuracy"] for each in (better, proba))
    values = [compute(y, each)["accuracy"] for each in (better, proba)]
    found = paired_bootstrap(values[0], one, values[1], other)
    assert found.value == pytest.approx(values[0] - values[1])
    assert 0 < found.low < found.value < found.high
    assert found.p < 0.05
    assert np.quantile(one, 0.025) < values[1]


def test_without_a_difference_the_bootstrap_sees_none() -> None:
    found = paired_bootstrap(0.8, [0.8, 0.79], 0.8, [0.8, 0.79])
    assert (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_a_difference_beyond_all_resamples_is_surer_than_their_number_could_say() -> None:
    drawn = np.random.default_rng(0).normal(0.1, 0.01, 200)
    far, nearer = (paired_bootstrap(0.1, drawn + shift, 0.0, np.zeros(200)) for shift in (0.0, -0.06))
    assert far.p < 1e-6 < nearer.p < 2 / 201
    assert paired_bootstrap(0.1, drawn - 0.085, 0.0, np.zeros(200)).p > 2 / 201  # some lie on the other side
    assert paired_bootstrap(0.1, [0.1] * 200, 0.0, [0.0] * 200).p == pytest.approx(2 / 201)


RUNS = 1_000


@pytest.mark.simulation
def test_mcnemar_and_bootstrap_see_a_difference_where_there_is_none_in_at_most_six_of_a_hundred_test_sets() -> None:
    """Two models of the same skill that agree on most rows."""
    rng, seen = np.random.default_rng(11), {"mcnemar": 0, "bootstrap": 0}
    n = 400
    for _ in range(RUNS):
        shared = rng.random(n) < 0.7
        right = [np.where(shared, rng_right, rng.random(n) < 0.8) for rng_right in [rng.random(n) < 0.8] * 2]
        seen["mcnemar"] += mcnemar(*right)[2] < 0.05
        weights = rng.multinomial(n, np.full(n, 1 / n), size=300)
        drawn = [weights @ each / n for each in right]
        seen["bootstrap"] += paired_bootstrap(right[0].mean(), drawn[0], right[1].mean(), drawn[1]).p < 0.05
    noise = 2 * np.sqrt(0.05 * 0.95 / RUNS)
    assert all(count / RUNS <= 0.06 + noise for count in seen.values()), seen


@pytest.mark.simulation
def test_the_corrected_t_test_sees_a_difference_where_there_is_none_in_at_most_six_of_a_hundred_data_sets() -> None:
    """Two learners of the same kind that each pick one of eight columns of their own, of which one is of use.

    What they pick hangs on the training rows, which the folds share: the test without its correction is misled.
    """
    rng, seen, naive = np.random.default_rng(5), 0, 0
    n, k, skill = 100, 5, np.array([0.8] + [0.0] * 7)
    for _ in range(RUNS):
        y, folds = rng.random(n) < 0.5, rng.permutation(n) % k
        tables = [rng.normal(size=(n, len(skill))) + skill * y[:, None] for _ in range(2)]
        scores = [[_accuracy(x, y, folds == fold) for fold in range(k)] for x in tables]
        differences = list(np.subtract(*scores))
        seen += corrected_t(differences, n_train=k - 1, n_test=1).p < 0.05
        naive += corrected_t(differences, n_train=1, n_test=0).p < 0.05
    most = 0.06 + 2 * np.sqrt(0.05 * 0.95 / RUNS)
    assert seen / RUNS <= most
    assert naive / RUNS > most  # what the correction is for


def _accuracy(x: np.ndarray, y: np.ndarray, held_out: np.ndarray) -> float:
    """Cut the column whose class means lie farthest apart half-way between them; both learnt outside of the fold."""
    means = [x[~held_out & (y == label)].mean(axis=0) for label in (False, True)]
    apart = means[1] - means[0]
    column = np.argmax(np.abs(apart))
    above = x[held_out, column] > (means[0][column] + means[1][column]) / 2
    return float(((above == (apart[column] > 0)) == y[held_out]).mean())
