"""What is kept of a run, and how two of them differ."""

from __future__ import annotations

import copy
from math import sqrt
from typing import Any

import numpy as np
import pytest

from phishcli.evaluation.metrics import METRICS
from phishcli.evaluation.runs import SHOWN, compared_metrics, differences, remembered, unpaired

SUMMARY: dict[str, Any] = {
    "data": {"origin": "sites.csv", "sha256": "aa", "rows": 100, "columns": [{"name": "Lines"}, {"name": "Host"}]},
    "classes": {"positive": {"rows": 40}},
    "split": {"train": 80, "test": 20, "from": "preprocess"},
    "audit": {
        "findings": [
            {"code": "few-rows", "severity": "warning", "column": None, "message": "100 rows"},
            {"code": "missing-values", "severity": "note", "column": "Lines", "message": "3 values"},
            {"code": "duplicate-rows", "severity": "note", "column": None, "message": "2", "ignored": "they are real"},
        ]
    },
    "selection": {"model": "SVM"},
    "provenance": {
        "config": {"train": {"seed": 42, "params": {}}, "load": {"source": "sites.csv"}},
        "versions": {"numpy": "2.0"},
        "fingerprints": {"load": "l1", "preprocess": "p1", "train/SVM": "t1"},
    },
    "models": {
        "SVM": {
            "evaluation": {
                "threshold": 0.5,
                "metrics": {"accuracy": {"value": 0.8, "low": 0.7, "high": 0.9}},
                "cv": {"accuracy": {"mean": 0.8, "std": 0.1, "folds": [0.7, 0.9]}},
            },
            "training": {"params": {"C": 1}},
        }
    },
}


def changed(**parts: Any) -> dict[str, Any]:
    return {**copy.deepcopy(remembered(SUMMARY)), **parts}


def test_what_is_needed_to_compare_is_kept_and_nothing_else_of_the_models() -> None:
    kept = remembered(SUMMARY)
    assert {key: kept[key] for key in ("origin", "sha256", "rows", "positives", "columns", "selected")} == {
        "origin": "sites.csv",
        "sha256": "aa",
        "rows": 100,
        "positives": 40,
        "columns": ["Lines", "Host"],
        "selected": "SVM",
    }
    assert kept["split"] == {"train": 80, "test": 20}
    assert {key: kept[key] for key in ("config", "versions", "fingerprints")} == SUMMARY["provenance"]
    assert kept["models"] == {
        "SVM": {
            "threshold": 0.5,
            "metrics": {"accuracy": {"value": 0.8, "low": 0.7, "high": 0.9}},
            "cv": {"accuracy": {"mean": 0.8, "std": 0.1}},
            "params": {"C": 1},
        }
    }


def test_findings_that_are_ignored_are_not_kept() -> None:
    assert remembered(SUMMARY)["findings"] == [
        {"code": "few-rows", "severity": "warning", "column": None},
        {"code": "missing-values", "severity": "note", "column": "Lines"},
    ]


def test_a_run_does_not_differ_from_itself() -> None:
    assert differences(changed(), changed()) == {
        "config": {},
        "versions": {},
        "data": {},
        "findings": {"new": [], "gone": []},
        "models": {"new": [], "gone": [], "both": ["SVM"]},
    }


def test_settings_are_named_in_full_with_both_values_also_where_one_run_has_none() -> None:
    config = {"train": {"seed": 7, "params": {"SVM": {"C": 2}}}, "load": {"source": "sites.csv"}}
    assert differences(changed(), changed(config=config))["config"] == {
        "train.seed": [42, 7],
        "train.params.SVM.C": [None, 2],
    }


def test_data_versions_findings_and_models_that_differ_are_told() -> None:
    new = changed(
        sha256="bb",
        rows=120,
        columns=["Lines"],
        versions={"numpy": "2.1", "scipy": "1.0"},
        findings=[{"code": "few-rows", "severity": "warning", "column": None}, {"code": "identifier", "column": "Id"}],
        models={"KNN": {}},
    )
    found = differences(changed(), new)
    assert found["data"] == {"sha256": ["aa", "bb"], "rows": [100, 120], "columns": [["Lines", "Host"], ["Lines"]]}
    assert found["versions"] == {"numpy": ["2.0", "2.1"], "scipy": [None, "1.0"]}
    assert found["findings"] == {"new": ["identifier:Id"], "gone": ["missing-values:Lines"]}
    assert found["models"] == {"new": ["KNN"], "gone": ["SVM"], "both": []}


def test_findings_of_the_whole_table_are_named_without_a_column() -> None:
    found = differences(changed(), changed(findings=[{"code": "class-imbalance", "column": None}]))["findings"]
    assert found == {"new": ["class-imbalance"], "gone": ["few-rows", "missing-values:Lines"]}


def test_the_halves_of_two_intervals_are_put_together_by_pythagoras() -> None:
    old = {"accuracy": {"value": 0.80, "low": 0.77, "high": 0.83}}
    new = {"accuracy": {"value": 0.90, "low": 0.86, "high": 0.94}}
    half = sqrt(0.03**2 + 0.04**2)
    assert unpaired(old, new, "accuracy") == {
        "old": 0.80,
        "new": 0.90,
        "difference": pytest.approx(0.1),
        "low": pytest.approx(0.1 - half),
        "high": pytest.approx(0.1 + half),
    }


def test_a_difference_of_two_samples_is_covered_about_as_often_as_it_says() -> None:
    rng, covered = np.random.default_rng(0), 0
    for _ in range(1_000):
        runs = []
        for share, n in ((0.8, 400), (0.85, 250)):
            value = rng.binomial(n, share) / n
            half = 1.96 * sqrt(value * (1 - value) / n)
            runs.append({"accuracy": {"value": value, "low": value - half, "high": value + half}})
        found = unpaired(*runs, "accuracy")
        covered += found["low"] <= 0.05 <= found["high"]
    assert 0.93 <= covered / 1_000 <= 0.97


@pytest.mark.parametrize("missing", [0, 1])
def test_without_a_value_there_is_no_difference_and_without_an_interval_none_of_it(missing: int) -> None:
    whole = {"value": 0.8, "low": 0.7, "high": 0.9}
    scores = [{"f1": whole}, {"f1": whole}]
    scores[missing] = {"f1": {"value": 0.8, "low": None, "high": None}}
    assert unpaired(*scores, "f1") == {"old": 0.8, "new": 0.8, "difference": 0, "low": None, "high": None}
    scores[missing] = {"f1": {"value": None, "low": None, "high": None}}
    known = {"old": 0.8, "new": 0.8, "difference": None, "low": None, "high": None}
    assert unpaired(*scores, "f1") == {**known, ("old", "new")[missing]: None}


def test_metrics_that_are_compared_are_shown_in_display_order() -> None:
    order = [each.name for each in METRICS]
    shown = [name for name, _ in compared_metrics()]
    assert sorted(shown) == sorted(SHOWN)
    assert shown == sorted(shown, key=order.index)
