"""What of a large table waits on disk: rows as they are read, and columns as they are made."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from phishcli.artifacts.codecs import write_batches
from phishcli.tables.arrow import exact_series
from phishcli.tables.memory import MemoryTable
from phishcli.tables.parquet import ParquetTable
from phishcli.tables.table import BATCH_ROWS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.tables.table import Table

NO_LIMIT = 2**63
"""More bytes than any table has."""


def _no_folder() -> Path:
    raise ValueError("there is no folder for large tables")


@dataclass(frozen=True)
class Disk:
    """Room for tables.

    Parameters
    ----------
    room
        Bytes that a table may take in memory.
    folder
        Makes an empty folder for what is larger; its files are removed by whoever made it.
    """

    room: int = NO_LIMIT
    folder: Callable[[], Path] = _no_folder

    def collected(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Table:
        """Collect all batches of a source: in memory as long as there is room, otherwise in a file."""
        held: list[pa.RecordBatch] = []
        size, coming = 0, iter(batches)
        for batch in coming:
            held.append(batch)
            size += batch.nbytes
            if size > self.room:
                return _in_file(schema, _taken(held, coming), self.folder())
        return MemoryTable.of_batches(schema, held)

    def matrix(self, rows: int, columns: int) -> NDArray[np.float32]:
        """Make a matrix to be filled, by rows: in memory if there is room, otherwise as a mapped ``.npy`` file."""
        if rows * columns * np.dtype(np.float32).itemsize <= self.room:
            return np.empty((rows, columns), dtype=np.float32)
        path = self.folder() / "matrix.npy"
        return np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(rows, columns))


def _taken(held: list[pa.RecordBatch], coming: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give all batches, and let go of each."""
    while held:
        yield held.pop(0)
    yield from coming


def _in_file(schema: pa.Schema, batches: Iterator[pa.RecordBatch], folder: Path) -> Table:
    """Write batches to a file: Parquet, which is small, where it keeps all types."""
    if _parquet_keeps(schema):
        path = folder / "rows.parquet"
        write_batches(path, schema, batches)
        return ParquetTable(path)
    return MemoryTable(_mapped(schema, batches, folder / "rows.arrow"))


def _parquet_keeps(schema: pa.Schema) -> bool:
    file = io.BytesIO()
    try:
        parquet.write_table(schema.empty_table(), file)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return False
    return bool(parquet.read_schema(file).equals(schema))


def _mapped(schema: pa.Schema, batches: Iterable[pa.RecordBatch], path: Path) -> pa.Table:
    """Write batches as Arrow does and map the file into memory, so that nothing is read before it is used."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return pa.ipc.open_stream(pa.memory_map(str(path))).read_all()


class Columns(MutableMapping[str, "pd.Series[Any]"]):
    """Columns of equal length in a fixed order, made one after the other; those for which there is no room are mapped.

    Parameters
    ----------
    disk
        Where they wait.
    """

    def __init__(self, disk: Disk | None = None) -> None:
        self._disk = disk or Disk()
        self._kept: dict[str, pd.Series[Any] | pa.ChunkedArray] = {}
        self._bytes, self._numbers = 0, count()
        self._folder: Path | None = None

    def __setitem__(self, name: str, values: Any) -> None:
        column = values if isinstance(values, pd.Series) else pd.Series(values, name=name)
        size = int(column.memory_usage(index=False))
        if self._bytes + size <= self._disk.room:
            self._bytes += size
            self._kept[name] = column
            return
        self._folder = self._folder or self._disk.folder()
        self._kept[name] = _waiting(name, column, self._folder / f"{next(self._numbers)}.arrow")

    def __getitem__(self, name: str) -> pd.Series[Any]:
        kept = self._kept[name]
        return exact_series(kept, name) if isinstance(kept, pa.ChunkedArray) else kept

    def __delitem__(self, name: str) -> None:
        del self._kept[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def table(self, rows: int) -> MemoryTable:
        """Give all columns as a table; categories become dictionaries, NaN becomes null."""
        return MemoryTable(pa.table({name: _arrow(kept) for name, kept in self._kept.items()}), rows)


def _arrow(column: pd.Series[Any] | pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    return column if isinstance(column, pa.ChunkedArray) else pa.array(column, from_pandas=True)


def _waiting(name: str, column: pd.Series[Any], path: Path) -> pa.ChunkedArray:
    made = pa.table({name: _arrow(column)})
    return _mapped(made.schema, made.to_batches(max_chunksize=BATCH_ROWS), path).column(0)
