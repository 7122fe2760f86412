"""A table that keeps its most recently read columns in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from phishcli.tables.table import Table

CACHE_BYTES = 64 * 2**20


class CachedTable:
    """Another table, of which the columns read last are kept, up to a number of bytes.

    Parameters
    ----------
    table
        The table to read from.
    budget
        Bytes that all kept columns may take together; a larger column is never kept.
    """

    def __init__(self, table: Table, budget: int = CACHE_BYTES) -> None:
        self._table, self._budget = table, budget
        self._kept: OrderedDict[str, pa.ChunkedArray] = OrderedDict()
        self._bytes = 0

    @property
    def schema(self) -> pa.Schema:
        """Names and Arrow types of the columns."""
        return self._table.schema

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self._table.rows

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Go through all rows in order; see `Table.batches`."""
        return self._table.batches(columns)

    def select(self, rows: NDArray[np.intp], columns: Sequence[str] | None = None) -> pa.Table:
        """Read some rows; see `Table.select`."""
        return self._table.select(rows, columns)

    def column(self, name: str) -> pa.ChunkedArray:
        """Read one column, or give what was kept of it; see `Table.column`."""
        if name not in self._kept:
            self._kept[name] = self._table.column(name)
            self._bytes += self._kept[name].nbytes
        self._kept.move_to_end(name)
        column = self._kept[name]
        while self._kept and self._bytes > self._budget:
            self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return column
