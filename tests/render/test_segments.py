"""Scores on parts of the rows in the terminal: lowest accuracy first, nothing cut, no more than one can read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from phishcli.documents.metrics import Score
from phishcli.documents.segments import MISSING, NON_MISSING, Segment
from phishcli.documents.selection import Selection
from phishcli.render.comparison import selection_text
from phishcli.render.segments import SegmentView

Draw = Callable[..., list[str]]


def segment(name: str, accuracy: float | None, column: str = "Host", **changes: Any) -> Segment:
    bounds = {} if accuracy is None else {"low": accuracy - 0.1, "high": accuracy + 0.05}
    plain: dict[str, Any] = {
        "model": "SVM",
        "column": column,
        "segment": name,
        "by_missingness": name in (MISSING, NON_MISSING),
        "n": 1_200,
        "n_positive": 300,
        "accuracy": Score(value=accuracy, **bounds),
        "recall": Score(value=None if accuracy is None else 0.5),
        "fpr": Score(value=None if accuracy is None else 0.25),
    }
    return Segment(**(plain | changes))


def test_each_column_has_a_table_with_counts_and_intervals(drawn: Draw) -> None:
    rows = [segment("cloud", 0.7), segment("rare", None, n=3, n_positive=1), segment("1", 0.8, column="Robots")]
    assert drawn(SegmentView(rows, "SVM"), 80) == [
        "SVM by Host, lowest accuracy first",
        "Segment   Rows  Positive  Accuracy                    Recall     FPR",
        "────────────────────────────────────────────────────────────────────",
        "cloud    1,200       300    0.7000  0.6000 to 0.7500  0.5000  0.2500",
        "rare         3         1         -                         -       -",
        "",
        "SVM by Robots, lowest accuracy first",
        "Segment   Rows  Positive  Accuracy                    Recall     FPR",
        "────────────────────────────────────────────────────────────────────",
        "1        1,200       300    0.8000  0.7000 to 0.8500  0.5000  0.2500",
        "",
    ]


def test_values_and_missingness_of_one_column_have_a_table_each(drawn: Draw) -> None:
    rows = [segment("7", 0.7), segment(MISSING, 0.8), segment(NON_MISSING, 0.9)]
    heads = [line for line in drawn(SegmentView(rows, "SVM"), 80) if line.startswith("SVM")]
    assert heads == ["SVM by Host, lowest accuracy first", "SVM by Host (missing or not), lowest accuracy first"]


def test_of_many_segments_the_worst_are_shown(drawn: Draw) -> None:
    lines = drawn(SegmentView([segment(f"cloud {number:02d}", 0.7) for number in range(20)], "SVM"), 80)
    assert "cloud 11" in lines[-3]
    assert lines[-2] == "and 8 more segments in evaluate/segments.parquet"


@pytest.mark.parametrize(("name", "shown"), [("a", "a"), ("a ", "'a '"), ("", "''"), ("(missing)", "(missing)")])
def test_blanks_at_the_ends_of_a_value_are_seen(drawn: Draw, name: str, shown: str) -> None:
    lines = drawn(SegmentView([segment(name, 0.8)], "SVM"), 80)
    assert lines[3].startswith(f"{shown} ")


def test_no_segment_no_word(drawn: Draw) -> None:
    assert drawn(SegmentView([], "SVM"), 80) == []


def test_the_segments_without_a_leak_are_those_with_the_value_and_enough_rows(selection: Selection) -> None:
    there = segment(NON_MISSING, 0.78, column="Lines")
    category = segment(NON_MISSING, 0.7, by_missingness=False)
    parts = (there, segment(MISSING, 1.0, column="Lines"), category, segment(NON_MISSING, None))
    assert replace(selection, segments=parts).without_a_leak == [there]
    assert there.baseline == 0.75


@pytest.mark.parametrize("width", [60, 200])
def test_the_text_says_how_good_the_model_is_without_the_leak(selection: Selection, drawn: Draw, width: int) -> None:
    shown = replace(selection, segments=(segment(NON_MISSING, 0.78, column="Lines"),))
    assert " ".join(drawn(selection_text(shown), width)).endswith(
        "On rows with Lines (a missing value alone reveals the label): accuracy 0.7800 (0.6800 to 0.8300). Always "
        "predicting the majority class gives 0.7500."
    )
