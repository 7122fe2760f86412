"""A Parquet file in batches, each column of a plain type."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from phishcli.events import OnEvent, Progress, ignore
from phishcli.sources.readers.plain_types import PlainColumns, damaged
from phishcli.sources.source import BATCH_ROWS, Batches


def read_parquet(
    path: Path,
    *,
    drop: Collection[str] = (),
    only: Collection[str] | None = None,
    also: Collection[str] = (),
    coded: Collection[str] = (),
    on_event: OnEvent = ignore,
) -> Batches:
    """Read a Parquet file in batches; dictionary columns become plain ones, decimal fractions and null columns float64.

    Texts of the columns ``coded`` come as dictionaries, as they are in the file.

    Raises
    ------
    DataError
        If the file is damaged, or a column that is not dropped cannot be read (also while batches are taken).
    """
    try:
        with parquet.ParquetFile(path) as file:
            metadata, schema = file.metadata, file.schema_arrow
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise damaged("Parquet", str(path)) from error
    if only is not None and set(only) <= set(schema.names):
        schema = pa.schema([field for field in schema if field.name in only or field.name in also])
    columns = PlainColumns.of(schema, drop, str(path), on_event)
    codes = [field.name for field in schema if field.name in coded and field.type == pa.string()]
    columns = columns.coded(codes)
    return Batches(columns.schema, _batches(path, metadata, columns, codes, on_event), rows=metadata.num_rows)


def _batches(
    path: Path, metadata: parquet.FileMetaData, columns: PlainColumns, codes: list[str], on_event: OnEvent
) -> Iterator[pa.RecordBatch]:
    done = 0
    names = columns.schema.names if len(columns.schema) < metadata.num_columns else None
    try:
        with parquet.ParquetFile(path, metadata=metadata, pre_buffer=False, read_dictionary=codes) as file:
            for batch in file.iter_batches(BATCH_ROWS, columns=names):
                yield columns.batch(batch)
                done += batch.num_rows
                on_event(Progress(f"read {path.name}", done, metadata.num_rows, "rows"))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise damaged("Parquet", str(path)) from error
