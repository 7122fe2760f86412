"""The intervals: do they cover, do they agree with the plain way, do they repeat, do they stay small."""

from __future__ import annotations

import tracemalloc
from statistics import NormalDist

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.utils import resample

from phishcli.evaluation import resampling
from phishcli.evaluation.counts import Confusion, ScoredRows
from phishcli.evaluation.formulas import tpr_at
from phishcli.evaluation.intervals import (
    Intervals,
    at_max_fpr,
    bootstrap,
    of_calibration,
    of_counts,
    percentile,
    without_width,
)
from phishcli.evaluation.metrics import METRICS, compute
from phishcli.evaluation.resampling import Resampling

NAMES = [metric.name for metric in METRICS]


def sample(n_positive: int, n_negative: int, seed: int = 0, distance: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """Two normal classes ``distance`` apart; the threshold 0.5 lies half-way between them."""
    y = np.repeat([1, 0], [n_positive, n_negative])
    scores = np.random.default_rng(seed).normal((y - 0.5) * distance)
    return y, 1 / (1 + np.exp(-scores))


def by_percentiles(y: np.ndarray, proba: np.ndarray, *, n_boot: int, seed: int) -> Intervals:
    """What percentiles of resamples alone would say."""
    how = Resampling(n_boot=n_boot, seed=seed)
    return percentile(resampling.resample(ScoredRows(y == 1, proba), how), how)


def width(interval: tuple[float, float] | None) -> float:
    assert interval is not None
    return interval[1] - interval[0]


def test_every_metric_has_an_interval_around_its_value() -> None:
    y, proba = sample(100, 120)
    found, values = bootstrap(y, proba, n_boot=300), compute(y, proba)
    assert list(found) == NAMES
    assert {name for name in NAMES if found[name] is None} == {"tpr@fpr=0.01", "tpr@fpr=0.001"}  # 120 negative rows
    for name, interval in found.items():
        assert interval is None or interval[0] < values[name] < interval[1]


@pytest.mark.simulation
def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    normal = NormalDist()
    truth = {"accuracy": normal.cdf(0.75), "roc_auc": normal.cdf(1.5 / 2**0.5)}
    covered = dict.fromkeys(truth, 0)
    for seed in range(300):
        found = bootstrap(*sample(120, 150, seed), n_boot=200, seed=seed)
        for name, value in truth.items():
            low, high = found[name]
            covered[name] += low <= value <= high
    assert all(0.90 <= count / 300 <= 0.98 for count in covered.values()), covered


@pytest.mark.simulation
@pytest.mark.parametrize(
    ("max_fpr", "n_positive", "n_negative"),
    [(0.1, 100, 30), (0.1, 800, 1200), (0.01, 2000, 300), (0.01, 300, 600), (0.001, 300, 3000)],
)
def test_the_recall_at_a_budget_is_covered_from_the_fewest_rows_that_resolve_it_on(
    max_fpr: float, n_positive: int, n_negative: int
) -> None:
    normal, name = NormalDist(), f"tpr@fpr={max_fpr:g}"
    truth = normal.cdf(1.5 - normal.inv_cdf(1 - max_fpr))
    covered = 0
    for seed in range(500):
        y, proba = sample(n_positive, n_negative, seed)
        low, high = at_max_fpr(ScoredRows(y == 1, proba), Resampling(n_boot=250, seed=seed))[name]
        covered += low <= truth <= high
    assert 0.90 <= covered / 500 <= 0.98, covered


@pytest.mark.simulation
def test_resamples_of_the_rows_would_not_cover_the_recall_at_a_budget() -> None:
    """Why it has an interval of its own: each resample is as optimistic again as the rows are."""
    normal = NormalDist()
    truth, covered = normal.cdf(1.5 - normal.inv_cdf(0.99)), 0
    for seed in range(200):
        y, proba = sample(2000, 300, seed)
        low, high = by_percentiles(y, proba, n_boot=200, seed=seed)["tpr@fpr=0.01"]
        covered += low <= truth <= high
    assert covered / 200 < 0.90


@pytest.mark.simulation
@pytest.mark.parametrize(("fpr", "recall", "n"), [(0.001, 0.95, 1000), (0.004, 0.998, 500), (0.02, 0.98, 100)])
def test_rates_near_zero_and_one_are_covered_too(fpr: float, recall: float, n: int) -> None:
    truth = {"fpr": fpr, "recall": recall, "accuracy": (recall + 1 - fpr) / 2, "precision": recall / (recall + fpr)}
    covered, by_resamples = dict.fromkeys(truth, 0), dict.fromkeys(truth, 0)
    rng, y = np.random.default_rng(0), np.repeat([1, 0], n)
    for seed in range(300):
        proba = np.where(rng.random(2 * n) < np.where(y == 1, recall, fpr), 0.9, 0.1)
        drawn = by_percentiles(y, proba, n_boot=200, seed=seed)
        found = bootstrap(y, proba, n_boot=200, seed=seed)
        for name, value in truth.items():
            for count, (low, high) in ((covered, found[name]), (by_resamples, drawn[name])):
                count[name] += low <= value <= high
    assert all(count / 300 >= 0.90 for count in covered.values()), covered
    assert by_resamples["fpr"] / 300 < 0.90  # why they have an interval of their own


def test_where_errors_are_many_resamples_are_enough() -> None:
    y, proba = sample(200, 200)
    assert of_counts(ScoredRows(y == 1, proba).confusion, Resampling(n_boot=100)) == {}


def test_where_no_error_was_seen_an_interval_reaches_as_far_as_the_rows_can_tell() -> None:
    y = np.repeat([1, 0], [50, 1000])
    found = bootstrap(y, np.where(y == 1, 0.9, 0.1))
    low, high = found["fpr"]
    assert (low, found["recall"][1]) == (0, 1)
    assert 0.001 < high < 0.004  # the rule of three says 0.003
    assert found["recall"][0] < 0.97


@pytest.mark.simulation
@pytest.mark.parametrize(("power", "true"), [(1.0, 0.0), (2.0, 0.084)])
def test_the_calibration_error_is_covered_although_chance_adds_to_it(power: float, true: float) -> None:
    """Of perfect probabilities, and of such that are too sure: p^2 / (p^2 + (1 - p)^2)."""
    rng = np.random.default_rng(0)
    covered, by_resamples = 0, 0
    for seed in range(200):
        p = rng.beta(0.6, 0.6, 1000)
        positive, scores = rng.random(1000) < p, p**power / (p**power + (1 - p) ** power)
        low, high = of_calibration(ScoredRows(positive, scores), Resampling(n_boot=300, seed=seed))
        assert low <= compute(positive, scores)["ece"] <= high
        covered += low <= true <= high
        drawn = by_percentiles(positive, scores, n_boot=100, seed=seed)["ece"]
        by_resamples += drawn[0] <= true <= drawn[1]
    assert covered / 200 >= 0.93, covered
    assert by_resamples < covered


@pytest.mark.parametrize("grouped", [False, True])
def test_the_interval_of_the_calibration_error_is_that_of_plain_sums(grouped: bool) -> None:
    rng = np.random.default_rng(3)
    scores = rng.random(300)
    positive = rng.random(300) < scores**3  # too sure, so that the lower end is above 0
    groups = [f"host {number % 70}" for number in range(300)]
    bins = [min(int(score * 15), 14) for score in scores]
    sums: dict[tuple[object, int], float] = {}
    for row in range(300):
        unit = (groups[row] if grouped else row, bins[row])
        sums[unit] = sums.get(unit, 0.0) + float(positive[row]) - scores[row]
    off = np.array([sum(value for (_, of), value in sums.items() if of == each) / 300 for each in range(15)])
    spread = [np.sqrt(sum(value**2 for (_, of), value in sums.items() if of == each)) / 300 for each in range(15)]
    drawn = np.random.default_rng(5).standard_normal((400, 15)) * spread
    chance = np.sort([np.abs(draw).sum() for draw in drawn])
    around = np.array([np.abs(off + draw).sum() for draw in drawn])
    value = np.abs(off).sum()
    expected = (value - np.quantile(chance, 0.975), value + np.quantile(around, 0.975) - around.mean())
    how = Resampling(n_boot=400, seed=5, groups=np.array(groups) if grouped else None)
    assert of_calibration(ScoredRows(positive, scores), how) == pytest.approx(expected)
    assert 0 < expected[0] < expected[1] < 1


def test_the_calibration_error_stays_between_0_and_1() -> None:
    positive = np.arange(20) < 10
    low, high = of_calibration(ScoredRows(positive, (~positive).astype(float)), Resampling(n_boot=200))
    assert (low, high) == (pytest.approx(0.48, abs=0.2), 1.0)  # all wrong, and sure of it
    assert of_calibration(ScoredRows(positive, positive.astype(float)), Resampling(n_boot=200)) == (0.0, 0.0)


@pytest.mark.simulation
def test_rows_that_belong_together_are_resampled_together() -> None:
    """Thirty hosts, each judged well or badly as a whole: single rows would claim to know far more than they do."""
    rng, normal = np.random.default_rng(0), NormalDist()
    truth, groups = normal.cdf(0.75 / 2**0.5), np.repeat(np.arange(30), 20)
    covered = dict.fromkeys(("rows", "groups"), 0)
    for seed in range(200):
        y = rng.integers(0, 2, 600)
        scores = rng.normal((y - 0.5) * 1.5) + rng.normal(size=30)[groups] * (2 * y - 1)
        proba = 1 / (1 + np.exp(-scores))
        for name, given in (("rows", None), ("groups", groups)):
            low, high = bootstrap(y, proba, groups=given, n_boot=200, seed=seed)["accuracy"]
            covered[name] += low <= truth <= high
    assert covered["groups"] / 200 >= 0.88, covered
    assert covered["rows"] / 200 < 0.75, covered


@pytest.mark.simulation
def test_resamples_of_groups_are_those_of_a_plain_loop() -> None:
    y, proba = sample(60, 80, seed=3)
    groups = np.random.default_rng(1).integers(0, 20, 140)
    rng, plain = np.random.default_rng(0), []
    for _ in range(2000):
        rows = np.concatenate([np.flatnonzero(groups == group) for group in rng.integers(0, 20, 20)])
        plain.append(sk.roc_auc_score(y[rows], proba[rows]))
    found = bootstrap(y, proba, groups=[f"host {group}" for group in groups], n_boot=4000)["roc_auc"]
    assert found == pytest.approx(np.quantile(plain, [0.025, 0.975]), abs=0.1 * width(found))


def test_of_groups_no_interval_is_narrower_than_of_single_rows_where_errors_are_rare() -> None:
    y = np.repeat([1, 0], [50, 1000])
    proba = np.where(y == 1, 0.9, 0.1)
    rows, groups = bootstrap(y, proba), bootstrap(y, proba, groups=np.arange(1050) % 50)
    assert groups["fpr"] == rows["fpr"]
    assert groups["tpr@fpr=0.01"] == (1, 1)  # it is of resamples; nothing is assumed of the rows


def test_of_groups_an_interval_reaches_as_far_as_either_way_of_drawing_it() -> None:
    y, proba = sample(40, 60, seed=2, distance=2.5)
    groups = np.arange(100) // 2
    rows, how = ScoredRows(y == 1, proba), Resampling(n_boot=300, groups=groups)
    drawn, of_rows = percentile(resampling.resample(rows, how), how), of_counts(rows.confusion, how)
    found = bootstrap(y, proba, groups=groups, n_boot=300)
    assert len(of_rows) == 9
    sides = set()
    for name, (low, high) in of_rows.items():
        assert found[name] == (min(low, drawn[name][0]), max(high, drawn[name][1]))
        sides |= {low < drawn[name][0], high > drawn[name][1]}
    assert sides == {True, False}


def test_the_recall_at_a_budget_is_drawn_as_a_loop_over_thresholds_would() -> None:
    y, proba = sample(200, 100, seed=4)
    proba = proba.round(1)  # many ties
    rows, rng = ScoredRows(y == 1, proba), np.random.default_rng(0)
    plain = []
    for alarms in rng.binomial(100, 0.1, 2000):
        recall = tpr_at(rows.by_score, alarms / 100)
        plain.append(rng.binomial(200, recall) / 200)
    found = at_max_fpr(rows, Resampling(n_boot=2000))
    assert found.keys() == {"tpr@fpr=0.1"}  # 100 negative rows resolve no smaller one
    assert found["tpr@fpr=0.1"] == pytest.approx(np.quantile(plain, [0.025, 0.975]), abs=0.02)


def test_a_draw_lets_through_just_as_many_false_alarms_as_it_allows() -> None:
    """All positive rows lie below three of thirty negative ones, so that a draw finds all of them or none.

    Of Binomial(30, 0.1), 41 % are below three and 65 % at most three: the quantile at 0.45 is a draw that finds all,
    the one at 0.40 is not.
    """
    y = np.repeat([0, 1, 0], [3, 40, 27])
    proba = np.linspace(0.99, 0.01, 70)
    rows = ScoredRows(y == 1, proba)
    assert at_max_fpr(rows, Resampling(n_boot=4_000, confidence=0.1)) == {"tpr@fpr=0.1": (1.0, 1.0)}
    assert at_max_fpr(rows, Resampling(n_boot=4_000, confidence=0.2)) == {"tpr@fpr=0.1": (0.0, 1.0)}


def test_without_draws_or_negative_rows_there_is_no_interval_at_a_budget() -> None:
    y, proba = sample(50, 50)
    assert at_max_fpr(ScoredRows(y == 1, proba), Resampling(n_boot=0)) == {}
    assert at_max_fpr(ScoredRows(np.ones(50, dtype=bool), proba[:50]), Resampling(n_boot=10)) == {}


@pytest.mark.simulation
def test_intervals_are_those_of_a_plain_loop_over_resamples() -> None:
    y, proba = sample(60, 80, seed=3)
    proba = proba.round(1)  # many ties
    plain = [resample(y, proba, stratify=y, random_state=seed) for seed in range(400)]
    functions = {
        "f1": lambda y, p: sk.f1_score(y, p >= 0.4),
        "mcc": lambda y, p: sk.matthews_corrcoef(y, p >= 0.4),
        "roc_auc": sk.roc_auc_score,
        "pr_auc": sk.average_precision_score,
    }
    found = bootstrap(y, proba, 0.4, n_boot=4000)
    for name, function in functions.items():
        expected = np.quantile([function(*rows) for rows in plain], [0.025, 0.975])
        assert found[name] == pytest.approx(expected, abs=0.12 * width(found[name])), name


def test_class_sizes_stay_as_they_are() -> None:
    y = np.repeat([1, 0], [30, 70])
    drawn = resampling.resample(ScoredRows(y == 1, np.full(100, 0.9)), Resampling(n_boot=50))
    assert set(drawn["accuracy"]) == {0.3}


def test_no_resamples_give_no_intervals() -> None:
    assert bootstrap(*sample(10, 10), n_boot=0) == dict.fromkeys(NAMES)


def test_what_the_rows_do_not_define_has_no_interval() -> None:
    found = bootstrap([0, 0, 0], [0.1, 0.2, 0.9], n_boot=20)
    assert [name for name in NAMES if found[name] is not None] == [
        *("accuracy", "precision", "specificity", "fpr", "log_loss", "brier", "ece")
    ]
    assert bootstrap([], [], n_boot=20) == dict.fromkeys(NAMES)


def test_the_same_seed_repeats_and_another_differs() -> None:
    y, proba = sample(50, 60)
    assert bootstrap(y, proba, n_boot=100, seed=1) == bootstrap(y, proba, n_boot=100, seed=1)
    assert bootstrap(y, proba, n_boot=100, seed=1) != bootstrap(y, proba, n_boot=100, seed=2)


def test_models_are_resampled_alike() -> None:
    y, proba = sample(50, 60)
    other = proba**2  # another order of magnitude, the same order of rows and the same verdicts
    found, same = bootstrap(y, proba, 0.5, n_boot=100), bootstrap(y, other, 0.25, n_boot=100)
    about_probabilities = ("log_loss", "brier", "ece")
    assert all(found[name] == same[name] for name in NAMES if name not in about_probabilities)
    assert all(found[name] != same[name] for name in about_probabilities)


def test_the_size_of_a_block_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    y, proba = sample(50, 60)
    whole = bootstrap(y, proba, n_boot=101)
    monkeypatch.setattr(resampling, "BLOCK_CELLS", 330)
    assert bootstrap(y, proba, n_boot=101) == whole


def test_more_confidence_needs_more_room() -> None:
    y, proba = sample(100, 100)
    narrow, wide = (bootstrap(y, proba, n_boot=500, confidence=level) for level in (0.8, 0.99))
    assert all(width(narrow[name]) < width(wide[name]) for name in NAMES if wide[name] is not None)


def test_memory_does_not_grow_with_the_number_of_resamples() -> None:
    y, proba = sample(40_000, 60_000)
    peaks = []
    for n_boot in (2, 30):
        tracemalloc.start()
        bootstrap(y, proba, n_boot=n_boot)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_an_interval_without_width_at_a_perfect_score_is_said_to_prove_nothing() -> None:
    y = np.repeat([1, 0], 10)
    proba = np.where(y == 1, 0.9, 0.1)
    proba[-1] = 0.6  # one false alarm, below every positive score
    values = compute(y, proba)
    [sentence] = without_width(values, bootstrap(y, proba, n_boot=200))
    assert sentence == (
        "The interval of ROC-AUC, PR-AUC has no width: resampling shows only errors that the rows contain."
    )
    assert without_width(values, dict.fromkeys(NAMES)) == []


def test_a_point_at_zero_proves_as_little() -> None:
    values, intervals = dict.fromkeys(NAMES, 0.5), dict.fromkeys(NAMES)
    [sentence] = without_width({**values, "brier": 0.0}, {**intervals, "brier": (0.0, 0.0)})
    assert sentence.startswith("The interval of Brier score has no width")
    assert without_width({**values, "brier": 0.25}, {**intervals, "brier": (0.25, 0.25)}) == []


def test_a_thousand_resamples_are_drawn_unless_others_are_asked_for() -> None:
    y, proba = sample(30, 40)
    assert bootstrap(y, proba) == bootstrap(y, proba, n_boot=1000, confidence=0.95, seed=42)


@pytest.mark.parametrize("rare", ["tn", "fp", "fn", "tp"])
def test_one_rare_count_of_the_four_is_enough_to_draw_the_rates(rare: str) -> None:
    often = dict.fromkeys(("tn", "fp", "fn", "tp"), 1000.0)
    assert of_counts(Confusion(**{**often, rare: 3.0}), Resampling(n_boot=50))
    assert not of_counts(Confusion(**often), Resampling(n_boot=50))
