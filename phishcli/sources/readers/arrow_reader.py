"""Arrow's own files and streams in batches, each column of a plain type."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import feather

from phishcli.events import OnEvent, Progress, ignore
from phishcli.sources.readers.plain_types import PlainColumns, damaged
from phishcli.sources.source import BATCH_ROWS, Batches

FIRST_FEATHER = b"FEA1"
FILE = b"ARROW1"


def read_arrow(path: Path, *, drop: Collection[str] = (), on_event: OnEvent = ignore) -> Batches:
    """Read an Arrow IPC file, a stream, or a Feather file of either version, in batches.

    Raises
    ------
    DataError
        If the file is damaged, or a column that is not dropped cannot be read (also while batches are taken).
    """
    try:
        schema, batches = _opened(path)
    except (pa.ArrowException, OSError) as error:
        raise damaged("Arrow", str(path)) from error
    columns = PlainColumns.of(schema, drop, str(path), on_event)
    return Batches(columns.schema, _batches(path, batches, columns, on_event))


def _opened(path: Path) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    with path.open("rb") as file:
        head = file.read(max(len(FIRST_FEATHER), len(FILE)))
    if head.startswith(FIRST_FEATHER):
        table = feather.read_table(path)
        return table.schema, iter(table.to_batches())
    source = pa.memory_map(str(path))
    if head.startswith(FILE):
        reader = pa.ipc.open_file(source)
        return reader.schema, map(reader.get_batch, range(reader.num_record_batches))
    stream = pa.ipc.open_stream(source)
    return stream.schema, iter(stream)


def _batches(
    path: Path, batches: Iterator[pa.RecordBatch], columns: PlainColumns, on_event: OnEvent
) -> Iterator[pa.RecordBatch]:
    done = 0
    try:
        for batch in batches:
            for start in range(0, batch.num_rows, BATCH_ROWS):
                part = batch.slice(start, BATCH_ROWS)
                yield columns.batch(part)
                done += part.num_rows
                on_event(Progress(f"read {path.name}", done, None, "rows"))
    except (pa.ArrowException, OSError) as error:
        raise damaged("Arrow", str(path)) from error
