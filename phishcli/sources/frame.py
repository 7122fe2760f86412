"""A table that a Python program has in memory: a data frame or an Arrow table."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from phishcli.errors import DataError
from phishcli.events import OnEvent, ignore
from phishcli.sources.source import Batches, Reading

if TYPE_CHECKING:
    import pyarrow as pa


class FrameSource(msgspec.Struct, frozen=True):
    """A table in memory, identified by its content; ``data`` is an Arrow table."""

    data: Any
    sha256: str
    origin: str = "a table in memory"
    synthetic: bool = False

    @property
    def files(self) -> tuple[Path, ...]:
        """None."""
        return ()

    @classmethod
    def of(cls, data: Any) -> FrameSource:
        """Take a data frame of pandas, Polars or Spark, an Arrow table, or a dict of columns.

        Raises
        ------
        DataError
            When it is none of these.
        """
        table = _table(data).replace_schema_metadata(None)
        return cls(table, _hash(table))

    def read(self, asked: Reading | None = None, *, on_event: OnEvent = ignore) -> Batches:
        """Give the rows; see `Source.read`."""
        from phishcli.sources.readers.plain_types import PlainColumns

        drop = (asked or Reading()).drop
        columns = PlainColumns.of(self.data.schema, drop, self.origin, on_event)
        batches = (columns.batch(batch) for batch in self.data.to_batches(65_536))
        return Batches(columns.schema, batches, rows=self.data.num_rows)


def _table(data: Any) -> pa.Table:
    import pandas as pd
    import pyarrow as pa

    if isinstance(data, pa.Table):
        return data
    if isinstance(data, dict):
        return pa.table(data)
    if isinstance(data, pd.DataFrame):
        frame = data.rename(columns=str)
        return pa.Table.from_pandas(frame, preserve_index=False)
    for name in ("to_arrow", "toArrow"):  # Polars; Spark
        if hasattr(data, name):
            return pa.table(getattr(data, name)())
    raise DataError(
        f"A {type(data).__name__} is not a table.",
        where="data",
        hint="Give a data frame of pandas, Polars or Spark, an Arrow table, or a dict of columns.",
    )


def _hash(table: pa.Table) -> str:
    """The hash of the columns and their values, as Arrow writes them."""
    import pyarrow as pa

    class Hashing:
        """A file that is hashed instead of kept."""

        closed = False

        def __init__(self) -> None:
            self.digest = hashlib.sha256()

        def write(self, content: Any) -> int:
            self.digest.update(content)
            return len(content)

        def flush(self) -> None:
            """Nothing is kept."""

        def close(self) -> None:
            """Nothing is open."""

    sink = Hashing()
    with pa.ipc.new_stream(pa.PythonFile(sink, mode="w"), table.schema) as stream:
        for batch in table.combine_chunks().to_batches(65_536):
            stream.write_batch(batch)
    return sink.digest.hexdigest()
