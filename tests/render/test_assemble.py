"""The report stage gathers what the artifacts hold, names its sources, and adds nothing of its own."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sklearn.metrics import classification_report

from phishcli.config.schema import OperationConfig, ReportConfig
from phishcli.documents.base import plain_of
from phishcli.documents.explanations import Explanations
from phishcli.documents.findings import Finding, Findings
from phishcli.documents.gap import Gap
from phishcli.documents.metrics import ConfusionMatrix, Metrics, Score
from phishcli.documents.schema import Schema
from phishcli.documents.segments import Segment
from phishcli.documents.selection import Selection
from phishcli.evaluation.metrics import METRICS
from phishcli.evaluation.segments import as_frame
from phishcli.render.assemble import FORMAT, assemble, per_class
from phishcli.types import Provenance, ReportData, SplitFacts

SCHEMA: dict[str, Any] = {
    "synthetic": False,
    "table": None,
    "rows": 50,
    "target": "label",
    "positive_label": 0,
    "negative_label": 1,
    "label_counts": {"0": 20, "1": 30},
    "columns": [
        {"name": "Industry", "role": "categorical", "dtype": "str", "missing": 0, "categories": ["a", "b"]},
        {"name": "Lines", "role": "numeric", "dtype": "float64", "missing": 3, "categories": []},
    ],
    "set_aside": {"URL": "free text"},
    "clean": {},
    "cleaned": {},
}
MATRIX = ConfusionMatrix(tn=5, fp=1, fn=1, tp=3)
RULE: dict[str, Any] = {"threshold": 0.5, "rule": "0.5", "why": "as given"}
METRICS_JSON: dict[str, Any] = {
    "format": 1,
    "model": "XGBoost",
    "n": 10,
    "n_positive": 4,
    "n_negative": 6,
    "threshold": 0.5,
    "bootstrap": {"n_boot": 0, "confidence": 0.95, "seed": 42, "groups": None},
    "confusion": plain_of(MATRIX),
    "metrics": {metric.name: {"value": 0.5, "low": None, "high": None} for metric in METRICS},
    "delong": None,
    "notes": [],
    "resolution": None,
    "curves": {"roc": {"fpr": [0, 1], "tpr": [0, 1]}, "pr": {"recall": [0, 1], "precision": [1, 0]}},
    "counts_by_threshold": {"tp": [4, 3, 0], "fp": [6, 1, 0]},
    "cv": {},
    "threshold_rule": RULE,
    "operating_points": [{**RULE, "in_use": True, "fpr_upper": 0.58, "confusion": plain_of(MATRIX)}],
    "calibration": {"map": None, "curve": []},
}
FOUND = Metrics.of_plain(METRICS_JSON)
TRAINING: dict[str, Any] = {"model": "XGBoost", "params": {"max_depth": 5}, "cv": {}, "seconds": {"fit": 0.1}}
SELECTION = Selection(
    model="XGBoost",
    on="cv",
    by="accuracy",
    prefer="best",
    top_group=("XGBoost",),
    rationale="Alone.",
    ranking=("XGBoost",),
    tests=(),
    table={},
    best={},
    cv={},
    scores={},
    confidence=0.95,
    segments=(),
)
EXPLANATIONS = Explanations(rows=10, permutation=(), contributions=None, coefficients=None, partial_dependence={})
AUDIT = Findings(
    findings=(
        Finding(
            code="duplicate-rows",
            title="Duplicate rows",
            severity="note",
            column=None,
            detail="85 rows",
            advice="Drop them.",
            numbers={"rows": 85},
        ),
    )
)


def report(
    *, settings: ReportConfig | None = None, operation: OperationConfig | None = None, **parts: Any
) -> ReportData:
    documents: dict[str, Any] = {
        "origin": "tables/pages.parquet",
        "schema": SCHEMA,
        "audit": AUDIT,
        "selection": SELECTION,
        "metrics": {"XGBoost": FOUND},
        "training": {"XGBoost": TRAINING},
        "split": SplitFacts(40, 10, 2),
        "provenance": Provenance("ab" * 32, {"train": {"seed": 42}}, {"xgboost": "3.2.0"}, {"load": "12ab"}),
    }
    given = documents | parts
    given["schema"] = Schema.of_plain(given["schema"])
    return assemble(settings or ReportConfig(), operation or OperationConfig(), **given)


def test_the_summary_is_json_and_survives_it() -> None:
    summary = report().summary
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert summary["format"] == FORMAT


def test_numbers_are_those_of_the_artifacts() -> None:
    summary = report().summary
    model = summary["models"]["XGBoost"]
    assert model["evaluation"]["metrics"] == METRICS_JSON["metrics"]
    assert model["training"]["params"] == TRAINING["params"]
    assert summary["selection"]["ranking"] == ["XGBoost"]
    assert summary["split"]["train_rows"] == 40
    assert summary["audit"]["findings"] == [plain_of(finding) for finding in AUDIT.findings]
    assert summary["provenance"]["fingerprints"] == {"load": "12ab"}


def test_every_section_with_numbers_names_its_artifact() -> None:
    summary = report().summary
    assert {name: part["from"] for name, part in summary.items() if isinstance(part, dict) and "from" in part} == {
        "data": "load/schema.json",
        "audit": "audit/audit.json",
        "split": "preprocess/split.parquet, preprocess/features.json",
        "selection": "evaluate/selection.json",
        "operation": "evaluate/<model>/metrics.json",
        "segments": "evaluate/segments.parquet",
        "suspects": "evaluate/suspects.csv",
    }
    assert summary["models"]["XGBoost"]["from"] == {
        "evaluation": "evaluate/XGBoost/metrics.json",
        "training": "train/XGBoost/training.json",
    }


def test_inputs_are_left_as_they_were() -> None:
    schema = copy.deepcopy(SCHEMA)
    report(schema=schema)
    assert schema == SCHEMA


def test_the_same_artifacts_give_the_same_report() -> None:
    assert report() == report()


def test_curves_are_for_charts_and_not_in_the_summary() -> None:
    data = report()
    assert data.curves == {"XGBoost": {**METRICS_JSON["curves"], "steps": METRICS_JSON["counts_by_threshold"]}}
    assert not {"curves", "counts_by_threshold"} & data.summary["models"]["XGBoost"]["evaluation"].keys()


def test_settings_decide_title_charts_and_figures() -> None:
    data = report(settings=ReportConfig(title="Ours", charts=False, figures=True))
    assert (data.summary["title"], data.charts, data.figures) == ("Ours", False, True)


def test_what_a_threshold_means_follows_from_its_rates_and_the_base_rate_by_bayes() -> None:
    place = OperationConfig(base_rate=0.02, volume=1_000, analyst_minutes=6, hour_cost=50, miss_cost=100)
    (point,) = report(operation=place).summary["operation"]["models"]["XGBoost"]
    true, false = 1_000 * 0.02 * 3 / 4, 1_000 * 0.98 * 1 / 6
    values = {name: found["value"] for name, found in point["quantities"].items()}
    assert (point["recall"], point["fpr"]) == pytest.approx((3 / 4, 1 / 6))
    assert values == pytest.approx(
        {
            "alerts": true + false,
            "true_alerts": true,
            "false_alerts": false,
            "missed": 5,
            "precision": true / (true + false),
            "hours": (true + false) / 10,
            "cost": (true + false) / 10 * 50 + 5 * 100,
        }
    )


def test_rows_without_a_class_have_a_rate_of_nothing() -> None:
    empty = ConfusionMatrix(tn=0, fp=0, fn=0, tp=0)
    nobody = replace(FOUND, operating_points=(replace(FOUND.operating_points[0], confusion=empty),))
    (point,) = report(metrics={"XGBoost": nobody}).summary["operation"]["models"]["XGBoost"]
    assert (point["recall"], point["fpr"]) == (0, 0)


def test_segments_are_lines_without_nan_and_doubtful_labels_are_counted_by_reason() -> None:
    score, none = Score(value=0.9, low=0.8, high=0.95), Score(value=None)
    part = Segment(
        model="XGBoost",
        column="Lines",
        segment="1",
        by_missingness=False,
        n=20,
        n_positive=9,
        accuracy=score,
        recall=score,
        fpr=none,
    )
    segments = as_frame([part, replace(part, n=3, accuracy=none)])
    suspects = pd.DataFrame({"reason": ["contradicted", "contradicted, conflicting twins", "conflicting twins"]})
    data = report(segments=segments, suspects=suspects)
    rows = data.summary["segments"]["rows"]
    assert [(row["n"], row["accuracy"]["value"], row["fpr"]["low"]) for row in rows] == [
        (20, 0.9, None),
        (3, None, None),
    ]
    assert data.summary["suspects"] == {"from": "evaluate/suspects.csv", "rows": 3, "contradicted": 2, "twins": 2}
    assert data.suspects is suspects
    json.dumps(data.summary, allow_nan=False)


def test_what_was_not_asked_for_is_not_there() -> None:
    summary = report().summary
    assert summary["gap"] is None
    assert summary["segments"]["rows"] == []
    assert summary["models"]["XGBoost"]["explanation"] is None


def test_the_gap_and_explanations_come_with_their_source() -> None:
    gap = Gap(model="HistGradientBoosting", threshold=0.5, splits=())
    summary = report(gap=gap, explanations={"XGBoost": EXPLANATIONS}).summary
    assert summary["gap"] == {"from": "gap/gap.json", **plain_of(gap), "splits": [], "skipped": []}
    explanation = summary["models"]["XGBoost"]["explanation"]
    assert (explanation["from"], explanation["rows"]) == ("explain/XGBoost/explanations.json", 10)


def test_failed_models_keep_their_reason() -> None:
    assert report(failed={"SVM": "too slow"}).summary["failed"] == {"SVM": "too slow"}


def test_metrics_are_declared_in_display_order() -> None:
    declared = report().summary["metrics"]
    assert [metric["label"] for metric in declared] == [metric.label for metric in METRICS]
    lower = {metric["name"] for metric in declared if not metric["higher_is_better"]}
    assert lower == {"fpr", "fnr", "log_loss", "brier", "ece"}


@pytest.mark.parametrize(
    ("schema", "positive", "negative", "noun"),
    [
        ({"table": "phishing_data"}, "phishing", "legitimate", "sites"),
        ({"target": "isPhishing"}, "phishing", "legitimate", "sites"),
        ({"synthetic": True}, "phishing", "legitimate", "sites"),
        ({"target": "diagnosis"}, "diagnosis = 0", "diagnosis = 1", "rows"),
        (
            {"positive_label": "bad", "negative_label": "good", "label_counts": {"bad": 20, "good": 30}},
            "bad",
            "good",
            "rows",
        ),
        (
            {"positive_label": True, "negative_label": False, "label_counts": {"True": 20, "False": 30}},
            "label = True",
            "label = False",
            "rows",
        ),
    ],
)
def test_classes_are_called_phishing_only_where_the_table_says_so(
    schema: dict[str, Any], positive: str, negative: str, noun: str
) -> None:
    classes = report(schema=SCHEMA | schema).summary["classes"]
    assert (classes["positive"]["name"], classes["negative"]["name"], classes["noun"]) == (positive, negative, noun)
    assert (classes["positive"]["rows"], classes["negative"]["rows"]) == (20, 30)


@pytest.mark.parametrize("origin", ["https://example.org/Phishing.csv", "phish.db"])
def test_the_name_of_the_source_may_say_that_it_is_about_phishing(origin: str) -> None:
    summary = report(origin=origin).summary
    assert summary["classes"]["positive"]["name"] == "phishing"
    assert summary["data"]["origin"] == origin


@pytest.mark.parametrize(
    ("positives", "negatives", "answer", "accuracy"),
    [(4, 6, "label = 1", 0.6), (7, 3, "label = 0", 0.7), (0, 0, "label = 1", 0)],
)
def test_the_baseline_is_the_more_frequent_answer(positives: int, negatives: int, answer: str, accuracy: float) -> None:
    counts = {"n": positives + negatives, "n_positive": positives, "n_negative": negatives}
    summary = report(metrics={"XGBoost": replace(FOUND, **counts)}).summary
    assert summary["baseline"] == {"answer": answer, "accuracy": accuracy}


counts = st.integers(0, 12)


@given(tn=counts, fp=counts, fn=counts, tp=counts.filter(bool))
def test_per_class_numbers_are_those_of_scikit_learn(tn: int, fp: int, fn: int, tp: int) -> None:
    truth = np.repeat([0, 0, 1, 1], [tn, fp, fn, tp])
    called = np.repeat([0, 1, 0, 1], [tn, fp, fn, tp])
    theirs = classification_report(
        truth, called, labels=[1, 0], target_names=["bad", "good"], output_dict=True, zero_division=0
    )
    ours = per_class(ConfusionMatrix(tn=tn, fp=fp, fn=fn, tp=tp), "bad", "good")
    names = ("bad", "good", "macro avg", "weighted avg")
    for line, expected in zip(ours, (theirs[name] for name in names), strict=True):
        numbers = (line["precision"], line["recall"], line["f1"], line["support"])
        assert numbers == pytest.approx(tuple(expected.values()))
