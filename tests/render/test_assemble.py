"""The report stage gathers what the artifacts hold, names its sources, and adds nothing of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pandas as pd
import pytest

from phishcli.documents.base import Part, plain_of
from phishcli.documents.explanations import Explanations
from phishcli.documents.findings import Finding
from phishcli.documents.gap import Gap
from phishcli.documents.metrics import ConfusionMatrix, Metrics
from phishcli.documents.summary import Evaluation, Summary, TrainingFacts
from phishcli.documents.training import Training
from phishcli.evaluation.metrics import METRICS
from phishcli.render.assemble import ReportData
from phishcli.stages import registry

Make = Callable[..., ReportData]


def names(kind: type[Part]) -> set[str]:
    return set(kind.__struct_fields__)


def test_the_summary_is_json_and_survives_it(
    make: Make, revealing: Finding, gap: Gap, explanation: Explanations
) -> None:
    summary = make(audit=[revealing], gap=gap, explanations={"XGBoost": explanation}, failed={"SVM": "slow"}).summary
    plain = json.loads(json.dumps(summary.to_plain(), allow_nan=False))
    assert Summary.of_plain(plain) == summary
    assert plain["format"] == 4


def test_numbers_are_those_of_the_artifacts(data: ReportData) -> None:
    summary = data.summary
    for name, metrics in data.metrics.items():
        evaluation = summary.models[name].evaluation
        assert {field: getattr(evaluation, field) for field in names(Evaluation)} == {
            field: getattr(metrics, field) for field in names(Evaluation)
        }
    assert summary.models["XGBoost"].training.params == {"max_depth": 5, "subsample": None, "learning_rate": 0.1}
    assert (summary.split.train_rows, summary.split.test_rows, summary.split.features) == (800, 200, 3)
    assert [column.categories for column in summary.data.columns] == [0, 1]


def test_all_of_the_scores_and_of_the_training_is_there_but_curves_and_what_is_there_already() -> None:
    assert names(Metrics) - names(Evaluation) == {"model", "curves", "counts_by_threshold"}
    assert names(Training) - names(TrainingFacts) == {"model", "cv"}
    assert not names(Evaluation) - names(Metrics)
    assert not names(TrainingFacts) - names(Training)


def sources(plain: Any) -> set[str]:
    """Every artifact that a document names under ``from``."""
    if isinstance(plain, dict):
        own = plain.get("from", ())
        found = [own] if isinstance(own, str) else list(own.values()) if own else []
        return {name for text in found for name in text.split(", ")}.union(*map(sources, plain.values()))
    return set().union(*map(sources, plain)) if isinstance(plain, list | tuple) else set()


def test_every_section_names_the_artifacts_that_a_stage_writes(make: Make, gap: Gap, explanation: Explanations) -> None:
    plain = make(gap=gap, explanations={"XGBoost": explanation}).summary.to_plain()
    named = {name.replace("<model>", "XGBoost") for name in sources(plain)}
    written = {
        f"{node.stage}/{model}/{node.file}" if node.per_model else f"{node.stage}/{node.file}"
        for stage in registry()
        for node in stage.writes
        for model in ("XGBoost", "LogisticRegression", "HistGradientBoosting")
    }
    assert named <= written
    assert {key for key, part in plain.items() if isinstance(part, dict) and "from" in part} == {
        *("data", "audit", "gap", "split", "selection", "operation", "segments", "suspects")
    }
    assert {"evaluate/XGBoost/metrics.json", "train/XGBoost/training.json"} <= named


def test_the_same_artifacts_give_the_same_report(make: Make) -> None:
    assert make().summary == make().summary


def test_curves_are_for_charts_and_not_in_the_summary(data: ReportData) -> None:
    assert data.metrics["XGBoost"].curves.roc.fpr[0] == 0
    assert "curves" not in json.dumps(plain_of(data.summary))


def test_settings_decide_title_and_charts(make: Make) -> None:
    data = make(title="Ours", charts=False)
    assert (data.summary.title, data.charts, data.figures) == ("Ours", False, False)


def test_what_a_threshold_means_follows_from_its_rates_and_the_base_rate_by_bayes(make: Make) -> None:
    place = {"base_rate": 0.02, "volume": 1_000, "analyst_minutes": 6, "hour_cost": 50, "miss_cost": 100}
    line = make(operation=place).summary.operating_sheet[0]
    recall, fpr = 75 / 90, 14 / 110
    true, false = 1_000 * 0.02 * recall, 1_000 * 0.98 * fpr
    values = {name: found["value"] for name, found in plain_of(line.quantities).items()}
    assert (line.recall, line.fpr) == pytest.approx((recall, fpr))
    assert values == pytest.approx(
        {
            "alerts": true + false,
            "true_alerts": true,
            "false_alerts": false,
            "missed": 20 - true,
            "precision": true / (true + false),
            "hours": (true + false) / 10,
            "cost": (true + false) / 10 * 50 + (20 - true) * 100,
        }
    )


def test_rows_without_a_class_have_a_rate_of_nothing(make: Make, data: ReportData) -> None:
    nobody = ConfusionMatrix(tn=0, fp=0, fn=0, tp=0)
    point = msgspec.structs.replace(data.metrics["XGBoost"].operating_points[0], confusion=nobody)
    line = make(evaluation={"operating_points": (point,), "n": 0, "n_positive": 0, "n_negative": 0}).summary
    assert (line.operating_sheet[0].recall, line.operating_sheet[0].fpr) == (0, 0)


def test_segments_are_those_of_all_models_and_doubtful_labels_are_counted_by_reason(
    make: Make, revealing: Finding
) -> None:
    suspects = pd.DataFrame({"reason": ["contradicted", "contradicted, conflicting twins", "conflicting twins"]})
    data = make(audit=[revealing], suspects=suspects)
    assert {segment.model for segment in data.summary.segments.rows} == set(data.summary.models)
    assert {segment.model for segment in data.summary.selected_segments} == {"XGBoost"}
    found = data.summary.suspects
    assert (found.rows, found.contradicted, found.twins) == (3, 2, 2)
    assert data.suspects is suspects


def test_what_was_not_asked_for_is_not_there(make: Make) -> None:
    summary = make(segments=None).summary
    assert summary.gap is None
    assert summary.segments.rows == ()
    assert summary.models["XGBoost"].explanation is None


def test_the_gap_and_explanations_are_there_if_they_are_known(make: Make, gap: Gap, explanation: Explanations) -> None:
    summary = make(gap=gap, explanations={"XGBoost": explanation}).summary
    assert summary.gap is not None
    assert summary.gap.splits == gap.splits
    found = summary.models["XGBoost"].explanation
    assert found is not None
    assert (found.permutation, found.source) == (explanation.permutation, "explain/XGBoost/explanations.json")
    assert summary.models["LogisticRegression"].explanation is None


def test_failed_models_keep_their_reason(make: Make) -> None:
    assert make(failed={"SVM": "too slow"}).summary.failed == {"SVM": "too slow"}


def test_metrics_are_declared_in_display_order(data: ReportData) -> None:
    declared = data.summary.metrics
    assert [metric.label for metric in declared] == [metric.label for metric in METRICS]
    lower = {metric.name for metric in declared if not metric.higher_is_better}
    assert lower == {"fpr", "fnr", "log_loss", "brier", "ece"}


def test_the_baseline_is_the_constant_answer_under_the_name_of_its_class(data: ReportData) -> None:
    summary = data.summary
    counts = summary.selected.evaluation
    assert summary.baseline.accuracy == max(counts.n_positive, counts.n_negative) / counts.n
    majority = summary.classes.positive if counts.n_positive > counts.n_negative else summary.classes.negative
    assert summary.baseline.answer == majority.name
