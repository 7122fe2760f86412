"""The trial ledgers: ``<root>/trials/<Model>/<fingerprint>.sqlite``, one per model, data, folds and library versions.

A ledger is an SQLite database because it is written line by line, possibly by several processes, and must survive a
kill at any moment. Each line carries a hash of its values; one that does not match is ignored.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from phishcli.artifacts.fingerprint import Parts, fingerprint
from phishcli.artifacts.ledger_file import (
    COLUMNS,
    KIND,
    PATIENCE,
    TABLE,
    UNREADABLE,
    as_text,
    code_of,
    digest_of,
    is_damage,
    line_of,
    record_of,
    remove_ledger,
)
from phishcli.documents.fit_record import FitRecord

TRIALS = "trials"
FORMAT = 1
"""Bumped when the meaning of a line changes; it is part of the fingerprint."""


def ledger_print(step: str, parts: Parts) -> str:
    """Fingerprint what all fits of a training step depend on, whatever their parameters.

    These are the parts of the step without its settings: each line of the ledger has its own seed and parameters.
    """
    context = {key: value for key, value in parts.items() if not key.startswith("config.")}
    return fingerprint(f"{TRIALS}/{step}", {**context, "ledger": FORMAT})


def ledger_path(root: Path, model: str, print_: str) -> Path:
    """The path of a ledger, whether it exists or not."""
    return root / TRIALS / model / f"{print_}.sqlite"


class Ledger:
    """One ledger. A damaged file is replaced and a damaged line is ignored; both are reported.

    A ledger only saves time, so a disk error is reported but does not stop a run.

    Parameters
    ----------
    path
        The file; created if missing.
    on_damage
        Called with a message about damage or a disk error.
    reads
        Whether existing records are used; a forced run only writes.
    """

    def __init__(self, path: Path, on_damage: Callable[[str], object], *, reads: bool = True) -> None:
        self.path, self.on_damage, self.reads = path, on_damage, reads
        self._reported: set[str] = set()
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = _connect(self.path)
        except (*UNREADABLE, OSError) as error:
            return self._replace() if is_damage(error) else self._in_memory(error)
        if self.path.exists():
            return connection
        connection.close()  # `phish cache gc` removed it while this connection waited for its lock
        return self._open()

    def _replace(self) -> sqlite3.Connection:
        self.on_damage(f"The trial ledger {self.path.name} is damaged; its fits will be repeated")
        try:
            remove_ledger(self.path)
            return _connect(self.path)
        except (*UNREADABLE, OSError) as error:
            return self._in_memory(error)

    def _in_memory(self, error: Exception) -> sqlite3.Connection:
        self.on_damage(f"The trial ledger {self.path.name} cannot be used ({error}); fits are kept for this run only")
        return _connect(":memory:")

    def _handle(self, what: str, error: Exception) -> None:
        """Replace a damaged file; report a disk error once, not for each fit."""
        if is_damage(error):
            self._connection.close()
            self._connection = self._replace()
        elif what not in self._reported:
            self._reported.add(what)
            self.on_damage(f"The trial ledger {self.path.name} could not be {what}: {error}")

    def get(self, key: str) -> FitRecord | None:
        """Look up a record; None if it is missing or damaged."""
        if not self.reads:
            return None
        try:
            found = self._connection.execute(f"select {COLUMNS}, sha256 from fits where key = ?", (key,)).fetchone()  # noqa: S608 (a constant)
        except UNREADABLE as error:
            self._handle("read", error)
            return None
        if found is None:
            return None
        *line, digest = found
        if digest != digest_of(key, line):
            self.on_damage(f"A line of the trial ledger {self.path.name} is damaged; its fit will be repeated")
            return None
        return record_of(line)

    def put(self, records: Mapping[str, FitRecord]) -> None:
        """Store records, all or none; existing ones with the same key are replaced."""
        lines = [(key, *(line := line_of(record)), digest_of(key, line)) for key, record in records.items()]
        places = ", ".join("?" * (len(COLUMNS.split(", ")) + 2))
        try:
            self._put(f"insert or replace into fits (key, {COLUMNS}, sha256) values ({places})", lines)  # noqa: S608 (constants)
        except UNREADABLE as error:
            self._handle("written", error)

    def _put(self, statement: str, lines: list[tuple[Any, ...]]) -> None:
        with self._connection:  # commits, or rolls back
            self._connection.execute("begin immediate")
            self._connection.executemany(statement, lines)

    def close(self) -> None:
        """Merge the write-ahead log into the file and close it."""
        self._connection.close()


def _connect(path: Path | str) -> sqlite3.Connection:
    """Open a ledger, retrying: SQLite rejects some of several processes that create it at once, without waiting."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return _connect_now(path)
        except sqlite3.OperationalError as error:
            if code_of(error) & KIND != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _connect_now(path: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    connection.text_factory = as_text
    try:
        # With a write-ahead log a commit does not wait for the disk, and a kill loses no commit.
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute(TABLE)
    except BaseException:
        connection.close()
        raise
    return connection
