"""Scores on parts of the rows in the terminal: the worst first, nothing cut, no more than one can read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from phishcli.evaluation.segments import ABSENT, PRESENT, WITH_OR_WITHOUT
from phishcli.render.comparison import verdict
from phishcli.render.segments import SegmentView, baseline_of, column_of, telling

Draw = Callable[..., list[str]]


def segment(name: str, accuracy: float | None, column: str = "Host", **changes: Any) -> dict[str, Any]:
    known = accuracy is not None
    bounds = {f"accuracy_{end}": accuracy + by if known else None for end, by in (("low", -0.1), ("high", 0.05))}
    scores = {"accuracy": accuracy, "recall": 0.5 if known else None, "fpr": 0.25 if known else None, **bounds}
    return {"model": "SVM", "column": column, "segment": name, "n": 1_200, "n_positive": 300, **scores, **changes}


def test_each_column_has_a_table_with_counts_and_intervals(drawn: Draw) -> None:
    rows = [segment("cloud", 0.7), segment("rare", None, n=3, n_positive=1), segment("1", 0.8, column="Robots")]
    assert drawn(SegmentView(rows, "SVM"), 80) == [
        "SVM by Host, the worst first",
        "Segment   Rows  Positive  Accuracy                    Recall     FPR",
        "────────────────────────────────────────────────────────────────────",
        "cloud    1,200       300    0.7000  0.6000 to 0.7500  0.5000  0.2500",
        "rare         3         1         -                         -       -",
        "",
        "SVM by Robots, the worst first",
        "Segment   Rows  Positive  Accuracy                    Recall     FPR",
        "────────────────────────────────────────────────────────────────────",
        "1        1,200       300    0.8000  0.7000 to 0.8500  0.5000  0.2500",
        "",
    ]


def test_of_many_segments_the_worst_are_shown(drawn: Draw) -> None:
    lines = drawn(SegmentView([segment(f"cloud {number:02d}", 0.7) for number in range(20)], "SVM"), 80)
    assert "cloud 11" in lines[-3]
    assert lines[-2] == "and 8 segments more in evaluate/segments.parquet"


def test_no_segment_no_word(drawn: Draw) -> None:
    assert drawn(SegmentView([], "SVM"), 80) == []


def test_the_segments_that_tell_of_a_leak_are_those_with_the_value_and_enough_rows() -> None:
    column = f"Lines{WITH_OR_WITHOUT}"
    there = segment(PRESENT, 0.78, column=column)
    assert telling([there, segment(ABSENT, 1.0, column=column), segment(PRESENT, 0.7)]) == [there]
    assert telling([segment(PRESENT, None, column=column)]) == []
    assert (column_of(there), baseline_of(there)) == ("Lines", 0.75)


@pytest.mark.parametrize("width", [60, 200])
def test_the_verdict_says_how_good_the_model_is_without_the_leak(drawn: Draw, width: int) -> None:
    score = {"value": 0.83, "low": None, "high": None}
    told = {
        "model": "SVM",
        "on": "cv",
        "by": "accuracy",
        "rationale": "It is the only one.",
        "scores": dict.fromkeys(("accuracy", "recall", "fpr"), score),
        "confidence": 0.95,
        "segments": [segment(PRESENT, 0.78, column=f"Lines{WITH_OR_WITHOUT}")],
    }
    assert " ".join(drawn(verdict(told), width)).endswith(
        "On rows that have Lines (its absence gives the label away): accuracy 0.7800 (0.6800 to 0.8300); always the "
        "more frequent answer would reach 0.7500."
    )
