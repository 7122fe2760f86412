"""What a table is to those who work with it: rows in batches, a selection of rows, or one column at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

BATCH_ROWS = 65_536
"""Rows of a batch at most: enough for speed, few enough that a batch of a wide table fits in memory."""


class Table(Protocol):
    """n rows of named, typed columns, in a fixed order."""

    @property
    def schema(self) -> pa.Schema:
        """Names and Arrow types of the columns."""

    @property
    def rows(self) -> int:
        """The number of rows."""

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Go through all rows in order, at most `BATCH_ROWS` at a time.

        Parameters
        ----------
        columns
            The columns to read, in this order; None for all.
        """

    def select(self, rows: NDArray[np.intp], columns: Sequence[str] | None = None) -> pa.Table:
        """Read some rows into memory.

        Parameters
        ----------
        rows
            Positions of rows, in any order and also repeatedly; the result has one row for each.
        columns
            The columns to read, in this order; None for all.

        Raises
        ------
        IndexError
            When there is no such row.
        """

    def column(self, name: str) -> pa.ChunkedArray:
        """Read one column.

        Raises
        ------
        KeyError
            When there is no such column.
        """


def spread(rows: int, most: int) -> NDArray[np.intp]:
    """Positions of at most ``most`` of all rows, spread evenly."""
    return np.unique(np.linspace(0, max(rows - 1, 0), min(rows, most)).astype(np.intp))


def check_rows(rows: NDArray[np.intp], count: int) -> None:
    """Refuse positions that a table of so many rows does not have.

    Raises
    ------
    IndexError
        When one is negative or too large.
    """
    if len(rows) and not 0 <= rows.min() <= rows.max() < count:
        raise IndexError(f"rows {rows.min()} to {rows.max()} of a table of {count}")
