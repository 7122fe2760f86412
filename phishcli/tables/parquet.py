"""Tables in a Parquet file, read by row group and column, never as a whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from phishcli.tables.table import BATCH_ROWS, check_rows


class ParquetTable:
    """A table on disk; from the first column that is read by itself the file stays open.

    To open it takes longer the more columns it has, and longer than to read one of them: of 10,000 columns read one by
    one, opening took all the time.

    Raises
    ------
    OSError, pyarrow.ArrowInvalid
        When there is no such file, or it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with parquet.ParquetFile(path) as file:
            self._metadata = file.metadata
            self.schema: pa.Schema = file.schema_arrow
        self._known = frozenset(self.schema.names)
        self._file: parquet.ParquetFile | None = None
        self._reading = threading.Lock()
        groups = range(self._metadata.num_row_groups)
        self._ends = np.cumsum([self._metadata.row_group(group).num_rows for group in groups], dtype=np.intp)

    @property
    def rows(self) -> int:
        """The number of rows."""
        return int(self._metadata.num_rows)

    @property
    def bytes(self) -> int:
        """The size of all columns, uncompressed."""
        groups = range(self._metadata.num_row_groups)
        return sum(self._metadata.row_group(group).total_byte_size for group in groups)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Go through all rows in order, a part of a row group at a time; see `Table.batches`."""
        with self._open() as file:
            yield from file.iter_batches(BATCH_ROWS, columns=self._names(columns))

    def select(self, rows: NDArray[np.intp], columns: Sequence[str] | None = None) -> pa.Table:
        """Read some rows from the row groups that hold them, one after the other; see `Table.select`."""
        check_rows(rows, self.rows)
        names = self._names(columns)
        wanted, order = np.unique(rows, return_inverse=True)
        begins = np.searchsorted(wanted, np.concatenate([[0], self._ends]))
        schema = pa.schema([self.schema.field(name) for name in names])
        with self._open() as file:
            parts = [
                self._part(file, group, wanted[begin:end], names)
                for group, (begin, end) in enumerate(pairwise(begins))
                if begin < end
            ]
        return pa.concat_tables([schema.empty_table(), *parts]).take(pa.array(order))

    def column(self, name: str) -> pa.ChunkedArray:
        """Read one column and no other; see `Table.column`."""
        with self._reading:
            self._file = self._file or self._open()
            return self._file.read(self._names([name])).column(0)

    def __getstate__(self) -> dict[str, Any]:
        """Go to another process as what is read there again: neither an open file nor a lock can."""
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"])  # type: ignore[misc]  # to be opened there

    def _part(self, file: parquet.ParquetFile, group: int, rows: NDArray[np.intp], names: list[str]) -> pa.Table:
        begin = self._ends[group - 1] if group else 0
        return file.read_row_group(group, columns=names).take(pa.array(rows - begin)).select(names)

    def _open(self) -> parquet.ParquetFile:
        # To buffer ahead would hold all row groups at once.
        return parquet.ParquetFile(self.path, metadata=self._metadata, pre_buffer=False)

    def _names(self, columns: Sequence[str] | None) -> list[str]:
        names = self.schema.names if columns is None else list(columns)
        if unknown := [name for name in names if name not in self._known]:
            raise KeyError(f"{self.path.name} has no column {unknown[0]!r}")
        return names
