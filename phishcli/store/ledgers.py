"""The trial ledgers: ``<root>/trials/<Model>/<fingerprint>.sqlite``, one per model, data, folds and library versions.

A ledger is an SQLite database, since it is written a line at a time, by several processes if need be, and must survive
a kill at any moment. Each line carries a hash of all it says; one that does not match is as good as not there.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
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

    Parameters
    ----------
    path
        The file, which is made if it is not there.
    on_damage
        Is told in a sentence what was damaged.
    reads
        Whether what is there is looked up; a forced run only writes.
    """

    def __init__(self, path: Path, on_damage: Callable[[str], object], *, reads: bool = True) -> None:
        self.path, self.on_damage, self.reads = path, on_damage, reads
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = self._open()
        except sqlite3.DatabaseError:
            self._connection = self._anew()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        # With a log beside the file a commit costs no wait for the disk, and a kill loses no commit.
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")
        connection.execute(TABLE)
        return connection

    def _anew(self) -> sqlite3.Connection:
        self.on_damage(f"The trial ledger {self.path.name} is damaged; its fits are made again")
        remove_ledger(self.path)
        return self._open()

    def get(self, key: str) -> FitRecord | None:
        """Look a record up; None where there is none or it is not what was written."""
        if not self.reads:
            return None
        try:
            found = self._connection.execute(f"select {COLUMNS}, sha256 from fits where key = ?", (key,)).fetchone()  # noqa: S608 (a constant)
        except sqlite3.DatabaseError:
            self._connection.close()
            self._connection = self._anew()
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
        except sqlite3.DatabaseError as error:
            # A ledger saves time; a disk that refuses it is no reason to throw the results away.
            self.on_damage(f"The trial ledger {self.path.name} could not be written: {error}")

    def _put(self, statement: str, lines: list[tuple[Any, ...]]) -> None:
        self._connection.execute("begin immediate")
        try:
            self._connection.executemany(statement, lines)
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def close(self) -> None:
        """Fold the log into the file and let go of it."""
        self._connection.close()


def damaged_lines(path: Path) -> int | None:
    """Count the lines of a ledger that are not what was written; None where the file itself cannot be read."""
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=PATIENCE)
        lines = connection.execute(f"select key, {COLUMNS}, sha256 from fits")  # noqa: S608 (a constant)
        count = sum(1 for key, *line, digest in lines if digest != _digest(key, line))
        connection.close()
    except sqlite3.DatabaseError:
        return None
    return count


def ledgers(root: Path) -> Iterator[tuple[str, Path]]:
    """All ledgers below a cache folder, with the names of their models."""
    for path in sorted((root / TRIALS).glob("*/*.sqlite")):
        yield path.parent.name, path


def ledger_size(path: Path) -> int:
    """Bytes of a ledger, with what SQLite puts beside it."""
    return sum(part.stat().st_size for end in ENDINGS if (part := Path(f"{path}{end}")).exists())


def remove_ledger(path: Path) -> None:
    """Remove a ledger, with what SQLite puts beside it."""
    for end in reversed(ENDINGS):
        Path(f"{path}{end}").unlink(missing_ok=True)


def _line(record: FitRecord) -> list[Any]:
    probability = record.probability
    return [
        record.fold,
        record.params,
        record.scoring,
        record.score,
        record.seconds,
        record.stopped,
        record.error,
        json.dumps(record.warnings),
        probability.dtype.str if probability is not None else None,
        probability.tobytes() if probability is not None else None,
    ]


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
    told = hashlib.sha256(json.dumps([key, *line[:-1]]).encode())
    told.update(line[-1] or b"")
    return told.hexdigest()
