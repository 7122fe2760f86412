"""The trial ledgers: ``<root>/trials/<Model>/<fingerprint>.sqlite``, one per model, data, folds and library versions.

A ledger is an SQLite database, since it is written a line at a time, by several processes if need be, and must survive
a kill at any moment. Each line carries a hash of all it says; one that does not match is as good as not there.
"""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from phishcli.store.fingerprint import Parts, fingerprint
from phishcli.types import FitRecord

TRIALS = "trials"
FORMAT = 1
"""Bumped when the meaning of a line changes; it is part of the fingerprint."""
PATIENCE = 60.0
"""Seconds of waiting for another process that writes."""
ENDINGS = ("", "-wal", "-shm")
"""The file itself, and what SQLite puts beside it while it is in use."""
UNREADABLE = (sqlite3.DatabaseError, UnicodeError)
"""What is raised for a file that cannot be used: SQLite quotes from a damaged one, which need not be text."""
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG)
"""What SQLite says of a damaged file; of one whose table has become another one, plainly that there is an error."""
KIND = 0xFF
"""The part of a code of SQLite that says what kind of an error it is."""

TABLE = """
create table if not exists fits (
    key text primary key, fold integer, params text, scoring text, score real, seconds real, stopped integer,
    error text, warnings text, dtype text, probability blob, sha256 text
) without rowid
"""
COLUMNS = "fold, params, scoring, score, seconds, stopped, error, warnings, dtype, probability"


def ledger_print(step: str, parts: Parts) -> str:
    """Name what all fits of a training step depend on, whatever their parameters.

    These are the parts of the step without its settings, whose seed and parameters each line of the ledger names.
    """
    context = {key: value for key, value in parts.items() if not key.startswith("config.")}
    return fingerprint(f"{TRIALS}/{step}", {**context, "ledger": FORMAT})


def ledger_path(root: Path, model: str, print_: str) -> Path:
    """Where a ledger lies or would lie."""
    return root / TRIALS / model / f"{print_}.sqlite"


class Ledger:
    """One ledger. A damaged file makes way for a new one, and a damaged line is passed over; both are told.

    A ledger saves time; a disk that refuses it is told, and no reason to throw results away.

    Parameters
    ----------
    path
        The file, which is made if it is not there.
    on_damage
        Is told in a sentence what was damaged or refused.
    reads
        Whether what is there is looked up; a forced run only writes.
    """

    def __init__(self, path: Path, on_damage: Callable[[str], object], *, reads: bool = True) -> None:
        self.path, self.on_damage, self.reads = path, on_damage, reads
        self._refused: set[str] = set()
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = _connect(self.path)
        except (*UNREADABLE, OSError) as error:
            return self._anew() if _is_damage(error) else self._without(error)
        if self.path.exists():
            return connection
        connection.close()  # `phish cache gc` removed it while this connection waited for its lock
        return self._open()

    def _anew(self) -> sqlite3.Connection:
        self.on_damage(f"The trial ledger {self.path.name} is damaged; its fits are made again")
        try:
            remove_ledger(self.path)
            return _connect(self.path)
        except (*UNREADABLE, OSError) as error:
            return self._without(error)

    def _without(self, error: Exception) -> sqlite3.Connection:
        self.on_damage(f"The trial ledger {self.path.name} cannot be used ({error}); its fits last for this run only")
        return _connect(":memory:")

    def _lost(self, what: str, error: Exception) -> None:
        """Begin a damaged file anew; that the disk refuses something is told once, and not for each fit."""
        if _is_damage(error):
            self._connection.close()
            self._connection = self._anew()
        elif what not in self._refused:
            self._refused.add(what)
            self.on_damage(f"The trial ledger {self.path.name} could not be {what}: {error}")

    def get(self, key: str) -> FitRecord | None:
        """Look a record up; None where there is none or it is not what was written."""
        if not self.reads:
            return None
        try:
            found = self._connection.execute(f"select {COLUMNS}, sha256 from fits where key = ?", (key,)).fetchone()  # noqa: S608 (a constant)
        except UNREADABLE as error:
            self._lost("read", error)
            return None
        if found is None:
            return None
        *line, digest = found
        if digest != _digest(key, line):
            self.on_damage(f"A line of the trial ledger {self.path.name} is damaged; its fit is made again")
            return None
        return _record(line)

    def put(self, records: Mapping[str, FitRecord]) -> None:
        """Keep records, all or none of them; what a key stood for before is replaced."""
        lines = [(key, *(line := _line(record)), _digest(key, line)) for key, record in records.items()]
        places = ", ".join("?" * (len(COLUMNS.split(", ")) + 2))
        try:
            self._put(f"insert or replace into fits (key, {COLUMNS}, sha256) values ({places})", lines)  # noqa: S608 (constants)
        except UNREADABLE as error:
            self._lost("written", error)

    def _put(self, statement: str, lines: list[tuple[Any, ...]]) -> None:
        with self._connection:  # commits, or rolls back
            self._connection.execute("begin immediate")
            self._connection.executemany(statement, lines)

    def close(self) -> None:
        """Fold the log into the file and let go of it."""
        self._connection.close()


