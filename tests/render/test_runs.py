"""The list of runs and their comparison show what differs, and nothing else, at any width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from phishcli.documents.base import recast
from phishcli.documents.findings import Finding
from phishcli.documents.metrics import FoldSummary
from phishcli.documents.run import Resampling, Run, RunFinding
from phishcli.documents.sections import SplitFacts
from phishcli.evaluation.runs import RunComparison, ScoreDifference, differences, run_of
from phishcli.render.assemble import ReportData
from phishcli.render.runs import ComparisonView, RunsTable

Make = Callable[..., ReportData]
Draw = Callable[..., list[str]]
Record = Callable[..., Run]

CONFIG = {"train": {"seed": 42, "models": ["A", "B"]}, "evaluate": {"n_boot": 200}}


@pytest.fixture
def run(data: ReportData) -> Record:
    """Give a function that records the small run, with some of it changed."""

    def recorded(identity: str = "aaaa000000", **changes: Any) -> Run:
        found = run_of(data.summary, identity=identity, created="2025-03-01T10:20:30+00:00")
        return msgspec.structs.replace(found, **{"config": CONFIG, **changes})

    return recorded


def difference(value: float, low: float, high: float) -> ScoreDifference:
    return ScoreDifference(old=0.8, new=0.8 + value, difference=value, low=low, high=high)


def compared(old: Run, new: Run, scores: dict[str, dict[str, ScoreDifference]] | None = None) -> ComparisonView:
    found = recast(RunComparison, differences(old, new), scores=scores or {}, method="Same test rows.")
    return ComparisonView(old, new, found)


def test_a_record_has_what_is_needed_to_compare_and_nothing_else(make: Make) -> None:
    known = Finding(
        code="few-rows", title="Few", severity="note", column=None, detail="", advice="", numbers={}, ignored="known"
    )
    found = msgspec.structs.replace(known, code="missing-values", column="Lines", ignored=None)
    summary = make(audit=[known, found]).summary
    record = run_of(summary, identity="aaaa000000", created="2025-03-01T10:20:30+00:00")
    assert (record.id, record.created) == ("aaaa000000", "2025-03-01T10:20:30+00:00")
    assert (record.origin, record.sha256, record.rows, record.positives) == ("data/sites.csv", "ab" * 32, 1000, 450)
    assert record.columns == ("Lines", "Host")
    assert record.split == SplitFacts(train_rows=800, test_rows=200, features=3, group=None)
    assert record.resampling == Resampling(n_boot=200, confidence=0.95, seed=42)
    assert record.findings == (RunFinding(code="missing-values", severity="note", column="Lines"),)
    provenance = summary.provenance
    assert (record.config, record.versions) == (provenance.config, provenance.versions)
    assert record.fingerprints == provenance.fingerprints
    assert list(record.models) == list(summary.models)
    model, kept = summary.models["XGBoost"], record.models["XGBoost"]
    assert (record.selected, kept.threshold) == (summary.selection.model, model.evaluation.threshold)
    assert (kept.metrics, kept.params) == (model.evaluation.metrics, model.training.params)
    accuracy = model.evaluation.cv["accuracy"]
    assert kept.cv["accuracy"] == FoldSummary(mean=accuracy.mean, std=accuracy.std, n_folds=2, n_all=2)


def test_without_runs_it_says_how_to_make_one(drawn: Draw) -> None:
    assert drawn(RunsTable([])) == ["No runs yet; start one with `phish run-all`."]


def test_a_run_is_listed_with_what_it_changed_against_the_one_before(drawn: Draw, run: Record) -> None:
    first = run()
    other = run("bbbb000000", config={**CONFIG, "train": {"seed": 7, "models": ["A", "B"]}}, sha256="cd" * 32)
    same = msgspec.structs.replace(other, id="cccc000000")
    lines = drawn(RunsTable([first, other, same]))
    assert lines[2].split() == [
        *("aaaa000000", "2025-03-01", "10:20", "1,000", "XGBoost", "0.8550", "0.8050", "to", "0.9050", "first", "run")
    ]
    assert lines[3].endswith("train.seed 7, the data")
    assert lines[4].endswith("nothing recorded")


@pytest.mark.parametrize("width", [80, 100, 120])
def test_names_times_and_scores_of_runs_are_never_cut(drawn: Draw, run: Record, width: int) -> None:
    many = run(config={"train": {f"setting_number_{number}": "value " * 9 for number in range(9)}})
    lines = drawn(RunsTable([run(), many]), width)
    assert max(map(len, lines)) <= width
    assert sum("aaaa000000  2025-03-01 10:20" in line and "0.8550" in line for line in lines) == 2
    assert "…" not in "\n".join(lines)


def test_runs_that_do_not_differ_are_said_to_be_the_same(drawn: Draw, run: Record) -> None:
    lines = drawn(compared(run(), run("bbbb000000"), scores={"XGBoost": {"accuracy": difference(0.0, 0.0, 0.0)}}))
    assert lines[0] == "From aaaa000000 to bbbb000000"
    assert lines.count("  the same") == 3
    assert lines[-1] == "Unchanged scores: XGBoost"


def test_settings_data_and_versions_are_shown_only_where_they_differ(drawn: Draw, run: Record) -> None:
    old = run()
    new = run(
        "bbbb000000",
        config={**CONFIG, "train": {"seed": 7, "models": ["A", "C"]}},
        versions={},
        split=msgspec.structs.replace(old.split, test_rows=250),
        columns=("Lines", "Age"),
    )
    shown = [line.split() for line in drawn(compared(old, new))]
    assert ["train.seed", "42", "->", "7"] in shown
    assert ["train.models", "-B,", "+C"] in shown
    assert ["split.test_rows", "200", "->", "250"] in shown
    assert ["columns", "-Host,", "+Age"] in shown
    assert ["xgboost", "3.2.0", "->", "-"] in shown
    assert not any("train_rows" in line or "n_boot" in line for line in map(" ".join, shown))


def test_columns_in_another_order_are_mentioned(drawn: Draw, run: Record) -> None:
    shown = drawn(compared(run(), run(columns=("Host", "Lines"))))
    assert "  columns  in another order" in shown


def test_a_significant_difference_is_said_to_be(drawn: Draw, run: Record) -> None:
    found = {
        "accuracy": difference(0.05, 0.01, 0.09),
        "recall": difference(0.05, -0.01, 0.11),
        "fpr": difference(-0.05, -0.09, -0.01),
        "tpr@fpr=0.01": ScoreDifference(old=None, new=None, difference=None, low=None, high=None),
    }
    lines = drawn(compared(run(), run(), scores={"XGBoost": found}))
    marked = [line.split()[0] for line in lines if "significant" in line]
    assert marked == ["Accuracy", "FPR"]
    assert [line.split()[-3:] for line in lines if line.startswith("TPR")] == [["-", "-", "-"]]
    assert lines[-1] == "Same test rows."


def test_findings_and_models_that_came_or_went_are_named(drawn: Draw, run: Record) -> None:
    old = run(findings=(RunFinding(code="few-rows", severity="warning", column=None),))
    new = run(findings=(RunFinding(code="negative-counts", severity="warning", column="Lines"),))
    models = dict(old.models)
    old = msgspec.structs.replace(old, models={name: models[name] for name in models if name != "XGBoost"})
    new = msgspec.structs.replace(new, models={name: models[name] for name in models if name != "LogisticRegression"})
    lines = drawn(compared(old, new))
    assert "Audit findings new: negative-counts:Lines" in lines
    assert "Audit findings gone: few-rows" in lines
    assert "Models new: XGBoost" in lines
    assert "Models gone: LogisticRegression" in lines
