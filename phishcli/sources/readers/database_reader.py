"""A table or a query of a database into one Parquet file, in batches of bounded size."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import tenacity
from pyarrow import parquet

from phishcli.address import shown, without_secrets
from phishcli.errors import DataError
from phishcli.events import OnEvent, Progress
from phishcli.sources.readers.extras import library
from phishcli.typed import name_of, setting

ROWS = 20_000
"""Rows that are fetched at once."""
GROUP = 65_536
"""Rows of a group in the copy."""
SECONDS = 10
"""After which a connection that is not there is given up."""
TRIES = 3
SELECT = re.compile(r"\s*(select|with|values|from|table)\b", re.IGNORECASE)
DRIVERS = {
    "postgresql": ("postgresql+psycopg", "psycopg"),
    "postgres": ("postgresql+psycopg", "psycopg"),
    "mysql": ("mysql+pymysql", "pymysql"),
    "mariadb": ("mariadb+pymysql", "pymysql"),
}
"""How SQLAlchemy calls the drivers that come with the extra, and their modules."""
REFUSED = re.compile(r"password|authentication|access denied|role .* does not exist", re.IGNORECASE)
Batches = Iterator[pa.RecordBatch]


def check_query(query: str) -> None:
    """Refuse what is not one query that only reads.

    Raises
    ------
    DataError
        When it is something else.
    """
    if not SELECT.match(query) or ";" in query.rstrip().rstrip(";"):
        hint = "Write one SELECT; it runs in a transaction that only reads."
        raise DataError("This is not a single query that reads.", where="load.query", hint=hint)


def scheme_of(url: str) -> str:
    """The kind of a database: ``postgresql`` for ``postgresql+psycopg://``."""
    return urlsplit(url).scheme.lower().partition("+")[0]


def value_of(url: str, query: str) -> str:
    """The only value that a query gives, as text: whatever tells versions of the data apart."""
    check_query(query)
    with _explained(url), _opened(url) as database:
        for batch in database.rows(query):
            if batch.num_rows:
                return str(batch.column(0)[0].as_py())
    raise DataError("The query for the version gives no row.", where="load.version_query")


def write_table(url: str, table: str | None, query: str | None, path: Path, on_event: OnEvent) -> None:
    """Read a table or a query into a Parquet file; one statement, so that all rows are of one moment.

    Raises
    ------
    DataError
        When the database cannot be reached, the table does not exist or is not named, or rows cannot be read.
    """
    if query is not None:
        check_query(query)
    with _explained(url), _opened(url) as database:
        statement = query or f"SELECT * FROM {database.quoted(_choose(database.tables(), table, shown(url)))}"  # noqa: S608 - the name is quoted
        _spool(database.rows(statement), path, on_event)


def _choose(names: Sequence[str], wanted: str | None, where: str) -> str:
    if wanted is not None:
        exact = next((name for name in names if name == wanted or name.casefold() == wanted.casefold()), None)
        if exact is None and "." not in wanted:
            shown_names = ", ".join(map(name_of, names)) or "none"
            raise DataError(f"The database holds no table {wanted!r}; it holds {shown_names}.", where=where)
        return exact or wanted
    if len(names) == 1:
        return names[0]
    if not names:
        raise DataError("The database holds no table.", where=where, hint="Check the address, or give load.query.")
    raise DataError(
        f"The database holds {len(names)} tables: {', '.join(map(name_of, names[:20]))}.",
        where=where,
        hint=f"Choose one, for example {setting('load.table', names[0])}, or give load.query.",
    )


def _spool(batches: Batches, path: Path, on_event: OnEvent) -> None:
    """Write batches whose types may differ: each into a file of its own, then all of them in the types of all."""
    parts: list[Path] = []
    schemas: list[pa.Schema] = []
    done = 0
    for batch in batches:
        part = path.with_name(f"{path.name}.{len(parts)}")
        parquet.write_table(pa.Table.from_batches([batch]), part)
        parts.append(part)
        schemas.append(batch.schema)
        done += batch.num_rows
        on_event(Progress("read the database", done, None, "rows"))
    if not schemas:
        raise DataError("The query gives no row.", where="load.table or load.query")
    schema = _common(schemas)
    with parquet.ParquetWriter(path, schema) as writer:
        for group in _groups(parts, schema):
            writer.write_table(group)


def _groups(parts: Sequence[Path], schema: pa.Schema) -> Iterator[pa.Table]:
    """All rows in groups of one size, so that equal rows make equal files however the driver divided them."""
    rest = schema.empty_table()
    for part in parts:
        rest = pa.concat_tables([rest, _cast(parquet.read_table(part), schema)])
        part.unlink()
        while rest.num_rows >= GROUP:
            yield rest.slice(0, GROUP).combine_chunks()
            rest = rest.slice(GROUP)
    if rest.num_rows:
        yield rest.combine_chunks()


