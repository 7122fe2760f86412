"""Two models are compared on the same rows, with the standard error of their difference."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from phishcli.config.schema import MetricName
from phishcli.evaluation.metrics import METRICS, score
from phishcli.search.paired import GROUPS, brier_lead, lead, replicates, sign, squared_errors

EVERY_METRIC: list[MetricName] = [metric.name for metric in METRICS]


def rights(*shares: tuple[bool, int]) -> Any:
    """Which rows are judged rightly, in runs: ``rights((True, 3), (False, 2))``."""
    return np.repeat([right for right, _ in shares], [count for _, count in shares])


def problem(n: int = 120, folds: int = 3, seed: int = 0) -> list[tuple[Any, Any, Any]]:
    """Targets and the probabilities of two models that share much of their noise, per fold; the first is better."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(folds):
        y, noise = random.permutation(np.arange(n) % 3 == 0).astype(np.int8), random.normal(size=n)
        both = [1 / (1 + np.exp(-(1.5 * gain * (y - 0.5) + noise + random.normal(size=n)))) for gain in (1.5, 1.0)]
        made.append((y, *both))
    return made


def compared(metric: MetricName, folds: list[tuple[Any, Any, Any]]) -> float:
    ours = [replicates(metric, y, first) for y, first, _ in folds]
    theirs = [replicates(metric, y, second) for y, _, second in folds]
    return lead(metric, ours, theirs)


# The accuracy: McNemar's test.


def test_a_row_is_judged_rightly_from_one_half_on() -> None:
    found = replicates("accuracy", np.array([1, 1, 0, 0], dtype=np.int8), np.array([0.5, 0.49, 0.5, 0.49]))
    assert found.tolist() == [True, False, False, True]


def test_the_lead_in_accuracy_is_that_of_mcnemar_with_edwards_correction() -> None:
    ours = rights((True, 50), (True, 10), (False, 3), (False, 7))
    theirs = rights((True, 50), (False, 10), (True, 3), (False, 7))
    assert lead("accuracy", [ours], [theirs]) == pytest.approx((10 - 3 - 1) / sqrt(13))
    assert lead("accuracy", [theirs], [ours]) == pytest.approx(-(10 - 3 - 1) / sqrt(13))


def test_the_rows_of_all_folds_count_together() -> None:
    ours = [rights((True, 6), (False, 1)), rights((True, 5), (False, 2))]
    theirs = [rights((False, 6), (True, 1)), rights((False, 5), (True, 2))]
    assert lead("accuracy", ours, theirs) == pytest.approx((11 - 3 - 1) / sqrt(14))


@pytest.mark.parametrize(("ours", "theirs"), [(1, 0), (4, 3), (3, 3), (0, 0)])
def test_one_row_more_is_no_lead(ours: int, theirs: int) -> None:
    first, second = rights((True, ours), (False, theirs)), rights((False, ours), (True, theirs))
    assert lead("accuracy", [first], [second]) == 0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80), st.integers(1, 4))
def test_a_lead_in_accuracy_is_a_lag_seen_from_the_other_side(rows: list[tuple[bool, bool]], folds: int) -> None:
    ours, theirs = (np.array_split([row[side] for row in rows], folds) for side in (0, 1))
    found = lead("accuracy", ours, theirs)
    assert found == -lead("accuracy", theirs, ours)
    assert lead("accuracy", ours, ours) == 0
    ahead = sum(map(np.sum, ours)) - sum(map(np.sum, theirs))
    assert np.sign(found) in {0, np.sign(ahead)}


# Other metrics: a jackknife.


def test_the_groups_are_of_one_size_in_either_class_and_leave_each_row_out_once() -> None:
    y = np.tile([1, 0, 0], 40).astype(np.int8)
    ranks = np.random.default_rng(0).permutation(120) / 120
    found = replicates("roc_auc", y, ranks)
    groups = np.empty(120, dtype=int)
    groups[y == 1], groups[y == 0] = np.arange(40) % GROUPS, np.arange(80) % GROUPS
    assert found[0] == pytest.approx(roc_auc_score(y, ranks), abs=1e-12)
    expected = [roc_auc_score(y[groups != group], ranks[groups != group]) for group in range(GROUPS)]
    assert found[1:] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", ["roc_auc", "f1", "fpr"])
