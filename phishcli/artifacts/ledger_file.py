"""The file of a trial ledger: its table, its lines and their hashes, and what its errors mean."""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
from pathlib import Path
from typing import Any

from phishcli.documents.fit_record import FitRecord

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


def line_of(record: FitRecord) -> list[Any]:
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


def record_of(line: list[Any]) -> FitRecord:
    """Turn a line back into the record it was made of."""
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


def digest_of(key: str, line: list[Any]) -> str:
    """Hash all that a line says; values of a damaged one may be of any type."""
    *told, blob = line
    written = hashlib.sha256(json.dumps([key, *told], default=repr).encode())
    written.update(blob if isinstance(blob, bytes) else repr(blob).encode())
    return written.hexdigest()


def as_text(raw: bytes) -> str:
    """Read a text whatever became of it; its hash tells."""
    return raw.decode(errors="replace")


def is_damage(error: Exception) -> bool:
    """Whether a file is not what was written; otherwise the disk, or another process, does not let it be used."""
    code = code_of(error)
    return isinstance(error, UnicodeError) or code & KIND in DAMAGE or code == sqlite3.SQLITE_IOERR_SHORT_READ


def code_of(error: Exception) -> int:
    """Give SQLite's code of an error."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK))


def remove_ledger(path: Path) -> None:
    """Remove a ledger, with what SQLite puts beside it, whoever has it open."""
    for end in reversed(ENDINGS):
        Path(f"{path}{end}").unlink(missing_ok=True)