def _common(schemas: Sequence[pa.Schema]) -> pa.Schema:
    try:
        return pa.unify_schemas(schemas, promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.schema([_field(name, [schema.field(name) for schema in schemas]) for name in schemas[0].names])


def _field(name: str, fields: Sequence[pa.Field]) -> pa.Field:
    """The type of a column in which types are mixed: text."""
    try:
        return pa.unify_schemas([pa.schema([each]) for each in fields], promote_options="permissive").field(0)
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.field(name, pa.string())


def _cast(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [table.column(field.name).cast(field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


class _Arrow:
    """A database that gives batches of Arrow: DuckDB, or PostgreSQL by ADBC."""

    def __init__(self, connection: Any, *, adbc: bool) -> None:
        self._connection, self._adbc = connection, adbc

    def tables(self) -> list[str]:
        """The names of tables and views."""
        query = (
            "SELECT table_name FROM information_schema.tables WHERE table_schema NOT IN "
            "('information_schema', 'pg_catalog') ORDER BY table_name"
        )
        return [name for batch in self.rows(query) for name in batch.column(0).to_pylist()]

    def quoted(self, name: str) -> str:
        """A name as SQL writes it; a point divides schema and table."""
        return ".".join('"{}"'.format(part.replace('"', '""')) for part in name.split("."))

    def rows(self, query: str) -> Batches:
        """The rows of a query."""
        if not self._adbc:
            yield from self._connection.sql(query).to_arrow_reader(ROWS)
            return
        with closing(self._connection.cursor()) as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute(query)
            for batch in cursor.fetch_record_batch():
                yield _numeric(batch)


def _numeric(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Turn what PostgreSQL calls numeric, which comes as text, into numbers."""
    columns = []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        kind = (field.metadata or {}).get(b"ADBC:postgresql:typname", b"")
        plain = column.storage if isinstance(column, pa.ExtensionArray) else column
        columns.append(plain.cast(pa.float64()) if kind == b"numeric" else plain)
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


class _Rows:
    """A database that SQLAlchemy knows, read with a cursor on its side."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def tables(self) -> list[str]:
        """The names of tables and views."""
        from sqlalchemy import inspect

        found = inspect(self._engine)
        return sorted({*found.get_table_names(), *found.get_view_names()})

    def quoted(self, name: str) -> str:
        """A name as this database writes it; a point divides schema and table."""
        return ".".join(self._engine.dialect.identifier_preparer.quote(part) for part in name.split("."))

    def rows(self, query: str) -> Batches:
        """The rows of a query, in a transaction that only reads where the database knows such."""
        with self._engine.connect() as connection:
            if self._engine.dialect.name in ("postgresql", "mysql", "mariadb"):
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            streaming = {"stream_results": True, "max_row_buffer": ROWS}
            result = connection.exec_driver_sql(query, execution_options=streaming)
            names = list(result.keys())
            while rows := result.fetchmany(ROWS):
                columns = [_array(values) for values in zip(*rows, strict=True)]
                yield pa.RecordBatch.from_arrays(columns, names=names)


def _array(values: Sequence[Any]) -> pa.Array:
    plain = [_plain(value) for value in values]
    try:
        return pa.array(plain)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(value) for value in plain], pa.string())


def _plain(value: Any) -> Any:
    """A value of a driver as Arrow has it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    known = value is None or isinstance(value, bool | int | float | str | bytes) or hasattr(value, "isoformat")
    return value if known else bytes(value) if isinstance(value, memoryview | bytearray) else str(value)


@contextmanager
def _opened(url: str) -> Iterator[_Arrow | _Rows]:
    if scheme_of(url) == "duckdb":
        duckdb = library("duckdb", "duckdb", "DuckDB", shown(url))
        with closing(duckdb.connect(_file_of(url), read_only=True)) as connection:
            yield _Arrow(connection, adbc=False)
    elif scheme_of(url) in ("postgresql", "postgres") and find_spec("adbc_driver_postgresql") and "+" not in url[:20]:
        from adbc_driver_postgresql import dbapi

        with closing(_connected(lambda: dbapi.connect(url))) as connection:
            yield _Arrow(connection, adbc=True)
    else:
        yield from _with_sqlalchemy(url)


def _file_of(url: str) -> str:
    """``duckdb:///relative.db`` and ``duckdb:////absolute.db``, as SQLAlchemy writes them."""
    path = url.partition("://")[2].removeprefix("/")
    if not Path(path).is_file():
        raise DataError("There is no such file.", where=path, hint="An absolute path has four slashes: duckdb:////...")
    return path


def _with_sqlalchemy(url: str) -> Iterator[_Rows]:
    sqlalchemy = library("sqlalchemy", "sql", "Databases", shown(url))
    name, driver = DRIVERS.get(urlsplit(url).scheme.lower(), (None, None))
    if driver is not None:
        library(driver, "sql", f"{scheme_of(url)} databases", shown(url))
    address = f"{name}://{url.partition('://')[2]}" if name else url
    options = {"connect_args": {"connect_timeout": SECONDS}} if driver else {}
    engine = sqlalchemy.create_engine(address, pool_pre_ping=True, **options)
    try:
        _connected(lambda: engine.connect().close())
        yield _Rows(engine)
    finally:
        engine.dispose()


def _connected(connect: Any) -> Any:
    """Connect, and try again where nobody answers; a wrong password is no passing fault."""
    passing = tenacity.retry_if_exception(lambda error: isinstance(error, Exception) and not REFUSED.search(str(error)))
    tries, wait = tenacity.stop_after_attempt(TRIES), tenacity.wait_exponential(0.2, max=2)
    return tenacity.retry(retry=passing, stop=tries, wait=wait, reraise=True)(connect)()


@contextmanager
def _explained(url: str) -> Iterator[None]:
    try:
        yield
    except DataError:
        raise
    except Exception as error:  # drivers have errors of their own, and not one root
        if not _is_of_driver(error):
            raise
        first = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        refused = REFUSED.search(first)
        hint = "Check user and password: in the address, in the environment, or in ~/.pgpass." if refused else None
        raise DataError(
            f"The database cannot be read: {without_secrets(first)[:300]}",
            where=shown(url),
            hint=hint or "Check that the server runs and that the address, the table and the query are right.",
        ) from error


def _is_of_driver(error: Exception) -> bool:
    roots = ("sqlalchemy", "psycopg", "pymysql", "duckdb", "_duckdb", "adbc_driver_manager", "pyarrow")
    return type(error).__module__.partition(".")[0] in roots or isinstance(error, OSError)
