"""Databases that give batches of Arrow: DuckDB, and PostgreSQL by ADBC."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from phishcli.address import shown
from phishcli.errors import DataError
from phishcli.sources.readers.extras import library

ROWS = 20_000
"""Rows that are fetched at once."""
SECONDS = 10
"""After which a server that does not answer is given up."""
WAITING = {"connect_timeout": SECONDS, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""How PostgreSQL's library notices that a server is gone."""
STEADY = ("SET TRANSACTION READ ONLY", "SET LOCAL TIME ZONE 'UTC'", "SET LOCAL synchronize_seqscans = off")
"""Said before a query: nothing is written, times are in one zone, a scan begins at the first row."""
PLAIN = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_boolean,
    pa.types.is_string,
    pa.types.is_binary,
    pa.types.is_date,
    pa.types.is_time,
    pa.types.is_timestamp,
)
TABLES = """
SELECT n.nspname, c.relname, n.nspname = ANY (current_schemas(false))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2
"""
OFFLINE = {"autoinstall_known_extensions": "false"}
"""DuckDB fetches nothing by itself."""
DUCKDB_TABLES = """
SELECT table_schema, table_name, table_schema = current_schema() FROM information_schema.tables
WHERE table_catalog = current_database() ORDER BY 1, 2
"""
Batches = Generator[pa.RecordBatch, None, None]
"""To be closed before the connection."""


def quoted(name: str) -> str:
    """A name as standard SQL writes it."""
    return '"{}"'.format(name.replace('"', '""'))


def _tables(batches: Batches) -> Mapping[str, str]:
    """The names of tables as they are shown, and as SQL writes them; those of other schemas with the schema."""
    with closing(batches):
        rows = [tuple(row.values()) for batch in batches for row in batch.to_pylist()]
    return {
        name if usual else f"{schema}.{name}": quoted(name) if usual else f"{quoted(schema)}.{quoted(name)}"
        for schema, name, usual in rows
    }


class DuckDB:
    """A DuckDB file, opened so that nothing can be written."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def tables(self) -> Mapping[str, str]:
        """The names of tables and views, and how SQL writes them."""
        return _tables(self.rows(DUCKDB_TABLES))

    def quoted(self, name: str) -> str:
        """A part of a name as SQL writes it."""
        return quoted(name)

    def rows(self, query: str) -> Batches:
        """The rows of a query; a connection with a reader that is open never ends."""
        with closing(self._connection.sql(query).to_arrow_reader(ROWS)) as reader:
            yield from reader


class Postgres:
    """PostgreSQL by ADBC."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def tables(self) -> Mapping[str, str]:
        """The names of tables and views, and how SQL writes them."""
        return _tables(self.rows(TABLES))

    def quoted(self, name: str) -> str:
        """A part of a name as SQL writes it."""
        return quoted(name)

    def rows(self, query: str) -> Batches:
        """The rows of a query, in a transaction of its own."""
        self._connection.rollback()
        with closing(self._connection.cursor()) as cursor:
            for command in STEADY:
                cursor.execute(command)
            cursor.execute(_readable(query, cursor.adbc_execute_schema(query)))
            for batch in cursor.fetch_record_batch():
                yield _plain(batch)


def _readable(query: str, schema: pa.Schema) -> str:
    """Have the server write as text what would come as its own bytes: UUIDs, intervals, addresses, arrays."""
    if all(map(_is_plain, schema)) or len(set(schema.names)) < len(schema.names):
        return query
    columns = [quoted(each.name) + ("" if _is_plain(each) else f"::text AS {quoted(each.name)}") for each in schema]
    return f"SELECT {', '.join(columns)} FROM (\n{query}\n) AS rows"  # noqa: S608 (a query that was checked)


def _is_plain(field: pa.Field) -> bool:
    kind = field.type
    if isinstance(kind, pa.BaseExtensionType):
        return _is_number(field) or pa.types.is_string(kind.storage_type)
    return any(is_it(kind) for is_it in PLAIN)


def _is_number(field: pa.Field) -> bool:
    return (field.metadata or {}).get(b"ADBC:postgresql:typname") == b"numeric"


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        plain = column.storage if isinstance(column, pa.ExtensionArray) else column
        columns.append(_number(plain) if _is_number(field) else plain)
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _number(text: pa.Array) -> pa.Array:
    """What PostgreSQL calls numeric, which comes as text: whole numbers exactly, others as float64."""
    if not pc.any(pc.match_substring_regex(text, "[^0-9-]")).as_py():
        for kind in (pa.int64(), pa.decimal128(38, 0)):
            try:
                return text.cast(kind)
            except pa.ArrowInvalid:
                continue
    return text.cast(pa.float64())


@contextmanager
def duckdb_file(url: str) -> Iterator[DuckDB]:
    """Open the file that an address names, or an empty database, whose queries read files; it loads no extension."""
    duckdb = library("duckdb", "duckdb", "DuckDB databases", shown(url))
    file = None if is_engine(url) else file_of(url)
    made = duckdb.connect(str(file), read_only=True) if file else duckdb.connect(config=OFFLINE)
    with closing(made) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield DuckDB(connection)


def is_engine(url: str) -> bool:
    """Whether an address names DuckDB without a file: ``duckdb://`` reads files through ``load.query``."""
    scheme, _, path = url.partition("://")
    return scheme.lower() == "duckdb" and path.strip("/") in {"", ":memory:"}


@contextmanager
def postgres(url: str) -> Iterator[Postgres]:
    """Connect to a server."""
    from adbc_driver_postgresql import dbapi

    with closing(dbapi.connect(_waiting(url))) as connection:
        yield Postgres(connection)


def _waiting(url: str) -> str:
    """Add to an address how long to wait, where it says nothing itself."""
    mark = "&" if urlsplit(url).query else "?"
    more = [f"{key}={quote(str(value))}" for key, value in WAITING.items() if f"{key}=" not in url]
    return f"{url}{mark if more else ''}{'&'.join(more)}"


def file_of(url: str) -> Path:
    """``duckdb:///relative.db`` and ``sqlite:////absolute.db``, as SQLAlchemy writes them.

    Raises
    ------
    DataError
        When there is no such file.
    """
    path = Path(url.partition("://")[2].partition("?")[0].removeprefix("/"))
    if not path.is_file():
        scheme = url.partition("://")[0]
        hint = f"An absolute path has four slashes: {scheme}:////..."
        raise DataError("There is no such file.", where=str(path.absolute()), hint=hint)
    return path
