"""A table or a query of a database into one Parquet file, in batches of bounded size."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import parquet

from phishcli.address import shown
from phishcli.errors import DataError
from phishcli.events import Progress
from phishcli.sources.databases.arrow import Batches, duckdb_file, postgres
from phishcli.sources.databases.faults import tried_again
from phishcli.sources.databases.queries import check_query
from phishcli.sources.databases.rows import POSTGRES, server, sqlite_file
from phishcli.sources.source import Request
from phishcli.typed import name_of, setting
from phishcli.wording import bounded

EMPTY = "Check the address, or give load.query; with duckdb:// it may read files: SELECT * FROM 'sites.parquet'."
GROUP = 65_536
"""Rows of a group in the copy."""


class Database(Protocol):
    """An open database."""

    def tables(self) -> Mapping[str, str]:
        """The names of tables and views, and how SQL writes them."""

    def quoted(self, name: str) -> str:
        """A part of a name as SQL writes it."""

    def rows(self, query: str) -> Batches:
        """The rows of a query."""


def value_of(request: Request, query: str) -> str:
    """The only value that a query gives, as text: whatever distinguishes versions of the data.

    Raises
    ------
    DataError
        When it gives none.
    """
    query = check_query(query, "load.version_query")

    def attempt() -> str:
        with opened(request.source) as database, closing(database.rows(query)) as rows:
            for batch in rows:
                if batch.num_rows:
                    return str(batch.column(0)[0].as_py())
        raise DataError("load.version_query returns no rows.", where="load.version_query")

    return tried_again(attempt, request.source, request.on_event)


def write_table(request: Request, path: Path) -> None:
    """Read a table or a query into a Parquet file; one statement, so that all rows are of one moment.

    Raises
    ------
    DataError
        When the database cannot be reached, the table does not exist or is not named, or rows cannot be read.
    """
    query = None if request.query is None else check_query(request.query)

    def attempt() -> None:
        with opened(request.source) as database:
            statement = query or f"SELECT * FROM {_chosen(database, request)}"  # noqa: S608 (the name is quoted)
            with closing(database.rows(statement)) as rows:
                _spool(rows, path, request)

    tried_again(attempt, request.source, request.on_event)


def opened(url: str) -> AbstractContextManager[Database]:
    """Open a database with the fastest driver that is installed."""
    scheme = urlsplit(url).scheme.lower()
    if scheme == "duckdb":
        return duckdb_file(url)
    if scheme == "sqlite":
        return sqlite_file(url)
    if scheme in POSTGRES and find_spec("adbc_driver_postgresql"):
        return postgres(url)
    return server(url)


def _chosen(database: Database, request: Request) -> str:
    """The table that is asked for, or the only one, as SQL writes it."""
    tables, wanted, where = database.tables(), request.table, shown(request.source)
    if wanted is not None:
        near = [name for name in tables if name.casefold() == wanted.casefold()]
        if wanted in tables or len(near) == 1:
            return tables[wanted if wanted in tables else near[0]]
        if "." in wanted:
            return ".".join(database.quoted(part) for part in wanted.split("."))
        held = bounded([name_of(name) for name in tables], 20) or "none"
        raise DataError(f"The database holds no table {wanted!r}; it holds {held}.", where=where)
    if len(tables) == 1:
        return next(iter(tables.values()))
    if not tables:
        raise DataError("The database holds no table.", where=where, hint=EMPTY)
    raise DataError(
        f"The database holds {len(tables):,} tables: {bounded([name_of(name) for name in tables], 20)}.",
        where=where,
        hint=f"Choose one, for example {setting('load.table', next(iter(tables)))}, or give load.query.",
    )


def _spool(batches: Batches, path: Path, request: Request) -> None:
    """Write batches whose types may differ: each into a file of its own, then all of them in the types of all."""
    parts: list[Path] = []
    schemas: list[pa.Schema] = []
    done, end = [0, 0], time.monotonic() + request.max_seconds
    for batch in batches:
        _check_names(batch.schema.names)
        part = path.with_name(f"{path.name}.{len(parts)}")
        _write_part(batch, part)
        parts.append(part)
        schemas.append(batch.schema)
        done = [done[0] + batch.num_rows, done[1] + part.stat().st_size]
        _check_limits(done[1], end, request)
        request.on_event(Progress("read the database", done[0], None, "rows"))
    if not done[0]:
        raise DataError("The query returns no rows.", where="load.table or load.query")
    schema = _common(schemas)
    with parquet.ParquetWriter(path, schema) as writer:
        for group in _groups(parts, schema):
            writer.write_table(group)


def _write_part(batch: pa.RecordBatch, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)


def _read_part(path: Path) -> pa.Table:
    with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
        return reader.read_all()


def _check_names(names: Sequence[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(
            f"The query returns several columns with the same name: {bounded(twice)}.",
            where="load.query",
            hint="Name columns with AS, or leave some out.",
        )


def _check_limits(size: int, end: float, request: Request) -> None:
    over, key, value = "", "", ""
    if size > request.max_bytes:
        over, key, value = f"larger than {request.max_bytes:,} bytes", "max_download", str(10 * request.max_bytes)
    elif time.monotonic() > end:
        over, key, value = f"not done in {request.max_seconds:,.0f} seconds", "max_download_time", "2h"
    if over:
        hint = f"If that is expected: {setting(f'run.{key}', value)}, or read less with load.query."
        raise DataError(f"Reading the database was stopped: it is {over}.", where=shown(request.source), hint=hint)


def _groups(parts: Sequence[Path], schema: pa.Schema) -> Iterator[pa.Table]:
    """All rows in groups of one size, so that equal rows make equal files however the driver divided them."""
    rest = schema.empty_table()
    for part in parts:
        rest = pa.concat_tables([rest, _cast(_read_part(part), schema)])
        part.unlink()
        while rest.num_rows >= GROUP:
            yield rest.slice(0, GROUP).combine_chunks()
            rest = rest.slice(GROUP)
    if rest.num_rows:
        yield rest.combine_chunks()


def _common(schemas: Sequence[pa.Schema]) -> pa.Schema:
    """The types for the values of all batches; kinds that do not go together become text."""
    return pa.schema([_field([schema.field(at) for schema in schemas]) for at in range(len(schemas[0]))])


def _field(fields: Sequence[pa.Field]) -> pa.Field:
    name = fields[0].name
    try:
        schemas = [pa.schema([pa.field(name, each.type)]) for each in dict.fromkeys(fields)]
        return pa.unify_schemas(schemas, promote_options="permissive").field(0)
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.field(name, pa.string())


def _cast(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [table.column(field.name).cast(field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)
