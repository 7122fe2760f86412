"""A local source into one Arrow table, whatever its kind; no value is changed on the way without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import parquet

from phishcli.errors import ConfigError, DataError
from phishcli.events import Notice, Progress, ignore
from phishcli.sources.readers.csv_reader import read_csv
from phishcli.sources.readers.sqlite_reader import read_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phishcli.events import OnEvent
    from phishcli.sources.locate import LocalSource

BATCH_ROWS = 65_536


def read_table(
    source: LocalSource, *, table: str | None = None, on_event: OnEvent = ignore
) -> tuple[pa.Table, str | None]:
    """Read a whole source.

    Parameters
    ----------
    source
        What `phishcli.sources.locate.locate` found.
    table
        The table of a database; may be left out if there is only one.
    on_event
        Is told about rows read (`Progress`) and about columns that had to be read otherwise than expected (`Notice`).

    Returns
    -------
    pyarrow.Table
        At least one row, columns of different names. From SQLite and CSV the types are int64, float64, bool (CSV only)
        and string; a column without any value is float64.
    str or None
        The table's name, for a database.

    Raises
    ------
    DataError
        If the source is damaged, has no rows, or holds what no model can use.
    ConfigError
        If ``table`` is given for a source that has no tables.
    """
    if table is not None and source.kind != "sqlite":
        raise ConfigError(
            f"load.table is set to {table!r}, and the source is a {source.kind} file, which has no tables.",
            where=str(source.path),
            hint="Leave load.table out.",
        )
    read, name = _read(source, table, on_event)
    _check(read, source.path)
    return read, name


def read_parquet(path: Path, *, on_event: OnEvent = ignore) -> pa.Table:
    """Read a Parquet file in batches; dictionary columns become plain ones, decimals and empty columns float64.

    Raises
    ------
    DataError
        If the file is damaged, or a column holds lists, structures or binary values.
    """
    try:
        with parquet.ParquetFile(path) as file:
            columns = [_plain(field, on_event) for field in file.schema_arrow]
            return pa.Table.from_batches(
                list(_batches(file, pa.schema(columns), path.name, on_event)), pa.schema(columns)
            )
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            "The Parquet file is damaged or cut short.", where=str(path), hint="Download or export it again."
        ) from error


def _read(source: LocalSource, table: str | None, on_event: OnEvent) -> tuple[pa.Table, str | None]:
    if source.kind == "sqlite":
        return read_sqlite(source.path, table=table, on_event=on_event)
    if source.kind == "csv":
        return read_csv(source.path, on_event=on_event), None
    return read_parquet(source.path, on_event=on_event), None


def _check(table: pa.Table, path: Path) -> None:
    names = table.schema.names
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(
            f"Several columns have the same name: {', '.join(twice)}.", where=str(path), hint="Rename them."
        )
    if not table.num_rows:
        raise DataError(
            f"The table has {len(names)} columns and no rows.",
            where=str(path),
            hint="Check that it is the right table and that its export was complete.",
        )


def _plain(field: pa.Field, on_event: OnEvent) -> pa.Field:
    """Say of which type a column is given out: numbers, text, truth values and times, in one layer."""
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_decimal(kind):
        on_event(Notice(f"Column {field.name!r} holds decimals ({kind}): they are read as float64."))
        kind = pa.float64()
    if pa.types.is_null(kind):
        kind = pa.float64()
    if pa.types.is_nested(kind) or _is_binary(kind):
        raise DataError(
            f"Column {field.name!r} is of type {kind}, which no model can use.",
            where="the Parquet file",
            hint="Write the file without this column, or with one column for each of its parts.",
        )
    return pa.field(field.name, kind)


def _is_binary(kind: pa.DataType) -> bool:
    types = pa.types
    return any(is_it(kind) for is_it in (types.is_binary, types.is_large_binary, types.is_fixed_size_binary))


def _batches(file: parquet.ParquetFile, schema: pa.Schema, name: str, on_event: OnEvent) -> Iterator[pa.RecordBatch]:
    done = 0
    for batch in file.iter_batches(batch_size=BATCH_ROWS):
        done += batch.num_rows
        columns = [column.cast(kind) for column, kind in zip(batch.columns, schema.types, strict=True)]
        yield pa.record_batch(columns, schema=schema)
        on_event(Progress(f"read {name}", done, file.metadata.num_rows, "rows"))
