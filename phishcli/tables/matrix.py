"""A float32 matrix with the target beside it as a table: what Parquet files hold of it, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from phishcli.tables.table import BATCH_ROWS, check_rows

if TYPE_CHECKING:
    from phishcli.tables.disk import Disk
    from phishcli.tables.table import Table

TARGET = "target"
BY_ROWS = 8_000_000
"""Values from which on a matrix is stored by rows, as what reads it in pieces needs it, and not by columns. Sums depend
on that in their last digit, so that the size of the data decides and not the memory there is."""


class MatrixTable:
    """A matrix of n rows, in memory or mapped from a file, and the class of each row.

    Parameters
    ----------
    matrix
        Shape (n, k).
    target
        Shape (n,): the last column, ``target``.
    names
        The names of the k other columns.
    """

    def __init__(self, matrix: NDArray[np.float32], target: NDArray[np.int8], names: Sequence[str]) -> None:
        self.matrix, self.target = matrix, target
        fields = [(name, pa.float32()) for name in names]
        self.schema: pa.Schema = pa.schema([*fields, (TARGET, pa.int8())])

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.target)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Go through all rows in order; see `Table.batches`."""
        for begin in range(0, self.rows, BATCH_ROWS):
            yield from self._of(slice(begin, begin + BATCH_ROWS), columns).to_batches()

    def select(self, rows: NDArray[np.intp], columns: Sequence[str] | None = None) -> pa.Table:
        """Copy some rows; see `Table.select`."""
        check_rows(rows, self.rows)
        return self._of(rows, columns)

    def column(self, name: str) -> pa.ChunkedArray:
        """Copy one column; see `Table.column`."""
        return self._of(slice(None), [name]).column(0)

    def _of(self, rows: Any, columns: Sequence[str] | None) -> pa.Table:
        names = self.schema.names if columns is None else columns
        part = self.matrix[rows]
        places = [self.schema.get_field_index(name) for name in names]
        if -1 in places:
            raise KeyError(f"there is no column {names[places.index(-1)]!r}")
        values = [self.target[rows] if place == part.shape[1] else part[:, place] for place in places]
        arrays = [pa.array(np.ascontiguousarray(each), from_pandas=True) for each in values]
        return pa.table(arrays, schema=pa.schema([self.schema.field(name) for name in names]))


def matrix_of(table: Table, disk: Disk) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Read such a table back: the matrix, in memory or mapped from a file, and the target."""
    names = [name for name in table.schema.names if name != TARGET]
    small = table.rows * len(names) < BY_ROWS
    matrix = np.empty((table.rows, len(names)), np.float32, "F") if small else disk.matrix(table.rows, len(names))
    target = np.empty(table.rows, dtype=np.int8)
    begin = 0
    for batch in table.batches():
        end = begin + batch.num_rows
        for place, name in enumerate(names):
            matrix[begin:end, place] = batch.column(name).to_numpy(zero_copy_only=False)
        target[begin:end] = batch.column(TARGET).to_numpy()
        begin = end
    return matrix, target
