"""What every table promises, in memory or on disk."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from phishcli import tables
from phishcli.tables import table as table_module
from phishcli.tables.arrow import frame, series
from phishcli.tables.cached import CachedTable
from phishcli.tables.memory import MemoryTable
from phishcli.tables.parquet import ParquetTable
from phishcli.tables.table import Table, spread
from phishcli.tables.view import TableView

Make = Callable[[pa.Table], Table]
ROWS = 1_000


@pytest.fixture(params=["memory", "parquet", "one row a group", "cached", "view"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    def write(data: pa.Table, **more: Any) -> Table:
        path = tmp_path / "table.parquet"
        parquet.write_table(data, path, **more)
        return ParquetTable(path)

    def view(data: pa.Table) -> Table:
        """The same table, seen through one with further rows and columns."""
        rows = np.repeat(np.arange(data.num_rows), 2)
        other = data.take(pa.array(rows)).add_column(1, "other", pa.array(rows))
        return TableView(MemoryTable(other), columns=data.column_names, rows=np.arange(data.num_rows) * 2)

    made: dict[str, Make] = {
        "memory": MemoryTable,
        "parquet": lambda data: write(data, row_group_size=300),
        "one row a group": lambda data: write(data.slice(0, 40), row_group_size=1),
        "view": view,
        "cached": lambda data: CachedTable(write(data), budget=10_000),
    }
    return made[request.param]


def everything(rows: int = ROWS) -> pa.Table:
    """Numbers, gaps, texts, categories of which one does not occur, times, truth values; names that are awkward."""
    random = np.random.default_rng(0)
    codes = np.where(np.arange(rows) % 7 == 0, -1, np.arange(rows) % 2)
    data = pd.DataFrame(
        {
            "numbers": random.normal(size=rows),
            "gaps": np.where(random.random(rows) < 0.3, np.nan, 1.0),
            "group.host": np.arange(rows, dtype=np.int64) - 5,
            "group": np.arange(rows) % 3 == 0,
            "text": [None if row % 5 == 0 else f"t{row}" for row in range(rows)],
            "category": pd.Categorical.from_codes(codes, ["z", "a", "unused"]),
            "time": pd.date_range("2024-01-01", periods=rows, tz="UTC"),
            "small": (np.arange(rows) % 100).astype(np.int8),
        }
    )
    return pa.Table.from_pandas(data, preserve_index=False)


def test_it_knows_its_columns_and_its_rows(make: Make) -> None:
    made = make(everything())
    assert made.schema.names == everything().schema.names
    assert made.schema.field("small").type == pa.int8()
    assert made.rows == sum(batch.num_rows for batch in made.batches()) > 0


def test_batches_columns_and_selections_hold_the_same_values(make: Make) -> None:
    made = make(everything())
    expected = frame(everything()).iloc[: made.rows]
    pd.testing.assert_frame_equal(frame(made.select(np.arange(made.rows))), expected)
    pd.testing.assert_frame_equal(pd.concat([frame(b) for b in made.batches()], ignore_index=True), expected)
    for name in made.schema.names:
        pd.testing.assert_series_equal(series(made.column(name), name), expected[name])


def test_batches_are_bounded_and_in_order(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("memory", "parquet", "view"):
        monkeypatch.setattr(f"phishcli.tables.{module}.BATCH_ROWS", 7)
    made = make(everything())
    sizes = [batch.num_rows for batch in made.batches(["small"])]
    assert max(sizes) <= 7
    values = np.concatenate([batch.column(0).to_numpy() for batch in made.batches(["small"])])
    assert values.tolist() == [row % 100 for row in range(made.rows)]


def test_columns_come_in_the_order_in_which_they_are_asked_for(make: Make) -> None:
    made = make(everything())
    asked = ["time", "group", "numbers"]
    assert next(iter(made.batches(asked))).schema.names == asked
    assert made.select(np.array([3]), asked).column_names == asked


@pytest.mark.parametrize("rows", [[], [0], [39, 0, 17], [5, 5, 0, 5, 39, 39], list(range(39, -1, -1))])
def test_rows_are_selected_in_any_order_and_repeatedly(make: Make, rows: list[int]) -> None:
    made = make(everything()).select(np.array(rows, dtype=np.intp))
    expected = frame(everything()).iloc[rows].reset_index(drop=True)
    # What is read of no row group knows no categories.
    pd.testing.assert_frame_equal(frame(made), expected, check_categorical=bool(rows))


@pytest.mark.parametrize("rows", [[-1], [ROWS], [0, ROWS + 5]])
def test_rows_that_are_not_there_are_refused(make: Make, rows: list[int]) -> None:
    with pytest.raises(IndexError, match=f"rows -?{min(rows)} to {max(rows)} of a table of"):
        make(everything()).select(np.array(rows))


def test_a_column_that_is_not_there_is_refused(make: Make) -> None:
    for use in (lambda made: made.column("numbe"), lambda made: list(made.batches(["numbe"]))):
        with pytest.raises(KeyError, match="numbe"):
            use(make(everything()))


@pytest.mark.parametrize("rows", [0, 1])
def test_a_table_may_be_empty_or_have_one_row(make: Make, rows: int) -> None:
    made = make(everything(rows))
    assert made.rows == rows == len(made.column("text")) == sum(batch.num_rows for batch in made.batches())
    expected = frame(everything(rows))
    pd.testing.assert_frame_equal(frame(made.select(np.arange(rows))), expected, check_categorical=rows > 0)


def test_dictionaries_that_differ_from_batch_to_batch_become_one_category(make: Make) -> None:
    chunks = [pa.array(values).dictionary_encode() for values in (["a", "b", None], ["c", "b"], ["a"])]
    made = make(pa.table({"c": pa.chunked_array(chunks)}))
    expected = ["a", "b", None, "c", "b", "a"]
    assert series(made.column("c"), "c").astype(object).where(lambda s: s.notna(), None).tolist() == expected
    assert frame(made.select(np.array([5, 3, 0])))["c"].tolist() == ["a", "c", "a"]


def test_a_table_on_disk_reads_as_pandas_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    everything().to_pandas().to_parquet(path, index=False, row_group_size=64)
    for made in (ParquetTable(path), tables.open(path)):
        pd.testing.assert_frame_equal(frame(made.select(np.arange(ROWS))), pd.read_parquet(path))


def test_a_small_file_is_opened_in_memory_and_a_large_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table.parquet"
    parquet.write_table(everything(), path)
    size = ParquetTable(path).bytes
    assert 20_000 < size < 200_000
    for limit, kind in ((size, MemoryTable), (size - 1, ParquetTable)):
        monkeypatch.setattr(tables, "SMALL_BYTES", limit)
        assert type(tables.open(path)) is kind


WIDE, LONG, GROUP = 60, 50_000, 5_000
"""Columns and rows of a file, and rows of a row group."""


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    path = tmp_path / "wide.parquet"
    parquet.write_table(pa.table({f"c{n}": random.normal(size=LONG) for n in range(WIDE)}), path, row_group_size=GROUP)
    return path


def peak(path: Path, work: str) -> int:
    """The most bytes that Arrow ever held in a process that works with a table."""
    program = (
        "import sys, numpy as np, pyarrow as pa; from pathlib import Path;"
        "from phishcli.tables.parquet import ParquetTable;"
        f"table = ParquetTable(Path(sys.argv[1])); {work}; print(pa.default_memory_pool().max_memory())"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_one_column_of_a_wide_file_loads_no_other(wide: Path) -> None:
    assert 8 * LONG <= peak(wide, "table.column('c7')") < 4 * 8 * LONG


def test_a_selection_loads_the_row_groups_that_it_needs(wide: Path) -> None:
    assert 0 < peak(wide, "table.select(np.array([40_001, 3, 40_000]))") < 3 * 8 * GROUP * WIDE


def test_batches_do_not_pile_up(tmp_path: Path) -> None:
    path = tmp_path / "long.parquet"
    parquet.write_table(pa.table({"a": np.random.default_rng(0).normal(size=3_000_000)}), path, row_group_size=100_000)
    assert 0 < peak(path, "print(sum(b.num_rows for b in table.batches()), file=sys.stderr)") < 8 * 3_000_000 / 2


class Counting(MemoryTable):
    """A table that remembers which columns were read."""

    def __init__(self, data: pa.Table) -> None:
        super().__init__(data)
        self.read: list[str] = []

    def column(self, name: str) -> pa.ChunkedArray:
        self.read.append(name)
        return super().column(name)


def test_columns_are_kept_until_the_budget_is_used_up_the_oldest_goes_first() -> None:
    counting = Counting(pa.table({name: np.zeros(100) for name in "abcd"}))
    cached = CachedTable(counting, budget=2_000)
    for name in "aabbabcac":
        assert len(cached.column(name)) == 100
    assert counting.read == ["a", "b", "c", "a"]
    cached.column("c")
    cached.column("b")
    assert counting.read == ["a", "b", "c", "a", "b"]


def test_a_column_beyond_the_budget_is_read_again_and_again() -> None:
    counting = Counting(pa.table({"a": np.zeros(100)}))
    cached = CachedTable(counting, budget=100)
    assert [len(cached.column("a")) for _ in range(3)] == [100] * 3
    assert counting.read == ["a"] * 3


def test_a_view_of_columns_shows_no_other() -> None:
    made = TableView(MemoryTable(everything()), columns=["small", "text"])
    assert made.schema.names == next(iter(made.batches())).schema.names == ["small", "text"]
    assert made.rows == ROWS
    with pytest.raises(KeyError, match="no column 'numbers'"):
        made.column("numbers")


def test_a_table_without_columns_has_rows_all_the_same() -> None:
    made = MemoryTable.of_frame(pd.DataFrame(index=range(3)))
    assert (made.rows, made.schema.names) == (3, [])
    assert MemoryTable.of_columns({}, 5).rows == 5


def test_a_table_of_batches_has_their_rows() -> None:
    data = everything()
    assert MemoryTable.of_batches(data.schema, data.to_batches(100)).data == data
    assert MemoryTable.of_batches(data.schema, []).rows == 0


@pytest.mark.parametrize(("n", "most", "expected"), [(5, 10, [0, 1, 2, 3, 4]), (9, 3, [0, 4, 8]), (0, 3, [])])
def test_positions_are_spread_evenly(n: int, most: int, expected: list[int]) -> None:
    assert spread(n, most).tolist() == expected
    assert table_module.BATCH_ROWS == 65_536


def test_a_file_is_opened_once_for_all_columns_and_anew_in_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To open a file of 10,000 columns takes a hundred times longer than to read one of them."""
    parquet.write_table(pa.table({f"c{number}": [number, 2] for number in range(20)}), tmp_path / "wide.parquet")
    table = ParquetTable(tmp_path / "wide.parquet")
    opened: list[ParquetTable] = []
    opens = ParquetTable._open
    monkeypatch.setattr(ParquetTable, "_open", lambda self: opened.append(self) or opens(self))
    assert [table.column(name)[0].as_py() for name in table.schema.names] == [*range(20)]
    assert opened == [table]
    assert pickle.loads(pickle.dumps(table)).column("c7").to_pylist() == [7, 2]  # noqa: S301 (our own bytes)
