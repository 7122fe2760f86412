"""Scores by parts of the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from phishcli.evaluation.segments import (
    COLUMNS,
    NO_VALUE,
    OTHERS,
    Grouping,
    as_frame,
    by_missingness,
    by_value,
    of_frame,
    segments,
    wilson,
)


def named(grouping: Grouping) -> list[str]:
    """The name of each row's segment."""
    assert len(set(grouping.names)) == len(grouping.names)
    return [grouping.names[code] for code in grouping.codes]


def of_names(names: list[str]) -> Grouping:
    distinct = sorted(set(names))
    return Grouping(np.array([distinct.index(name) for name in names]), tuple(distinct))


def test_the_interval_is_that_of_wilson() -> None:
    found = binomtest(7, 40).proportion_ci(0.9, method="wilson")
    assert wilson(7, 40, 0.9) == pytest.approx((found.low, found.high))
    assert wilson(0, 0) is None


def test_segments_are_scored_per_model_the_worst_first_and_small_ones_last() -> None:
    names = of_names(["good"] * 40 + ["never good"] * 40 + ["a few"] * 5)
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
    [found] = segments({"M": frame}, "Kind", of_names(["all"] * 10), 0.5)
    assert (found.accuracy.low, found.accuracy.high) == wilson(8, 10, 0.5)
    assert (found.recall.low, found.recall.high) == wilson(4, 5, 0.5)
    assert (found.fpr.low, found.fpr.high) == wilson(1, 5, 0.5)
    [fewer] = segments({"M": frame[:9]}, "Kind", of_names(["all"] * 9), 0.5)
    assert (fewer.n, fewer.accuracy.value) == (9, None)


def test_a_segment_of_one_class_has_no_rate_of_the_other() -> None:
    frame = pd.DataFrame({"target": [1] * 12, "prediction": [1] * 12})
    [found] = segments({"M": frame}, "Kind", of_names(["all"] * 12))
    assert (found.recall.value, found.fpr.value) == (1.0, None)


def test_values_are_named_as_one_reads_them_and_missing_ones_too() -> None:
    assert named(by_value(pd.Series([1.0, 2.5, None]))) == ["1", "2.5", NO_VALUE]
    assert named(by_value(pd.Series(["a", None, "b"], dtype="category"))) == ["a", NO_VALUE, "b"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([20240101, 20240102, 20240101], ["20240101", "20240102", "20240101"]),
        ([20240101.0, 20240102.0, None], ["20240101", "20240102", NO_VALUE]),
        ([0.12345671, 0.12345679], ["0.12345671", "0.12345679"]),
        ([0.0, -0.0, 1.0], ["0", "0", "1"]),
        ([1.7e12, 1.7e12 + 1], ["1700000000000", "1700000000001"]),
        ([2**62, 2**62 + 1], [str(2**62), str(2**62 + 1)]),
        ([1e300, 1.0000000000000002e300], ["1e+300", "1.0000000000000002e+300"]),
        (np.array([0.1, 0.2], np.float32), ["0.1", "0.2"]),
        (
            pd.Categorical(["(missing)", None, "(others)", "a", "a "]),
            ["'(missing)'", NO_VALUE, "'(others)'", "a", "a "],
        ),
    ],
)
def test_rows_are_grouped_by_their_values_and_not_by_a_text_that_shows_them(values: Any, expected: list[str]) -> None:
    assert named(by_value(pd.Series(values))) == expected


def test_segments_of_days_are_those_of_a_pandas_groupby() -> None:
    rng = np.random.default_rng(0)
    days = pd.Series(rng.choice([20240101 + day for day in range(10)], 400))
    frame = pd.DataFrame({"target": rng.integers(0, 2, 400), "prediction": rng.integers(0, 2, 400)})
    found = {each.segment: each for each in segments({"M": frame}, "day", by_value(days))}
    right = (frame["target"] == frame["prediction"]).groupby(days).agg(["size", "mean"])
    assert {name: each.n for name, each in found.items()} == {str(day): size for day, size in right["size"].items()}
    for day, accuracy in right["mean"].items():
        assert found[str(day)].accuracy.value == pytest.approx(accuracy)


def test_numbers_of_many_values_are_parted_into_quarters() -> None:
    names = named(by_value(pd.Series(np.arange(400.0))))
    assert pd.Series(names).value_counts().tolist() == [100] * 4


def test_numbers_of_fifty_values_keep_them_as_names_which_are_text() -> None:
    names = named(by_value(pd.Series(np.arange(100) % 50)))
    assert set(names) == {str(number) for number in range(50)}


def test_quarters_that_many_equal_values_make_alike_are_one() -> None:
    names = named(by_value(pd.Series([0.0] * 300 + [*range(1, 101)])))
    assert sorted(pd.Series(names).value_counts()) == [100, 300]


def test_up_to_fifty_categories_keep_their_names() -> None:
    names = named(by_value(pd.Series([f"c{i}" for i in range(50)], dtype="category")))
    assert len(set(names)) == 50
    assert OTHERS not in names


def test_rare_categories_beyond_fifty_are_put_together() -> None:
    values = pd.Series([f"c{i}" for i in range(80)] + ["c0"] * 5, dtype="category")
    names = named(by_value(values))
    assert len(set(names)) == 50
    assert names.count(OTHERS) == 80 - 49
    assert names.count("c0") == 6


def test_rows_are_named_by_whether_they_have_a_value() -> None:
    assert named(by_missingness(pd.Series([1.0, None]))) == ["not missing", "missing"]


def test_segments_survive_their_table_and_a_file(tmp_path: Path) -> None:
    names = of_names(["a"] * 40 + ["tiny"] * 5)
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


@pytest.mark.parametrize("scale", [1.0, 1e-310, 1.7e306, 2.0**60])
def test_many_numbers_are_grouped_by_quartile_on_any_scale(scale: float) -> None:
    values = pd.Series([*(scale * (rank - 50) for rank in range(101)), None])
    found = by_value(values)
    assert len(found.names) == 5
    # -50 to -25, to 0, to 25, to 50, and the missing one
    assert np.bincount(found.codes).tolist() == [26, 25, 25, 25, 1]
    assert found.names[found.codes[101]] == NO_VALUE


def test_the_names_of_quartiles_are_their_edges() -> None:
    assert by_value(pd.Series(np.arange(101))).names == ("[0, 25]", "(25, 50]", "(50, 75]", "(75, 100]")
    days = 1_700_000_000_000 + np.arange(101)
    assert by_value(pd.Series(days)).names[0] == "[1700000000000, 1700000000025]"