def test_the_lead_is_the_mean_difference_over_its_jackknife_error(metric: MetricName) -> None:
    means, variances = [], []
    for y, first, second in problem():

        def difference(rows: Any, y: Any = y, first: Any = first, second: Any = second) -> float:
            return score(metric, y[rows], first[rows]) - score(metric, y[rows], second[rows])

        places = np.empty(len(y), dtype=int)
        for label in (0, 1):
            places[y == label] = np.arange((y == label).sum()) % GROUPS
        left_out = np.array([difference(places != group) for group in range(GROUPS)])
        means.append(difference(slice(None)))
        variances.append((GROUPS - 1) / GROUPS * ((left_out - left_out.mean()) ** 2).sum())
    expected = np.mean(means) / sqrt(np.mean(variances) / len(variances))
    assert compared(metric, problem()) == pytest.approx(expected if metric != "fpr" else -expected)


@pytest.mark.parametrize("metric", [name for name in EVERY_METRIC if name != "ece"])
def test_every_metric_but_calibration_puts_the_sharper_model_ahead(metric: MetricName) -> None:
    better, worse = [], []
    for y, _, second in problem(400):
        better.append(replicates(metric, y, np.where(y == 1, 0.9, 0.1) * 0.7 + 0.3 * second))
        worse.append(replicates(metric, y, second))
    assert lead(metric, better, worse) > 2
    assert lead(metric, worse, better) == -lead(metric, better, worse)
    assert lead(metric, worse, worse) == 0


@pytest.mark.parametrize("metric", ["ece", "log_loss", "brier"])
def test_probabilities_that_come_true_are_ahead_of_exaggerated_ones_in_the_same_order(metric: MetricName) -> None:
    random = np.random.default_rng(0)
    truths = [random.random(400) for _ in range(3)]
    folds = [((random.random(400) < truth).astype(np.int8), truth, truth**3) for truth in truths]
    assert compared(metric, folds) > 2


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(EVERY_METRIC), st.integers(1, 3))
def test_a_lead_is_a_lag_seen_from_the_other_side(seed: int, metric: MetricName, folds: int) -> None:
    made = problem(60, folds, seed)
    assert compared(metric, made) == -compared(metric, [(y, second, first) for y, first, second in made])
    assert compared(metric, [(y, first, first) for y, first, _ in made]) == 0


def test_less_is_better_for_errors_alone() -> None:
    assert {name for name in EVERY_METRIC if sign(name) == -1} == {"fpr", "fnr", "log_loss", "brier", "ece"}


# The Brier score.


def test_squared_errors_are_what_each_row_adds_to_the_brier_score() -> None:
    found = squared_errors(np.array([1, 0, 1], dtype=np.int8), np.array([0.75, 0.5, 1.0]))
    assert found.tolist() == [0.0625, 0.25, 0.0]


def test_the_sharper_model_is_ahead_by_the_paired_difference_over_its_error() -> None:
    ours = [squared_errors(y, first) for y, first, _ in problem()]
    theirs = [squared_errors(y, second) for y, _, second in problem()]
    differences = np.concatenate(theirs).astype(float) - np.concatenate(ours).astype(float)
    expected = differences.mean() / (differences.std() / sqrt(360))
    assert brier_lead(ours, theirs) == pytest.approx(expected, rel=1e-5)
    assert brier_lead(theirs, ours) == -brier_lead(ours, theirs)
    assert brier_lead(ours, ours) == 0


# How often chance alone looks like a lead.


@pytest.mark.parametrize(("metric", "times"), [("accuracy", 1500), ("roc_auc", 300)])
def test_of_two_equally_good_models_one_is_rarely_ahead_by_two_standard_errors(metric: MetricName, times: int) -> None:
    random, found = np.random.default_rng(0), []
    for _ in range(times):
        folds = []
        for _ in range(2):
            y, shared = (random.random(150) < 0.4).astype(np.int8), random.normal(size=150)
            either = [1 / (1 + np.exp(-(2 * (y - 0.5) + shared + random.normal(size=150)))) for _ in range(2)]
            folds.append((y, *either))
        found.append(compared(metric, folds))
    outside = np.mean(np.abs(found) > 1.96)
    assert outside <= 0.07
    assert np.std(found) > 0.7
    assert abs(np.mean(found)) < 0.2
