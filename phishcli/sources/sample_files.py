"""The files that a sample can be written to: SQLite, CSV and Parquet, table by table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

from phishcli.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    Write = Callable[[Path, Iterator[pa.Table], Mapping[str, Any]], None]


def _write_sqlite(path: Path, tables: Iterator[pa.Table], spec: Mapping[str, Any]) -> None:
    import sqlite3

    kinds = {spec["index"]: "INTEGER", **spec["features"], spec["target"]: "INTEGER"}
    columns = ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())
    marks = ", ".join("?" * len(kinds))
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        database.execute(f'CREATE TABLE "{spec["table"]}" ({columns})')
        insert = f'INSERT INTO "{spec["table"]}" VALUES ({marks})'  # noqa: S608 - names from the package's own file
        for table in tables:
            database.executemany(insert, zip(*(column.to_pylist() for column in table.columns), strict=True))
        database.execute("COMMIT")


def _write_parquet(path: Path, tables: Iterator[pa.Table], _spec: Mapping[str, Any]) -> None:
    import pyarrow.parquet as pq

    first = next(tables)
    with pq.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)


def _write_csv(
    path: Path, tables: Iterator[pa.Table], _spec: Mapping[str, Any], compression: str | None = None
) -> None:
    import pyarrow as pa
    from pyarrow import csv

    first = next(tables)
    with pa.output_stream(path, compression=compression) as stream, csv.CSVWriter(stream, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)


def _write_csv_gz(path: Path, tables: Iterator[pa.Table], spec: Mapping[str, Any]) -> None:
    _write_csv(path, tables, spec, compression="gzip")


WRITERS: dict[str, Write] = {
    ".db": _write_sqlite,
    ".sqlite": _write_sqlite,
    ".sqlite3": _write_sqlite,
    ".csv": _write_csv,
    ".csv.gz": _write_csv_gz,
    ".parquet": _write_parquet,
}


def writer_for(path: Path) -> Write:
    """Give the function that writes tables, in the layout of ``sample.json``, to a file of that suffix.

    Raises
    ------
    ConfigError
        When no such file can be written.
    """
    for suffix, writer in WRITERS.items():
        if path.name.lower().endswith(suffix):
            return writer
    raise ConfigError(
        f"The sample cannot be written as {path.suffix or 'a file without a suffix'}.",
        where=str(path),
        hint=f"End the name with one of {', '.join(WRITERS)}.",
    )
