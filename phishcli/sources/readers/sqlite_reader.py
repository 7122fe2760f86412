"""A SQLite table into Arrow: read-only, in batches, each column of the type that its values have."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

from phishcli.errors import DataError
from phishcli.events import ignore
from phishcli.sources.readers.objects import BATCH_ROWS, Objects, Rows
from phishcli.sources.readers.sqlite_adbc import quoted, read_with_adbc
from phishcli.sources.source import Reading
from phishcli.typed import name_of, setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from phishcli.events import OnEvent

STEPS = 1_000_000
"""Instructions of SQLite's machine between two looks at signals."""
ADBC_MIN_BYTES = 16 * 2**20
"""Databases below this size are read before ADBC would be imported."""


def read_sqlite(path: Path, asked: Reading | None = None, *, on_event: OnEvent = ignore) -> tuple[pa.Table, str]:
    """Read one table (or view) of a database that is never written to.

    SQLite lets any row hold any type. A column's type follows from all of its values: int64, float64 where integers
    meet fractions (or all are missing), string where text meets numbers; the last comes with a warning.

    Parameters
    ----------
    path
        The database file.
    asked
        Which table (may be left out if there is only one), and columns that need not be readable.
    on_event
        Receives rows read.

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
    asked = asked or Reading()
    with _explained_errors(path):
        connection, address = _open(path)
        with closing(connection):
            connection.set_progress_handler(_go_on, STEPS)
            name = _choose(connection, asked.table, path)
            return _read(connection, address, name, asked, on_event), name


def _go_on() -> int:
    """Let Python handle signals in the middle of a long query."""
    return 0


@contextmanager
def _explained_errors(path: Path) -> Iterator[None]:
    hints = {
        "locked": "Another program is writing to it: wait for it, or read a copy.",
        "utf-8": "Leave the column out with --drop, or export the table, convert it (iconv) and read the CSV file.",
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
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*' ORDER BY "
        "name"
    ).fetchall()
    names = [name for name, _ in found]
    if wanted is not None:
        return _named(names, wanted, path)
    candidates = [name for name, kind in found if kind == "table"] or names
    if not candidates:
        raise DataError("The database holds no table.", where=str(path), hint="Check that it is the right file.")
    if len(candidates) > 1:
        raise DataError(
            f"The database holds {len(candidates):,} tables: {', '.join(map(name_of, candidates))}.",
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


def _read(connection: sqlite3.Connection, address: str, table: str, asked: Reading, on_event: OnEvent) -> pa.Table:
    names = _columns(connection, table)
    rows = _count(connection, table, asked.limits.rows)
    size = connection.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").fetchone()
    if size[0] >= ADBC_MIN_BYTES:
        fast = read_with_adbc(connection, address, table, rows, on_event)
        if fast is not None:
            return fast
    try:
        return _objects(connection, table, names, rows, asked).table(on_event)
    except sqlite3.OperationalError as error:
        if "utf-8" not in str(error).lower():
            raise
        broken = _not_utf8(connection, table, names)
        if not broken or broken - asked.drop:
            raise
    return _objects(connection, table, names, rows, asked, broken).table(on_event)


def _objects(
    connection: sqlite3.Connection,
    table: str,
    names: Sequence[str],
    rows: int,
    asked: Reading,
    left_out: frozenset[str] = frozenset(),
) -> Objects:
    query = _query(table, names, left_out)

    def batches() -> Iterator[Rows]:
        cursor = connection.execute(query)
        while batch := cursor.fetchmany(BATCH_ROWS):
            yield batch

    return Objects(names, batches, f"table {table}", table, rows, asked.drop, f"Or {_view(table)}")


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Name the columns; those whose names are not UTF-8 are refused, as there is no way to write them."""
    connection.text_factory = bytes
    try:
        found = connection.execute("SELECT name FROM pragma_table_info(CAST(? AS TEXT))", (table,)).fetchall()
    finally:
        connection.text_factory = str
    broken = [name for (name,) in found if not _decodes(name)]
    if broken:
        raise DataError(
            f"The name of a column is not UTF-8: {broken[0]!r}.",
            where=f"table {table}",
            hint=f"Rename it, or {_view(table)}",
        )
    query = f"SELECT * FROM {quoted(table)} LIMIT 0"  # noqa: S608 - the name is quoted
    return [column[0] for column in connection.execute(query).description]


def _decodes(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _count(connection: sqlite3.Connection, table: str, most: int) -> int:
    """Count the rows, as far as the limit: a view may have no end."""
    query = f"SELECT count(*) FROM (SELECT 1 FROM {quoted(table)} LIMIT {most + 1})"  # noqa: S608 - the name is quoted
    rows = int(connection.execute(query).fetchone()[0])
    if rows > most:
        raise DataError(
            f"The table has more than {most:,} rows.",
            where=f"table {table}",
            hint=f"If that is expected: --set load.limits.rows={10 * most}",
        )
    return rows


def _not_utf8(connection: sqlite3.Connection, table: str, names: Sequence[str]) -> frozenset[str]:
    """Name the columns with text that cannot be decoded."""
    each = {name: f"SELECT {quoted(name)} FROM {quoted(table)}" for name in names}  # noqa: S608 - the names are quoted
    return frozenset(name for name, query in each.items() if not _readable(connection, query))


def _readable(connection: sqlite3.Connection, query: str) -> bool:
    broken = False

    def looked_at(text: bytes) -> None:
        nonlocal broken
        broken = broken or not _decodes(text)

    connection.text_factory = looked_at
    try:
        cursor = connection.execute(query)
        while not broken and cursor.fetchmany(BATCH_ROWS):
            pass
    finally:
        connection.text_factory = str
    return not broken


def _query(table: str, names: Sequence[str], left_out: frozenset[str]) -> str:
    if not left_out:
        return f"SELECT * FROM {quoted(table)}"  # noqa: S608 - the name is quoted
    columns = ", ".join("NULL" if name in left_out else quoted(name) for name in names)
    return f"SELECT {columns} FROM {quoted(table)}"  # noqa: S608 - the names are quoted


def _view(table: str) -> str:
    return f"make a view of {table} without this column and name it with --set load.table=VIEW."
