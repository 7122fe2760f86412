"""A Parquet file in batches, each column of a plain type."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from phishcli.errors import DataError
from phishcli.events import Notice, OnEvent, Progress, ignore
from phishcli.sources.source import BATCH_ROWS, Batches


def read_parquet(path: Path, *, on_event: OnEvent = ignore) -> Batches:
    """Read a Parquet file in batches; dictionary columns become plain ones, decimal fractions and null columns float64.

    Raises
    ------
    DataError
        If the file is damaged (also while batches are taken), or a column holds lists, structures or binary values.
    """
    try:
        with parquet.ParquetFile(path) as file:
            metadata, fields = file.metadata, list(file.schema_arrow)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path) from error
    schema = pa.schema([_plain(field, on_event) for field in fields])
    return Batches(schema, _batches(path, metadata, schema, on_event))


def _batches(
    path: Path, metadata: parquet.FileMetaData, schema: pa.Schema, on_event: OnEvent
) -> Iterator[pa.RecordBatch]:
    done = 0
    try:
        with parquet.ParquetFile(path, metadata=metadata, pre_buffer=False) as file:
            for batch in file.iter_batches(BATCH_ROWS):
                columns = [column.cast(kind) for column, kind in zip(batch.columns, schema.types, strict=True)]
                yield pa.record_batch(columns, schema=schema)
                done += batch.num_rows
                on_event(Progress(f"read {path.name}", done, metadata.num_rows, "rows"))
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> DataError:
    return DataError("The Parquet file is damaged or cut short.", where=str(path), hint="Download or export it again.")


def _plain(field: pa.Field, on_event: OnEvent) -> pa.Field:
    """Decide as which type a column is read: numbers, texts, truth values and times, in one layer."""
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_decimal(kind) and kind.scale > 0:  # whole ones are read as they are, and exactly
        on_event(Notice(f"Column {field.name!r} holds decimals ({kind}); they are read as float64."))
        kind = pa.float64()
    if pa.types.is_null(kind):
        kind = pa.float64()
    if pa.types.is_nested(kind) or _is_binary(kind):
        raise DataError(
            f"Column {field.name!r} has the type {kind}, which no model can use.",
            where="the Parquet file",
            hint="Write the file without this column, or with one column for each of its parts.",
        )
    return pa.field(field.name, kind)


def _is_binary(kind: pa.DataType) -> bool:
    types = pa.types
    return any(is_it(kind) for is_it in (types.is_binary, types.is_large_binary, types.is_fixed_size_binary))
