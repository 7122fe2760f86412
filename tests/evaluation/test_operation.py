"""What a confusion matrix means at another base rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from phishcli.config.schema import EvaluateConfig, OperationConfig
from phishcli.documents.base import recast
from phishcli.documents.metrics import ConfusionMatrix, OperatingPoint
from phishcli.documents.operation import Operation, Quantities, Quantity
from phishcli.documents.selection import NonMissingScores
from phishcli.evaluation.evaluate import evaluate
from phishcli.evaluation.operation import (
    QUANTITIES,
    Certainty,
    never_seen,
    operating_sheet,
    operation_of,
    quantities,
)
from phishcli.tables.memory import MemoryTable

MATRIX = ConfusionMatrix(tn=950, fp=50, fn=40, tp=160)
PLACE = Operation(base_rate=0.001, volume=200_000, analyst_minutes=5, hour_cost=60, miss_cost=500)


def named(found: Quantities) -> dict[str, Quantity]:
    """The quantities that there are, by name."""
    return {name: each for name in QUANTITIES if (each := getattr(found, name)) is not None}


def test_the_quantities_follow_from_recall_and_false_positive_rate_by_bayes() -> None:
    values = {name: each.value for name, each in named(quantities(MATRIX, PLACE)).items()}
    true, false = 200 * 0.8, 199_800 * 0.05
    assert values == pytest.approx(
        {
            "alerts": true + false,
            "true_alerts": true,
            "false_alerts": false,
            "missed": 40,
            "precision": true / (true + false),
            "hours": (true + false) * 5 / 60,
            "cost": (true + false) * 5 + 40 * 500,
        }
    )
    assert list(values) == list(QUANTITIES)


class Scripted:
    """A classifier that gives the number of the row as a probability, in tenths."""

    classes_ = (0, 1)

    def predict_proba(self, block: np.ndarray) -> np.ndarray:
        return np.column_stack([1 - block[:, 0] / 10, block[:, 0] / 10])


def test_a_sheet_has_a_line_for_each_threshold_with_its_rates_and_its_quantities() -> None:
    target, numbers = [0, 0, 0, 1, 0, 1, 1, 1], [1, 2, 3, 4, 6, 7, 8, 9]
    rows = pd.DataFrame({"number": np.array(numbers, dtype=np.float32), "target": np.array(target, dtype=np.int8)})
    oof = pd.DataFrame({"fold": [0, 0, 1, 1], "target": [0, 1, 0, 1], "probability": [0.1, 0.9, 0.3, 0.4]})
    settings = EvaluateConfig(n_boot=0, confidence=0.8, seed=3)
    labels = pd.Series(target)
    metrics = evaluate(
        settings, Scripted(), "M", MemoryTable.of_frame(rows), oof=oof, rows=range(8), labels=labels
    ).metrics  # type: ignore[arg-type]  # all that is asked of a model
    rules = [point.rule for point in metrics.operating_points]
    assert len(rules) == len(set(rules)) > 1
    alone = NonMissingScores(n=4, n_positive=2, metrics={}, recall={rule: n / 10 for n, rule in enumerate(rules)})
    of_another = NonMissingScores(n=4, n_positive=2, metrics={}, recall=dict.fromkeys(rules, 1.0))
    sheet = operating_sheet(PLACE, metrics, {"Lines": {"Other": of_another, "M": alone}, "Host": {"M": of_another}})
    assert [line.in_use for line in sheet] == [True] + [False] * (len(rules) - 1)
    for number, (line, point) in enumerate(zip(sheet, metrics.operating_points, strict=True)):
        flagged = np.array(numbers) / 10 >= point.threshold
        assert line.recall == flagged[np.array(target) == 1].mean()
        assert line.fpr == flagged[np.array(target) == 0].mean()
        assert line.recall_non_missing == {"Lines": number / 10, "Host": 1.0}
        assert recast(OperatingPoint, line) == point
        assert line.quantities == quantities(point.confusion, PLACE, Certainty(0.8, 3))


def test_the_operation_is_that_of_the_configuration() -> None:
    given = OperationConfig(base_rate=0.25, volume=80, analyst_minutes=3, hour_cost=60, miss_cost=500)
    assert operation_of(given) == Operation(base_rate=0.25, volume=80, analyst_minutes=3, hour_cost=60, miss_cost=500)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_intervals_are_those_of_the_posteriors_of_recall_and_false_positive_rate(confidence: float) -> None:
    """Of few rows, so that a row more would show; false alerts and missed rows are multiples of one rate."""
    found = quantities(ConfusionMatrix(tn=9, fp=3, fn=4, tp=2), PLACE, Certainty(confidence))
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    fpr, recall = 199_800 * beta.ppf(tails, 3.5, 9.5), 200 * beta.ppf(tails, 2.5, 4.5)
    assert (found.false_alerts.low, found.false_alerts.high) == pytest.approx(fpr, rel=0.03)
    assert (found.true_alerts.low, found.true_alerts.high) == pytest.approx(recall, rel=0.03)
    assert (200 - found.missed.high, 200 - found.missed.low) == pytest.approx(recall, rel=0.03)


def test_recall_and_false_positive_rate_vary_independently() -> None:
    even = Operation(base_rate=0.5, volume=200, analyst_minutes=5)
    found = quantities(ConfusionMatrix(tn=6, fp=6, fn=6, tp=6), even)
    spread = {name: each.high - each.low for name, each in named(found).items()}
    assert found.true_alerts.value == 50
    assert spread["alerts"] == pytest.approx(np.hypot(spread["true_alerts"], spread["false_alerts"]), rel=0.05)


def test_without_a_cost_of_a_miss_there_is_no_cost() -> None:
    assert quantities(MATRIX, Operation(base_rate=0.001, volume=1000, analyst_minutes=5)).cost is None


def test_at_the_base_rate_of_the_test_rows_the_precision_is_theirs() -> None:
    found = quantities(MATRIX, Operation(base_rate=200 / 1200, volume=1200, analyst_minutes=1))
    assert found.precision.value == pytest.approx(160 / 210)


def test_no_false_alarm_seen_is_not_taken_for_none_to_come() -> None:
    found = quantities(ConfusionMatrix(tn=1000, fp=0, fn=10, tp=90), PLACE)
    assert (found.false_alerts.value, found.precision.value) == (None, None)
    assert found.false_alerts.high == pytest.approx((PLACE.volume * (1 - PLACE.base_rate)) * never_seen(1000))
    true = PLACE.volume * PLACE.base_rate * 0.9
    assert found.precision.low == pytest.approx(true / (true + found.false_alerts.high))
    assert (found.false_alerts.low, found.precision.high) == (0, 1)


def test_what_was_never_seen_is_bounded_about_as_the_rule_of_three_says() -> None:
    assert 2 / 1000 < never_seen(1000) < 3 / 1000
    assert never_seen(1000, 0.99) > 3 / 1000


@pytest.mark.parametrize(
    "matrix", [MATRIX, ConfusionMatrix(tn=1000, fp=0, fn=0, tp=100), ConfusionMatrix(tn=0, fp=9, fn=9, tp=0)]
)
def test_a_value_lies_in_its_interval_even_where_all_or_none_were_hits(matrix: ConfusionMatrix) -> None:
    for name, each in named(quantities(matrix, PLACE)).items():
        bounded_only = not matrix.fp and name in ("false_alerts", "precision")
        assert bounded_only if each.value is None else each.low <= each.value <= each.high


def test_the_bound_of_what_was_never_seen_is_that_of_a_posterior_integrated_numerically() -> None:
    """By Jeffreys' prior, p^(-1/2) (1 - p)^(-1/2), and the likelihood of none in eight, (1 - p)^8."""
    density = lambda p: p**-0.5 * (1 - p) ** 7.5  # noqa: E731 (a formula)
    for confidence in (0.8, 0.95):
        share = quad(density, 0, never_seen(8, confidence))[0] / quad(density, 0, 1)[0]
        assert share == pytest.approx((1 + confidence) / 2, abs=1e-6)
    found = quantities(ConfusionMatrix(tn=8, fp=0, fn=1, tp=9), PLACE, Certainty(0.8))
    assert found.false_alerts.high == pytest.approx(199_800 * never_seen(8, 0.8))


