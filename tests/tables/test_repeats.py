"""Rows that repeat an earlier one: in every column as it is stored, row numbers aside."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phishcli.tables.repeats import repeated_rows


def test_repeated_rows_are_those_after_the_first() -> None:
    table = pa.table({"a": [1.0, None, 1.0, np.nan, 1.0], "b": ["x", None, "x", None, "y"]})
    assert repeated_rows(table).tolist() == [False, False, True, True, False]


@pytest.mark.parametrize(
    "values",
    [
        ["a", "b"],
        [b"a", b"b"],
        [1, 2],
        [True, False],
        [0.5, 0.25],
        [Decimal("1.10"), Decimal("1.20")],
        [dt.date(2024, 1, 1), dt.date(2024, 1, 2)],
        [dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 1, 12)],  # noqa: DTZ001 - as databases store them
        [dt.time(1), dt.time(2)],
        [dt.timedelta(1), dt.timedelta(2)],
        [["a"], ["a", "b"]],
        [{"a": 1}, {"a": 2}],
    ],
)
def test_values_of_every_type_are_compared(values: list[Any]) -> None:
    one, other = values
    column = pa.array([one, None, other, one, None, other, one])
    expected = [False, False, False, True, True, True, True]
    assert repeated_rows(pa.table({"a": column})).tolist() == expected
    halves = pa.chunked_array([column[:2], column[2:]])
    assert repeated_rows(pa.table({"a": halves, "nothing": [None] * 7})).tolist() == expected


def test_dictionaries_are_compared_by_what_they_stand_for() -> None:
    chunks = [pa.array(["a", "b"]).dictionary_encode(), pa.array(["b", "a"]).dictionary_encode()]
    assert repeated_rows(pa.table({"a": pa.chunked_array(chunks)})).tolist() == [False, False, True, True]


def test_large_whole_numbers_beside_missing_ones_are_told_apart() -> None:
    assert not repeated_rows(pa.table({"a": [2**53, 2**53 + 1, None]})).any()


def test_a_zero_is_a_zero() -> None:
    assert repeated_rows(pa.table({"a": [0.0, -0.0]})).tolist() == [False, True]


@pytest.mark.parametrize(("name", "numbers"), [("id", [4, 5, 6, 7]), ("Unnamed: 0", [9, 2, 4, 3])])
def test_row_numbers_do_not_count_unless_they_are_used(name: str, numbers: list[int]) -> None:
    table = pa.table({name: numbers, "a": [1, 1, 2, 1]})
    assert repeated_rows(table).tolist() == [False, True, False, True]
    assert not repeated_rows(table, used=[name]).any()


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 2, st.sampled_from([0.0, 1.5, None]), st.sampled_from("abc"))))
def test_any_table_has_the_repeats_that_pandas_finds(rows: list[tuple[Any, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b", "c", "d"]).astype({"c": "float64", "d": "str"})
    table = pa.Table.from_pandas(frame, preserve_index=False)
    assert repeated_rows(table, used=["a", "b"]).tolist() == frame.duplicated().tolist()
