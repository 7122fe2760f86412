"""A part of another table, some of its columns or rows, without a copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from phishcli.tables.table import BATCH_ROWS, Table, check_rows


class TableView:
    """Some columns and rows of a table.

    Parameters
    ----------
    table
        The table to read from.
    columns
        Its columns that are seen, in this order; None for all.
    rows
        Positions of the rows that are seen, in rising order; None for all.
    """

    def __init__(
        self, table: Table, *, columns: Sequence[str] | None = None, rows: NDArray[np.intp] | None = None
    ) -> None:
        self._table, self._rows = table, rows
        names = table.schema.names if columns is None else columns
        self.schema: pa.Schema = pa.schema([table.schema.field(name) for name in names])

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self._table.rows if self._rows is None else len(self._rows)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Go through all rows in order; see `Table.batches`."""
        names = self._names(columns)
        if self._rows is None:
            yield from self._table.batches(names)
            return
        for begin in range(0, len(self._rows), BATCH_ROWS):
            yield from self._table.select(self._rows[begin : begin + BATCH_ROWS], names).combine_chunks().to_batches()

    def select(self, rows: NDArray[np.intp], columns: Sequence[str] | None = None) -> pa.Table:
        """Read some rows; see `Table.select`."""
        check_rows(rows, self.rows)
        return self._table.select(rows if self._rows is None else self._rows[rows], self._names(columns))

    def column(self, name: str) -> pa.ChunkedArray:
        """Read one column; see `Table.column`."""
        (name,) = self._names([name])
        return self._table.column(name) if self._rows is None else self._table.select(self._rows, [name]).column(0)

    def _names(self, columns: Sequence[str] | None) -> list[str]:
        names = self.schema.names if columns is None else list(columns)
        if unknown := [name for name in names if name not in self.schema.names]:
            raise KeyError(f"there is no column {unknown[0]!r}")
        return names
