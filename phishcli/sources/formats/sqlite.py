"""A SQLite database."""

from __future__ import annotations

from pathlib import Path

from phishcli.events import OnEvent
from phishcli.sources.formats import Format
from phishcli.sources.source import Batches, Reading


def read(path: Path, asked: Reading, on_event: OnEvent) -> Batches:
    """Read a table; the type of a column follows from all of its values, so all are read before the first batch."""
    from phishcli.sources.readers.sqlite_reader import read_sqlite

    data, name = read_sqlite(path, asked, on_event=on_event)
    return Batches.of(data, name)


FORMAT = Format(
    name="sqlite",
    label="SQLite",
    accepted=".db, .sqlite",
    read=read,
    magic=(b"SQLite format 3\0",),
    shown=frozenset({".db", ".sqlite", ".sqlite3", ".db3"}),
    companions=("-wal",),
    several_tables=True,
)
