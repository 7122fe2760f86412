"""What a confusion matrix means at another base rate."""

from __future__ import annotations

import numpy as np
import pytest

from phishcli.documents.metrics import ConfusionMatrix
from phishcli.documents.operation import Operation, Quantities, Quantity
from phishcli.evaluation.operation import QUANTITIES, Certainty, never_seen, quantities

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


def test_the_same_seed_gives_the_same_intervals() -> None:
    one, same, other = (quantities(MATRIX, PLACE, Certainty(seed=seed)) for seed in (1, 1, 2))
    assert one == same != other


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
