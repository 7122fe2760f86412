"""Tables in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from phishcli.tables.table import BATCH_ROWS, check_rows


class MemoryTable:
    """A table in memory.

    Parameters
    ----------
    data
        The rows.
    rows
        The number of rows, for a table that may have no column; the number of rows of ``data`` by default.
    """

    def __init__(self, data: pa.Table, rows: int | None = None) -> None:
        self.data = data
        self.rows: int = data.num_rows if rows is None else rows

    @classmethod
    def of_batches(cls, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> MemoryTable:
        """Collect all batches of a source."""
        return cls(pa.Table.from_batches(list(batches), schema))

    @classmethod
    def of_columns(cls, columns: Mapping[str, pd.Series[Any] | NDArray[Any]], rows: int) -> MemoryTable:
        """Make a table of columns with ``rows`` values each; categories become dictionaries, NaN becomes null."""
        return cls(pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()}), rows)

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> MemoryTable:
        """Make a table of a data frame, without its index."""
        return cls.of_columns({str(name): frame[name] for name in frame}, len(frame))

    @property
    def schema(self) -> pa.Schema:
        """Names and Arrow types of the columns."""
        return self.data.schema

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Go through all rows in order; see `Table.batches`."""
        yield from self._of(columns).to_batches(BATCH_ROWS)

    def select(self, rows: NDArray[np.intp], columns: Sequence[str] | None = None) -> pa.Table:
        """Copy some rows; see `Table.select`."""
        check_rows(rows, self.rows)
        return self._of(columns).take(pa.array(rows))

    def column(self, name: str) -> pa.ChunkedArray:
        """Give one column; see `Table.column`."""
        return self.data.column(name)

    def _of(self, columns: Sequence[str] | None) -> pa.Table:
        return self.data if columns is None else self.data.select(list(columns))
