"""What waits on disk is what was put there."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.tables.arrow import exact_series
from phishcli.tables.disk import Columns, Disk
from phishcli.tables.memory import MemoryTable
from phishcli.tables.order import in_order
from phishcli.tables.parquet import ParquetTable

ODD = {
    "number": pa.array([1.5, None, -0.0, float("inf")]),
    "exact": pa.array([2**60 + 1, None, 0, -5]),
    "text": pa.array(["a", None, "", "é"]),
    "word": pa.array(["x", "y", None, "x"]).dictionary_encode(),
    "when": pa.array([0, None, -(2**33), 2**33], pa.int64()).cast(pa.timestamp("s")),
    "coded": pa.array([7, 7, None, 9]).dictionary_encode(),
    "price": pa.array([Decimal("1.10"), None, Decimal("0.00"), Decimal("9.99")]),
    "list": pa.array([[1], None, [], [2, 3]]),
    "nothing": pa.nulls(4),
}


def disk(folder: Path, room: int = 0) -> Disk:
    return Disk(room, lambda: Path(mkdtemp(dir=folder)))


@pytest.mark.parametrize("columns", [list(ODD), ["number", "text", "word"]])
def test_rows_that_do_not_fit_come_back_as_they_were(tmp_path: Path, columns: list[str]) -> None:
    data = pa.table({name: ODD[name] for name in columns})
    batches = [data.slice(0, 1).to_batches()[0], data.slice(1, 3).to_batches()[0]]
    assert isinstance(disk(tmp_path, 10**6).collected(data.schema, iter(batches)), MemoryTable)
    assert not any(tmp_path.iterdir())
    found = disk(tmp_path).collected(data.schema, iter(batches))
    assert found.schema.equals(data.schema)
    assert [row for batch in found.batches() for row in batch.to_pylist()] == data.to_pylist()
    assert any(tmp_path.iterdir())


@pytest.mark.parametrize("room", [0, 60, 10**6])
def test_columns_come_back_as_they_were_wherever_they_wait(tmp_path: Path, room: int) -> None:
    made = Columns(disk(tmp_path, room))
    given = {
        "float": pd.Series([1.5, np.nan, -np.inf]),
        "small": pd.Series([1, 0, 1], dtype=np.int8),
        "large": pd.Series([2**62, pd.NA, 1], dtype="Int64"),
        "kind": pd.Series(pd.Categorical(["b", None, "b"], categories=["a", "b"])),
    }
    for name, values in given.items():
        made[name] = values.rename(name)
    assert list(made) == list(given)
    for name, values in given.items():
        pd.testing.assert_series_equal(made[name], values.rename(name))
        found = exact_series(made.table(3).column(name), name)
        pd.testing.assert_series_equal(found, values.rename(name))


def test_a_column_may_be_replaced_or_removed(tmp_path: Path) -> None:
    made = Columns(disk(tmp_path))
    made["a"] = np.arange(3)
    made["a"] = np.arange(3) + 1
    made["b"] = np.zeros(3)
    del made["b"]
    assert made.table(3).data.to_pydict() == {"a": [1, 2, 3]}


@pytest.mark.parametrize("chosen", [[5, 0, 3], [], list(range(7, -1, -1))])
@pytest.mark.parametrize("room", [1, 100, 10**6])
def test_rows_in_another_order_are_those_that_a_selection_gives(tmp_path: Path, chosen: list[int], room: int) -> None:
    data = pa.table({"x": range(8), "word": pa.array(list("abcaabcz")).dictionary_encode()})
    batches = [data.slice(0, 5), data.slice(5, 3).unify_dictionaries()]
    parts = [batch.to_batches()[0] for batch in batches]
    table = disk(tmp_path).collected(data.schema, parts)
    assert isinstance(table, ParquetTable)
    found = in_order(table, np.array(chosen, dtype=np.intp), disk(tmp_path, room))
    assert found.rows == len(chosen)
    assert [row for batch in found.batches() for row in batch.to_pylist()] == data.take(
        pa.array(chosen, pa.int64())
    ).to_pylist()
    with pytest.raises(IndexError):
        in_order(table, np.array([8]), disk(tmp_path, room))
