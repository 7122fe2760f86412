"""Equal rows, against a comparison of every row with every other, also where hashes collide."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from phishcli.tables import equal_rows as module
from phishcli.tables.equal_rows import equal_rows, refined, repeated, shared
from phishcli.tables.hashing import row_hashes
from phishcli.tables.memory import MemoryTable
from phishcli.tables.parquet import ParquetTable
from phishcli.tables.table import Table

TEXTS = ["1", "1.0", "", "nan", "None", "ä", "a"]
COLUMNS: dict[str, tuple[pa.DataType, list[Any]]] = {
    "float": (pa.float64(), [0.0, -0.0, math.nan, math.inf, 1.0, 1.5, None]),
    "float32": (pa.float32(), [0.0, -0.0, math.nan, 0.1, None]),
    "integer": (pa.int64(), [0, 1, -1, 2**53, 2**53 + 1, None]),
    "unsigned": (pa.uint64(), [0, 2**64 - 1, 2**63, None]),
    "small": (pa.int8(), [0, -1, 1]),
    "truth": (pa.bool_(), [True, False, None]),
    "text": (pa.string(), [*TEXTS, None]),
    "category": (pa.dictionary(pa.int8(), pa.string()), [*TEXTS, None]),
    "code": (pa.dictionary(pa.int32(), pa.float64()), [0.0, -0.0, 1.0, None]),
    "time": (pa.timestamp("us"), [dt.datetime(2024, 1, day) for day in (1, 2)] + [None]),  # noqa: DTZ001 (as stored)
    "nothing": (pa.null(), [None]),
}


@st.composite
def a_table(draw: st.DrawFn) -> pa.Table:
    names = draw(st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=4, unique=True))
    rows = draw(st.lists(st.tuples(*(st.sampled_from(COLUMNS[name][1]) for name in names)), max_size=30))
    cut = draw(st.integers(0, len(rows)))
    columns = []
    for position, name in enumerate(names):
        values, kind = [row[position] for row in rows], COLUMNS[name][0]
        columns.append(pa.chunked_array([_array(values[:cut], kind), _array(values[cut:], kind)]))
    return pa.table(columns, names=names)


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.array(values, kind.value_type).dictionary_encode().cast(kind)
    return pa.array(values, kind)


def by_brute_force(data: pa.Table) -> list[int]:
    """The number of the first row that equals each row, value by value."""
    rows = [tuple(row.values()) for row in data.to_pylist()]
    first = [next(at for at, other in enumerate(rows) if _equal(row, other)) for row in rows]
    return [sorted(set(first)).index(position) for position in first]


def _equal(row: Sequence[Any], other: Sequence[Any]) -> bool:
    return all((_missing(a) and _missing(b)) or a == b for a, b in zip(row, other, strict=True))


def _missing(value: Any) -> bool:
    return value is None or value != value  # noqa: PLR0124 (what NaN is)


@settings(max_examples=300, deadline=None)
@given(a_table())
def test_rows_are_equal_where_all_their_values_are(data: pa.Table) -> None:
    assert equal_rows(MemoryTable(data)).tolist() == by_brute_force(data)


@pytest.mark.parametrize("bits", [0, 1, 3])
def test_different_rows_with_one_hash_are_still_different(bits: int) -> None:
    @settings(max_examples=100, deadline=None)
    @given(a_table())
    def collide(data: pa.Table) -> None:
        def weak(table: Table, columns: Sequence[str]) -> Any:
            return row_hashes(table, columns) & np.uint64(2**bits - 1)

        with patch.object(module, "row_hashes", weak):
            assert equal_rows(MemoryTable(data)).tolist() == by_brute_force(data)

    collide()


@settings(max_examples=100, deadline=None)
@given(a_table(), st.data())
def test_groups_are_divided_by_further_columns(data: pa.Table, draw: st.DataObject) -> None:
    groups = np.array([draw.draw(st.integers(0, 2)) for _ in range(data.num_rows)], dtype=np.int64)
    expected = by_brute_force(data.append_column("group", pa.array(groups)))
    assert refined(groups, MemoryTable(data), data.column_names).tolist() == expected


def test_many_rows_have_the_groups_that_pandas_makes() -> None:
    random = np.random.default_rng(0)
    data = pd.DataFrame({f"a{number}": random.integers(0, 3, 20_000) for number in range(8)})
    data["gaps"] = np.where(random.random(20_000) < 0.5, np.nan, 1.0)
    data["rare"] = random.random(20_000) < 0.01
    expected = data.groupby(list(data), dropna=False, sort=False).ngroup()
    assert equal_rows(MemoryTable.of_frame(data)).tolist() == expected.tolist()
    assert expected.nunique() > 5_000


def test_hashes_of_different_rows_differ() -> None:
    random = np.random.default_rng(0)
    columns = {f"a{number}": random.integers(0, 40, 200_000) for number in range(6)}
    data = pd.DataFrame(columns).drop_duplicates()
    hashes = row_hashes(MemoryTable.of_frame(data), list(columns))
    assert len(np.unique(hashes)) == len(data) > 190_000


def test_a_file_in_many_pieces_has_the_groups_of_the_table_in_memory(tmp_path: Any) -> None:
    random = np.random.default_rng(0)
    data = pa.table(
        {
            "n": random.integers(0, 9, 2_000),
            "c": pa.array(random.choice(["a", "b", None], 2_000).tolist()).dictionary_encode(),
        }
    )
    parquet.write_table(data, tmp_path / "t.parquet", row_group_size=70)
    assert equal_rows(ParquetTable(tmp_path / "t.parquet")).tolist() == equal_rows(MemoryTable(data)).tolist()


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
    expected = [0, 1, 2, 0, 1, 2, 0]
    assert equal_rows(MemoryTable(pa.table({"a": column}))).tolist() == expected
    halves = pa.chunked_array([column[:2], column[2:]])
    assert equal_rows(MemoryTable(pa.table({"a": halves, "nothing": [None] * 7}))).tolist() == expected


def test_dictionaries_are_compared_by_what_they_stand_for() -> None:
    chunks = [pa.array(["a", "b"]).dictionary_encode(), pa.array(["b", "a"]).dictionary_encode()]
    assert equal_rows(MemoryTable(pa.table({"a": pa.chunked_array(chunks)}))).tolist() == [0, 1, 1, 0]


def test_large_whole_numbers_beside_missing_ones_differ() -> None:
    assert equal_rows(MemoryTable(pa.table({"a": [2**53, 2**53 + 1, None]}))).tolist() == [0, 1, 2]


def test_only_the_columns_that_are_named_count_and_without_one_all_rows_are_equal() -> None:
    made = MemoryTable(pa.table({"a": [1, 1, 2], "b": [1, 2, 3]}))
    assert equal_rows(made, ["a"]).tolist() == [0, 0, 1]
    assert equal_rows(made, []).tolist() == [0, 0, 0]
    assert equal_rows(MemoryTable.of_columns({}, 3)).tolist() == [0, 0, 0]


def test_shared_rows_have_a_like_and_repeated_ones_an_earlier_like() -> None:
    groups = np.array([0, 1, 0, 2, 1, 0])
    assert shared(groups).tolist() == [True, True, True, False, True, True]
    assert repeated(groups).tolist() == [False, False, True, False, True, True]
    assert shared(groups[:0]).tolist() == repeated(groups[:0]).tolist() == []


def test_rows_that_are_numbered_in_parts_get_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).integers(0, 300, 2_000)
    table = MemoryTable(pa.table({"value": values, "text": np.where(values % 2, "a", "b").tolist()}))
    expected = pd.factorize(values)[0]
    np.testing.assert_array_equal(equal_rows(table), expected)
    monkeypatch.setattr(module, "MANY", 50)
    np.testing.assert_array_equal(equal_rows(table), expected)
    with patch.object(module, "row_hashes", lambda table, _: np.full(table.rows, 2**64 - 1, dtype=np.uint64)):
        np.testing.assert_array_equal(equal_rows(table), expected)
