"""A SQLite table into Arrow: read-only, in batches, each column of the type that its values have."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from phishcli.errors import DataError
from phishcli.events import Notice, Progress, ignore
from phishcli.sources.readers.chunks import joined
from phishcli.sources.readers.sqlite_adbc import quoted, read_with_adbc
from phishcli.typed import name_of, setting
from phishcli.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from phishcli.events import OnEvent

BATCH_ROWS = 1024
"""Few enough that the values of a batch stay in the processor's cache: 15 % faster than batches of 16,384."""
ADBC_MIN_BYTES = 16 * 2**20
"""Databases below this size are read before ADBC would be imported."""
EXAMPLE_LENGTH = 40


def read_sqlite(path: Path, *, table: str | None = None, on_event: OnEvent = ignore) -> tuple[pa.Table, str]:
    """Read one table (or view) of a database that is never written to.

    SQLite lets any row hold any type. A column's type follows from all of its values: int64, float64 where integers
    meet fractions (or all are missing), string where text meets numbers; the last comes with a warning.

    Parameters
    ----------
    path
        The database file.
    table
        Its table; may be left out if there is only one.
    on_event
        Receives rows read, and columns of mixed content.

    Returns
    -------
    pyarrow.Table
        All rows; columns of int64, float64 or string.
    str
        The table's name as the database spells it.

    Raises
    ------
    DataError
        If the file is damaged or locked, the table is ambiguous, or a column holds binary values.
    """
    with _explained_errors(path):
        connection, address = _open(path)
        with closing(connection):
            name = _choose(connection, table, path)
            return _read(connection, address, name, on_event), name


@contextmanager
def _explained_errors(path: Path) -> Iterator[None]:
    hints = {
        "locked": "Another program is writing to it: wait for it, or read a copy.",
        "utf-8": "Store text as UTF-8: export the table, convert it (iconv) and read the CSV file.",
        "unable to open": "Its write-ahead log (-wal) needs a folder that can be written to: copy its files to one.",
    }
    try:
        yield
    except sqlite3.Error as error:
        hint = next((hint for word, hint in hints.items() if word in str(error).lower()), None)
        raise DataError(
            f"The database cannot be read: {error}.",
            where=str(path),
            hint=hint or "The file may be damaged: get it again, or try sqlite3 FILE 'pragma integrity_check'.",
        ) from error


def _open(path: Path) -> tuple[sqlite3.Connection, str]:
    """Connect read-only; a database in write-ahead mode in a read-only folder opens only as one that never changes."""
    address = f"{path.resolve().as_uri()}?mode=ro"
    log = path.with_name(f"{path.name}-wal")
    try:
        return _connect(address), address
    except sqlite3.OperationalError as error:
        unwritable = "unable to open" in str(error) or "readonly" in str(error)
        if not unwritable or (log.is_file() and log.stat().st_size):
            raise
    address = f"{path.resolve().as_uri()}?immutable=1"
    return _connect(address), address


def _connect(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _choose(connection: sqlite3.Connection, wanted: str | None, path: Path) -> str:
    found = connection.execute(
        "SELECT name, type FROM sqlite_master"
        " WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*' ORDER BY name"
    ).fetchall()
    names = [name for name, _ in found]
    if wanted is not None:
        return _named(names, wanted, path)
    candidates = [name for name, kind in found if kind == "table"] or names
    if not candidates:
        raise DataError("The database holds no table.", where=str(path), hint="Check that it is the right file.")
    if len(candidates) > 1:
        raise DataError(
            f"The database holds {len(candidates)} tables: {', '.join(map(name_of, candidates))}.",
            where=str(path),
            hint=f"Choose one, for example {setting('load.table', candidates[0])}.",
        )
    return str(candidates[0])


def _named(names: list[str], wanted: str, path: Path) -> str:
    for name in names:
        if name.casefold() == wanted.casefold():  # as SQLite compares names
            return name
    from difflib import get_close_matches

    near = get_close_matches(wanted, names, n=1)
    raise DataError(
        f"The database holds no table {wanted!r}; it holds {', '.join(map(name_of, names)) or 'none'}.",
        where=str(path),
        hint=f"Did you mean {setting('load.table', near[0])}?" if near else "Correct load.table, or leave it out.",
    )


def _read(connection: sqlite3.Connection, address: str, table: str, on_event: OnEvent) -> pa.Table:
    rows, size = connection.execute(
        f"SELECT (SELECT count(*) FROM {quoted(table)}), page_count * page_size"  # noqa: S608 - the name is quoted
        " FROM pragma_page_count(), pragma_page_size()"
    ).fetchone()
    if size >= ADBC_MIN_BYTES:
        fast = read_with_adbc(connection, address, table, rows, on_event)
        if fast is not None:
            return fast
    return _read_in_batches(connection, table, rows, on_event)


def _read_in_batches(connection: sqlite3.Connection, table: str, rows: int, on_event: OnEvent) -> pa.Table:
    cursor = connection.execute(f"SELECT * FROM {quoted(table)}")  # noqa: S608 - the name is quoted
    names = [column[0] for column in cursor.description]
    chunks: list[list[pa.Array | None]] = [[] for _ in names]
    done = 0
    while batch := cursor.fetchmany(BATCH_ROWS):
        for name, column, values in zip(names, chunks, zip(*batch, strict=True), strict=True):
            column.append(_array(name, table, values))
        done += len(batch)
        on_event(Progress(f"read {table}", done, rows, "rows"))
    columns = [joined(column) for column in chunks]
    return pa.table(
        [_as_text(connection, table, at, on_event) if column is None else column for at, column in enumerate(columns)],
        names=names,
    )


def _array(name: str, table: str, values: tuple[Any, ...]) -> pa.Array | None:
    """Let Arrow find the type; None where the values have none in common."""
    try:
        array = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    if pa.types.is_binary(array.type):
        raise _binary(name, table)
    return array


def _as_text(connection: sqlite3.Connection, table: str, position: int, on_event: OnEvent) -> pa.ChunkedArray:
    """Read one column of mixed content as the text of each value, all digits kept, with a notice."""
    cursor = connection.execute(f"SELECT * FROM {quoted(table)}")  # noqa: S608 - the name is quoted
    name = cursor.description[position][0]
    types: Counter[type] = Counter()
    example: str | None = None
    chunks = []
    while batch := cursor.fetchmany(BATCH_ROWS):
        values = [row[position] for row in batch]
        types.update(map(type, values))
        if bytes in types:
            raise _binary(name, table)
        example = example or next((value for value in values if isinstance(value, str)), None)
        chunks.append(pa.array([None if value is None else str(value) for value in values], pa.string()))
    on_event(_mixed(name, types, example))
    return pa.chunked_array(chunks, pa.string())


def _mixed(name: str, types: Counter[type], example: str | None) -> Notice:
    numbers = types[int] + types[float]
    what = (
        f"{counted(types[str], 'text value')} (for example {(example or '')[:EXAMPLE_LENGTH]!r}) among "
        f"{counted(numbers, 'number')}"
        if types[str]
        else f"{counted(types[float], 'fraction')} among {counted(types[int], 'integer')}, some too large for a float"
    )
    return Notice(f"Column {name!r} holds {what}; all are read as text.", "warning")


def _binary(name: str, table: str) -> DataError:
    return DataError(
        f"Column {name!r} holds binary values (BLOB), which no model can use.",
        where=f"table {table}",
        hint=f"Make a view of {table} without this column and name it with --set load.table=VIEW.",
    )
