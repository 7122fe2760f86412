"""The list of runs and their comparison show what differs, and nothing else, at any width."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from phishcli.evaluation.runs import differences, remembered
from phishcli.render.runs import ComparisonView, RunsTable
from phishcli.types import ReportData

Draw = Callable[..., list[str]]
Record = dict[str, Any]


@pytest.fixture
def run(data: ReportData) -> Callable[..., Record]:
    """Give a function that makes the record of the small run, with some of it changed."""
    evaluate = {"n_boot": 200, "seed": 42, "confidence": 0.95}

    def made(name: str = "aaaa000000", **changes: Any) -> Record:
        record = {"id": name, "created": "2025-03-01T10:20:30+00:00", **copy.deepcopy(remembered(data.summary))}
        record["config"] = {"train": {"seed": 42, "models": ["A", "B"]}, "evaluate": evaluate}
        return record | changes

    return made


def scores(difference: float, low: float, high: float) -> dict[str, Any]:
    return {"old": 0.8, "new": 0.8 + difference, "difference": difference, "low": low, "high": high}


def compared(old: Record, new: Record, **found: Any) -> ComparisonView:
    document = {**differences(old, new), "scores": {}, "method": "Same test rows.", **found}
    return ComparisonView(old, new, document)


def test_without_runs_it_says_how_to_make_one(drawn: Draw) -> None:
    assert drawn(RunsTable([])) == ["There is no run yet; `phish run-all` makes one."]


def test_a_run_is_listed_with_what_it_changed_against_the_one_before(drawn: Draw, run: Callable[..., Record]) -> None:
    first = run()
    other = run("bbbb000000", config={**first["config"], "train": {"seed": 7, "models": ["A", "B"]}}, sha256="cd" * 32)
    same = {**other, "id": "cccc000000"}
    lines = drawn(RunsTable([first, other, same]))
    assert lines[2].split() == [
        *("aaaa000000", "2025-03-01", "10:20", "1,000", "XGBoost", "0.8550", "0.8050", "to", "0.9050", "the", "first")
    ]
    assert lines[3].endswith("train.seed 7, the data")
    assert lines[4].endswith("nothing that is written down")


@pytest.mark.parametrize("width", [80, 100, 120])
def test_names_times_and_scores_of_runs_are_never_cut(drawn: Draw, run: Callable[..., Record], width: int) -> None:
    many = run(config={"train": {f"setting_number_{number}": "value " * 9 for number in range(9)}})
    lines = drawn(RunsTable([run(), many]), width)
    assert max(map(len, lines)) <= width
    assert sum("aaaa000000  2025-03-01 10:20" in line and "0.8550" in line for line in lines) == 2
    assert "…" not in "\n".join(lines)


def test_runs_that_do_not_differ_are_said_to_be_the_same(drawn: Draw, run: Callable[..., Record]) -> None:
    lines = drawn(compared(run(), run("bbbb000000"), scores={"XGBoost": {"accuracy": scores(0.0, 0.0, 0.0)}}))
    assert lines[0] == "From aaaa000000 to bbbb000000"
    assert lines.count("  the same") == 3
    assert lines[-1] == "The same scores: XGBoost"


def test_settings_data_and_versions_are_shown_only_where_they_differ(drawn: Draw, run: Callable[..., Record]) -> None:
    old = run()
    new = run(
        "bbbb000000",
        config={**old["config"], "train": {"seed": 7, "models": ["A", "C"]}},
        versions={},
        split={**old["split"], "test_rows": 250},
        columns=["Lines", "Age"],
    )
    shown = [line.split() for line in drawn(compared(old, new))]
    assert ["train.seed", "42", "->", "7"] in shown
    assert ["train.models", "-B,", "+C"] in shown
    assert ["split.test_rows", "200", "->", "250"] in shown
    assert ["columns", "-Host,", "+Age"] in shown
    assert ["xgboost", "3.2.0", "->", "-"] in shown
    assert not any("train_rows" in line or "n_boot" in line for line in map(" ".join, shown))


def test_columns_in_another_order_are_told(drawn: Draw, run: Callable[..., Record]) -> None:
    shown = drawn(compared(run(), run(columns=["Host", "Lines"])))
    assert "  columns  in another order" in shown


def test_a_difference_that_is_more_than_chance_is_said_to_be(drawn: Draw, run: Callable[..., Record]) -> None:
    found = {
        "accuracy": scores(0.05, 0.01, 0.09),
        "recall": scores(0.05, -0.01, 0.11),
        "fpr": scores(-0.05, -0.09, -0.01),
        "tpr@fpr=0.01": {"old": None, "new": None, "difference": None, "low": None, "high": None},
    }
    lines = drawn(compared(run(), run(), scores={"XGBoost": found}))
    marked = [line.split()[0] for line in lines if "more than chance" in line]
    assert marked == ["Accuracy", "FPR"]
    assert [line.split()[-3:] for line in lines if line.startswith("TPR")] == [["-", "-", "-"]]
    assert lines[-1] == "Same test rows."


def test_findings_and_models_that_came_or_went_are_named(drawn: Draw, run: Callable[..., Record]) -> None:
    finding = {"code": "few-rows", "severity": "warning", "column": None}
    old, new = run(findings=[finding]), run(findings=[{**finding, "code": "negative-counts", "column": "Lines"}])
    del old["models"]["XGBoost"]
    del new["models"]["LogisticRegression"]
    lines = drawn(compared(old, new))
    assert "Findings of the audit new: negative-counts:Lines" in lines
    assert "Findings of the audit gone: few-rows" in lines
    assert "Models new: XGBoost" in lines
    assert "Models gone: LogisticRegression" in lines