def test_less_than_one_alert_a_day_has_a_precision_and_none_has_zero() -> None:
    small = Operation(base_rate=0.5, volume=0.1, analyst_minutes=5)
    assert quantities(ConfusionMatrix(tn=9, fp=1, fn=1, tp=9), small).precision.value == pytest.approx(0.9)
    assert quantities(ConfusionMatrix(tn=0, fp=0, fn=5, tp=0), PLACE).precision.value == 0


def test_the_same_seed_gives_the_same_intervals() -> None:
    assert quantities(MATRIX, PLACE) == quantities(MATRIX, PLACE, Certainty(confidence=0.95, seed=42))
    one, same, other = (quantities(MATRIX, PLACE, Certainty(seed=seed)) for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.simulation
def test_intervals_of_the_precision_cover_the_truth_about_as_often_as_they_say() -> None:
    rng, covered = np.random.default_rng(3), 0
    recall, fpr = 0.7, 0.02
    truth = 0.01 * recall / (0.01 * recall + 0.99 * fpr)
    for _ in range(400):
        tp, fp = rng.binomial(300, recall), rng.binomial(600, fpr)
        matrix = ConfusionMatrix(tp=int(tp), fn=int(300 - tp), fp=int(fp), tn=int(600 - fp))
        found = quantities(matrix, Operation(base_rate=0.01, volume=1000, analyst_minutes=5)).precision
        covered += found.low <= truth <= found.high
    assert 0.92 <= covered / 400 <= 0.98


def test_a_part_without_one_of_the_classes_gives_zeros_rather_than_a_crash() -> None:
    assert quantities(ConfusionMatrix(tn=0, fp=0, fn=0, tp=0), PLACE).alerts.value == 0