def _connect(path: Path | str) -> sqlite3.Connection:
    """Open a ledger; where several do so at once for the first time, SQLite refuses some of them without waiting."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return _connect_now(path)
        except sqlite3.OperationalError as error:
            if _code(error) & KIND != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _connect_now(path: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    connection.text_factory = _text
    try:
        # With a log beside the file a commit costs no wait for the disk, and a kill loses no commit.
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute(TABLE)
    except BaseException:
        connection.close()
        raise
    return connection


def _text(raw: bytes) -> str:
    """Read a text whatever became of it; its hash tells."""
    return raw.decode(errors="replace")


def _is_damage(error: Exception) -> bool:
    """Whether a file is not what was written; otherwise the disk, or another process, does not let it be used."""
    code = _code(error)
    return isinstance(error, UnicodeError) or code & KIND in DAMAGE or code == sqlite3.SQLITE_IOERR_SHORT_READ


def _code(error: Exception) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK))


def damaged_lines(path: Path) -> int | None:
    """Count the lines of a ledger that are not what was written; None where the file itself cannot be read."""
    try:
        with _reading(path) as connection:
            if connection.execute("pragma quick_check").fetchone() != ("ok",):
                return None
            lines = _select(connection, f"key, {COLUMNS}, sha256")
            return sum(1 for key, *line, digest in lines if digest != _digest(key, line))
    except UNREADABLE:
        return None


def count_fits(path: Path) -> int | None:
    """Count the fits of a ledger; None where it cannot be read. That a fit stood its guard is a line, but no fit."""
    made = "sum(probability is not null or stopped > 0 or error is not null)"
    try:
        with _reading(path) as connection:
            return next((count or 0 for (count,) in _select(connection, made)), 0)
    except UNREADABLE:
        return None


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a ledger to read in it, so that nothing is left beside it where nothing was."""
    mode = "mode=ro" if Path(f"{path}-wal").exists() else "immutable=1"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=PATIENCE)) as connection:
        connection.text_factory = _text
        yield connection


def _select(connection: sqlite3.Connection, columns: str) -> Iterable[tuple[Any, ...]]:
    """Go through all lines; a ledger whose maker was killed at once has no table yet."""
    if connection.execute("select 1 from sqlite_master").fetchone() is None:
        return ()
    return connection.execute(f"select {columns} from fits")  # noqa: S608 (columns are constants)


def ledgers(root: Path) -> Iterator[tuple[str, Path]]:
    """All ledgers below a cache folder, with the names of their models."""
    for path in sorted((root / TRIALS).glob("*/*.sqlite")):
        yield path.parent.name, path


def ledger_size(path: Path) -> int:
    """Bytes of a ledger, with what SQLite puts beside it."""
    return sum(part.stat().st_size for end in ENDINGS if (part := Path(f"{path}{end}")).exists())


def written_last(path: Path) -> float:
    """When a ledger was last written, in seconds since 1970."""
    return max(part.stat().st_mtime for end in ENDINGS[:2] if (part := Path(f"{path}{end}")).exists())


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Keep everybody else from opening a ledger; gives False where somebody has it open, or that cannot be told."""
    with ExitStack() as stack:
        try:
            stack.enter_context(closing(_exclusive(path)))
            sure = True
        except UNREADABLE as error:
            sure = _is_damage(error)  # nobody can have it open
        yield sure


def _exclusive(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)
    try:
        connection.execute("pragma locking_mode = exclusive")  # so that even one who only reads is in the way
        connection.execute("begin exclusive")
    except BaseException:
        connection.close()
        raise
    return connection


def remove_unused(path: Path) -> None:
    """Remove a ledger unless somebody has it open."""
    with alone(path) as sure:
        if sure:
            remove_ledger(path)


def is_unused(path: Path) -> bool:
    """Whether nobody has a ledger open."""
    with alone(path) as sure:
        return sure


def remove_ledger(path: Path) -> None:
    """Remove a ledger, with what SQLite puts beside it, whoever has it open."""
    for end in reversed(ENDINGS):
        Path(f"{path}{end}").unlink(missing_ok=True)


def _line(record: FitRecord) -> list[Any]:
    """A record as SQLite will give it back, which knows no text with half characters."""
    probability, error = record.probability, record.error
    return [
        record.fold,
        record.params,
        record.scoring,
        _real(record.score),
        _real(record.seconds),
        record.stopped,
        None if error is None else error.encode(errors="backslashreplace").decode(),
        json.dumps(record.warnings),
        probability.dtype.str if probability is not None else None,
        probability.tobytes() if probability is not None else None,
    ]


def _real(value: float | None) -> float | None:
    """A number as SQLite will give it back, which knows neither NaN nor a negative zero."""
    return None if value is None or math.isnan(value) else float(value) + 0.0


def _record(line: list[Any]) -> FitRecord:
    import numpy as np

    fold, params, scoring, score, seconds, stopped, error, warnings, dtype, blob = line
    return FitRecord(
        params=params,
        fold=fold,
        seconds=seconds,
        probability=np.frombuffer(blob, dtype=dtype).copy() if blob is not None else None,
        stopped=stopped,
        error=error,
        warnings=tuple(json.loads(warnings)),
        scoring=scoring,
        score=score,
    )


def _digest(key: str, line: list[Any]) -> str:
    """Hash all that a line says; values of a damaged one may be of any type."""
    *told, blob = line
    written = hashlib.sha256(json.dumps([key, *told], default=repr).encode())
    written.update(blob if isinstance(blob, bytes) else repr(blob).encode())
    return written.hexdigest()
