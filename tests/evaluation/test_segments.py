"""Scores by parts of the rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from phishcli.evaluation.segments import (
    COLUMNS,
    NO_VALUE,
    OTHERS,
    as_frame,
    by_missingness,
    by_value,
    of_frame,
    segments,
    wilson,
)


def test_the_interval_is_that_of_wilson() -> None:
    found = binomtest(7, 40).proportion_ci(0.9, method="wilson")
    assert wilson(7, 40, 0.9) == pytest.approx((found.low, found.high))
    assert wilson(0, 0) is None


def test_segments_are_scored_per_model_the_worst_first_and_small_ones_last() -> None:
    names = np.repeat(["good", "never good", "a few"], [40, 40, 5]).astype(object)
    target = np.tile([1, 0], 43)[:85]
    wrong = np.isin(np.arange(85), range(40, 60))
    frame = pd.DataFrame({"target": target, "prediction": np.where(wrong, 1 - target, target)})
    found = list(segments({"M": frame}, "Kind", names))
    assert [each.segment for each in found] == ["never good", "good", "a few"]
    bad, good, tiny = found
    assert (bad.n, bad.n_positive, bad.accuracy.value) == (40, 20, 0.5)
    assert (bad.accuracy.low, bad.accuracy.high) == wilson(20, 40)
    assert (good.recall.value, good.fpr.value) == (1, 0)
    assert (tiny.n, tiny.accuracy.value, tiny.recall.low) == (5, None, None)


def test_ten_rows_are_scored_at_the_level_that_is_asked_for_and_nine_are_not() -> None:
    frame = pd.DataFrame({"target": [1, 0] * 5, "prediction": [1, 0, 0, 0, 1, 1, 1, 0, 1, 0]})
    [found] = segments({"M": frame}, "Kind", np.full(10, "all", dtype=object), 0.5)
    assert (found.accuracy.low, found.accuracy.high) == wilson(8, 10, 0.5)
    assert (found.recall.low, found.recall.high) == wilson(4, 5, 0.5)
    assert (found.fpr.low, found.fpr.high) == wilson(1, 5, 0.5)
    [fewer] = segments({"M": frame[:9]}, "Kind", np.full(9, "all", dtype=object), 0.5)
    assert (fewer.n, fewer.accuracy.value) == (9, None)


def test_a_segment_of_one_class_has_no_rate_of_the_other() -> None:
    frame = pd.DataFrame({"target": [1] * 12, "prediction": [1] * 12})
    [found] = segments({"M": frame}, "Kind", np.full(12, "all", dtype=object))
    assert (found.recall.value, found.fpr.value) == (1.0, None)


def test_values_are_named_as_one_reads_them_and_missing_ones_too() -> None:
    assert by_value(pd.Series([1.0, 2.5, None])).tolist() == ["1", "2.5", NO_VALUE]
    assert by_value(pd.Series(["a", None, "b"], dtype="category")).tolist() == ["a", NO_VALUE, "b"]


def test_numbers_of_many_values_are_parted_into_quarters() -> None:
    names = by_value(pd.Series(np.arange(400.0)))
    assert pd.Series(names).value_counts().tolist() == [100] * 4


def test_numbers_of_fifty_values_keep_them_as_names_which_are_text() -> None:
    names = by_value(pd.Series(np.arange(100) % 50))
    assert set(names) == {str(number) for number in range(50)}
    assert names.dtype == object


def test_quarters_that_many_equal_values_make_alike_are_one() -> None:
    names = by_value(pd.Series([0.0] * 300 + [*range(1, 101)]))
    assert sorted(pd.Series(names).value_counts()) == [100, 300]


def test_up_to_fifty_categories_keep_their_names() -> None:
    names = by_value(pd.Series([f"c{i}" for i in range(50)], dtype="category"))
    assert len(set(names)) == 50
    assert OTHERS not in names


def test_rare_categories_beyond_fifty_are_put_together() -> None:
    values = pd.Series([f"c{i}" for i in range(80)] + ["c0"] * 5, dtype="category")
    names = by_value(values)
    assert len(set(names)) == 50
    assert (names == OTHERS).sum() == 80 - 49
    assert (names == "c0").sum() == 6


def test_rows_are_named_by_whether_they_have_a_value() -> None:
    assert by_missingness(pd.Series([1.0, None])).tolist() == ["not missing", "missing"]


def test_segments_survive_their_table_and_a_file(tmp_path: Path) -> None:
    names = np.repeat(["a", "tiny"], [40, 5]).astype(object)
    frame = pd.DataFrame({"target": np.arange(45) % 2, "prediction": np.arange(45) % 3 % 2})
    found = [
        *segments({"M": frame}, "Kind", names),
        *segments({"M": frame}, "Lines", names, missingness=True),
        *segments({"M": frame.assign(target=1)}, "Class", names),
    ]
    table = as_frame(found)
    assert tuple(table.columns) == COLUMNS
    table.to_parquet(tmp_path / "segments.parquet")
    assert of_frame(pd.read_parquet(tmp_path / "segments.parquet")) == found
    assert of_frame(as_frame([])) == []
