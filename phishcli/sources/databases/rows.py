"""Databases that give rows of Python values: SQLite, and whatever SQLAlchemy knows."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

import pyarrow as pa

from phishcli.address import shown
from phishcli.errors import DataError
from phishcli.sources.databases.arrow import ROWS, SECONDS, STEADY, WAITING, Batches, file_of, quoted
from phishcli.sources.readers.extras import library

POSTGRES = ("postgresql", "postgres")
MYSQL = ("mysql", "mariadb")
MYSQL_WAITING = {"connect_timeout": SECONDS, "read_timeout": SECONDS}
"""The second is for each piece of an answer while the connection is made."""
QUERY_SECONDS = 300
"""The same for a query, so also until its first row."""
KNOWN = {
    **dict.fromkeys(POSTGRES, ("postgresql+psycopg", "psycopg", "PostgreSQL databases", WAITING)),
    "mysql": ("mysql+pymysql", "pymysql", "MySQL databases", MYSQL_WAITING),
    "mariadb": ("mariadb+pymysql", "pymysql", "MariaDB databases", MYSQL_WAITING),
}
"""How SQLAlchemy calls the drivers that come with the extra, their modules, and how long they wait."""
WAITERS = ("psycopg", "psycopg2", "pymysql")
"""Drivers that take these options."""
MYSQL_STEADY = ("SET time_zone = '+00:00'", "SET TRANSACTION READ ONLY")
ENCODED = "Write postgresql://user@host:5432/name; signs such as / and @ in a password as %2F and %40."
SIMPLE = frozenset({int, float, str, bool, bytes, datetime, date, type(None)})
"""Values that Arrow takes as they are."""


class SQLAlchemy:
    """A database that SQLAlchemy knows, read with a cursor on its side."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def tables(self) -> Mapping[str, str]:
        """The names of tables and views, and how SQL writes them."""
        from sqlalchemy import inspect

        found = inspect(self._engine)
        names = sorted({*found.get_table_names(), *found.get_view_names()})
        return {name: self.quoted(name) for name in names}

    def quoted(self, name: str) -> str:
        """A part of a name as this database writes it."""
        return str(self._engine.dialect.identifier_preparer.quote(name))

    def rows(self, query: str) -> Batches:
        """The rows of a query, in a transaction that only reads where the database knows such."""
        dialect = self._engine.dialect.name
        with self._engine.connect() as connection:
            for command in STEADY if dialect in POSTGRES else MYSQL_STEADY if dialect in MYSQL else ():
                connection.exec_driver_sql(command)
            streaming = {"stream_results": True, "max_row_buffer": ROWS, "no_parameters": True}  # % is no placeholder
            result = connection.exec_driver_sql(query, execution_options=streaming)
            names = list(result.keys())
            while rows := result.fetchmany(ROWS):
                yield _batch(names, rows)


class SQLite:
    """A query of a SQLite file."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def tables(self) -> Mapping[str, str]:
        """None: a table without a query is read as a file."""
        return {}

    def quoted(self, name: str) -> str:
        """A part of a name as SQL writes it."""
        return quoted(name)

    def rows(self, query: str) -> Batches:
        """The rows of a query."""
        cursor = self._connection.execute(query)
        names = [column[0] for column in cursor.description]
        while rows := cursor.fetchmany(ROWS):
            yield _batch(names, rows)


def _batch(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([array_of(values) for values in zip(*rows, strict=True)], names=names)


def array_of(values: Sequence[Any]) -> pa.Array:
    """Put the values of a driver into an array; values of several kinds become text.

    Whole decimals stay exact, others become float64; JSON becomes text.
    """
    kinds = set(map(type, values))
    if Decimal in kinds and kinds <= {Decimal, type(None)}:
        return _decimals(values)
    plain = values if kinds <= SIMPLE else [_plain(value) for value in values]
    try:
        return pa.array(plain)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        whole = _whole(values) if kinds <= {int, type(None)} else None
        text = [None if value is None else str(value) for value in plain]
        return pa.array(text, pa.string()) if whole is None else whole


def _decimals(values: Sequence[Decimal | None]) -> pa.Array:
    if not any(value is not None and (not value.is_finite() or _exponent(value) < 0) for value in values):
        whole = _whole([None if value is None else int(value) for value in values])
        if whole is not None:
            return whole
    return pa.array([None if value is None else float(value) for value in values], pa.float64())


def _whole(numbers: Sequence[int | None]) -> pa.Array | None:
    """Whole numbers, each exactly; None where they have more than 38 digits."""
    for kind in (pa.int64(), pa.decimal128(38, 0)):
        try:
            return pa.array(numbers, kind)
        except (pa.ArrowInvalid, OverflowError):
            continue
    return None


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _plain(value: Any) -> Any:
    """A value of a driver as Arrow has it."""
    if isinstance(value, Decimal):
        return float(value) if not value.is_nan() else math.nan
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    known = value is None or isinstance(value, bool | int | float | str | bytes) or hasattr(value, "isoformat")
    return value if known else bytes(value) if isinstance(value, memoryview | bytearray) else str(value)


@contextmanager
def sqlite_file(url: str) -> Iterator[SQLite]:
    """Open the file that an address names, so that nothing can be written."""
    import sqlite3

    path = quote(str(file_of(url).absolute()))
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        yield SQLite(connection)


@contextmanager
def server(url: str) -> Iterator[SQLAlchemy]:
    """Connect to a server."""
    sqlalchemy = library("sqlalchemy", "sql", "Databases", shown(url))
    scheme, _, rest = url.partition("://")
    base, plus, named = scheme.lower().partition("+")
    name, driver, what, waiting = KNOWN.get(base, (scheme, "", "", {}))
    if plus:
        name, waiting = scheme, waiting if named in WAITERS else {}
    elif driver:
        library(driver, "sql", what, shown(url))
    given = urlsplit(url).query
    options = {key: value for key, value in waiting.items() if f"{key}=" not in given}
    try:
        engine = sqlalchemy.create_engine(f"{name}://{rest}", connect_args=options)
    except ImportError as error:
        raise _missing(scheme, error, url) from error
    except ValueError:  # whose text may be a part of a password
        raise DataError("The address of the database is not valid.", where=shown(url), hint=ENCODED) from None
    if "read_timeout" in options:
        sqlalchemy.event.listen(engine, "connect", _wait_for_queries)
    try:
        yield SQLAlchemy(engine)
    finally:
        engine.dispose()


def _wait_for_queries(connection: Any, _: Any) -> None:
    """Wait longer once the connection is made; PyMySQL knows one time for both, and has no public way to change it."""
    connection._read_timeout = QUERY_SECONDS  # noqa: SLF001 (there is no other way)


def _missing(scheme: str, error: ImportError, url: str) -> DataError:
    return DataError(
        f"{scheme.partition('+')[0]} databases need a package that is not installed ({error.name}).",
        where=shown(url),
        hint=f"Install it: pip install {error.name}",
    )
