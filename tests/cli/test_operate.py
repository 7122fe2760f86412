"""``phish operate``: what each threshold means where the model is to work."""

from __future__ import annotations

from collections.abc import Callable

import pytest

PLACE = ("--base-rate=0.02", "--volume=10000", "--analyst-minutes=6", "--hour-cost=50", "--miss-cost=300")


def test_the_numbers_are_those_of_bayes_by_hand(on_sites: Callable) -> None:
    document = on_sites("operate", "--json", *PLACE).document
    metrics = on_sites("show", "evaluate/NaiveBayes", "--file=metrics.json").document
    point = next(point for point in document["models"]["NaiveBayes"] if point["in_use"])
    tn, fp, fn, tp = (metrics["confusion"][cell] for cell in ("tn", "fp", "fn", "tp"))
    recall, fpr = tp / (tp + fn), fp / (fp + tn)
    true, false = 200 * recall, 9_800 * fpr
    assert {name: found["value"] for name, found in point["quantities"].items()} == pytest.approx(
        {
            "alerts": true + false,
            "true_alerts": true,
            "false_alerts": false,
            "missed": 200 - true,
            "precision": 0.02 * recall / (0.02 * recall + 0.98 * fpr),
            "hours": (true + false) * 6 / 60,
            "cost": (true + false) * 6 / 60 * 50 + (200 - true) * 300,
        }
    )


def test_every_number_has_an_interval_around_it(on_sites: Callable) -> None:
    sheets = on_sites("operate", "--json", *PLACE).document["models"]
    assert list(sheets) == ["LogisticRegression", "NaiveBayes"]
    for points in sheets.values():
        (in_use,) = (point for point in points if point["in_use"])
        assert all(found["low"] <= found["value"] <= found["high"] for found in in_use["quantities"].values())


def test_options_win_over_settings_and_change_nothing_that_was_computed(on_sites: Callable) -> None:
    on_sites("evaluate")
    settings = ("--set=operation.base_rate=0.5", "--set=operation.volume=7")
    document = on_sites("operate", "--json", "--base-rate=0.02", *settings).document
    assert document["operation"] | {"analyst_minutes": 5, "hour_cost": 1} == {
        "base_rate": 0.02,
        "volume": 7,
        "analyst_minutes": 5,
        "hour_cost": 1,
        "miss_cost": None,
    }
    steps = on_sites("status", "--json", "--set=operation.base_rate=0.02").document["steps"]
    assert {step["step"]: step["status"] for step in steps}["evaluate"] == "fresh"


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--base-rate=3", "operation.base_rate: should be less than 1, not '3'\n  where: --base-rate"),
        ("--base-rate=0", "operation.base_rate: should be greater than 0, not '0'\n  where: --base-rate"),
        ("--volume=-1", "operation.volume: should be greater than 0, not '-1'\n  where: --volume"),
        ("--analyst-minutes=nan", "operation.analyst_minutes: should be a finite number, not nan"),
        ("--hour-cost=-5", "operation.hour_cost: should be greater than or equal to 0, not -5.0\n  where: --hour-cost"),
        ("--miss-cost=inf", "operation.miss_cost: should be a finite number, not inf\n  where: --miss-cost"),
        ("--miss-cost=much", "--miss-cost should be a number"),
    ],
)
def test_a_value_that_makes_no_sense_is_an_error_that_names_the_option(
    on_sites: Callable, option: str, message: str
) -> None:
    said = on_sites("operate", option)
    assert said.code == 2
    assert message in said.err


def test_the_table_marks_what_is_in_use_and_says_for_which_place_it_is(on_sites: Callable) -> None:
    said = on_sites("operate", *PLACE, "--model", "all")
    assert said.out.count("> 0.5") == 2
    assert said.out.startswith("LogisticRegression (selected)")
    assert "2% positive among 10,000 a day, 6 minutes per alert, 300 per miss, 50 per hour." in said.out
    assert "…" not in said.out


def test_the_selected_model_is_shown_alone_and_others_by_name(on_sites: Callable) -> None:
    assert on_sites("operate").out.count("> 0.5") == 1
    other = on_sites("operate", "--model", "naivebayes").out
    assert other.startswith("NaiveBayes\n")
    said = on_sites("operate", "--model", "XGBoost")
    assert said.code == 2
    assert "The models are LogisticRegression, NaiveBayes; --model --model all shows all of them" in said.err


def test_another_threshold_is_in_use_where_it_is_set(on_sites: Callable) -> None:
    points = on_sites("operate", "--json", "--set=evaluate.threshold=max_f1").document["models"]["NaiveBayes"]
    assert [point["rule"] for point in points if point["in_use"]] == ["max_f1"]
