"""The file format of a trial ledger: its table, its rows and their hashes, and the meaning of its errors."""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
from pathlib import Path
from typing import Any

from phishcli.documents.fit_record import FitRecord
from phishcli.files import parse_json

PATIENCE = 60.0
"""Seconds to wait for another process that is writing."""
ENDINGS = ("", "-wal", "-shm")
"""Suffixes of the file itself and of the files that SQLite keeps next to it while it is in use."""
UNREADABLE = (sqlite3.DatabaseError, UnicodeError)
"""Exceptions for an unusable file; SQLite may quote from a damaged one, which need not be valid text."""
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG)
"""SQLite's error codes for a damaged file; the generic one is for a table with the wrong columns."""
KIND = 0xFF
"""Mask of the primary code in an extended SQLite error code."""

TABLE = """
create table if not exists fits (
    key text primary key, fold integer, params text, scoring text, score real, seconds real, stopped integer,
    error text, warnings text, dtype text, probability blob, sha256 text
) without rowid
"""
COLUMNS = "fold, params, scoring, score, seconds, stopped, error, warnings, dtype, probability"


def line_of(record: FitRecord) -> list[Any]:
    """A record as SQLite will return it; SQLite cannot store lone surrogates in text."""
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
    """A number as SQLite will return it; SQLite stores neither NaN nor negative zero."""
    return None if value is None or math.isnan(value) else float(value) + 0.0


def record_of(line: list[Any]) -> FitRecord:
    """Rebuild the record from a line."""
    import numpy as np

    fold, params, scoring, score, seconds, stopped, error, warnings, dtype, blob = line
    return FitRecord(
        params=params,
        fold=fold,
        seconds=seconds,
        probability=np.frombuffer(blob, dtype=dtype).copy() if blob is not None else None,
        stopped=stopped,
        error=error,
        warnings=tuple(parse_json(warnings)),
        scoring=scoring,
        score=score,
    )


def digest_of(key: str, line: list[Any]) -> str:
    """Hash the values of a line; in a damaged one they may be of any type."""
    *values, blob = line
    written = hashlib.sha256(json.dumps([key, *values], default=repr).encode())
    written.update(blob if isinstance(blob, bytes) else repr(blob).encode())
    return written.hexdigest()


def as_text(raw: bytes) -> str:
    """Decode text even if it is damaged; the hash detects that."""
    return raw.decode(errors="replace")


def is_damage(error: Exception) -> bool:
    """Whether an error means a damaged file, as opposed to a disk or another process in the way."""
    code = code_of(error)
    return isinstance(error, UnicodeError) or code & KIND in DAMAGE or code == sqlite3.SQLITE_IOERR_SHORT_READ


def code_of(error: Exception) -> int:
    """The SQLite code of an error."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK))


def remove_ledger(path: Path) -> None:
    """Remove a ledger and the files SQLite keeps next to it, even if it is open."""
    for end in reversed(ENDINGS):
        Path(f"{path}{end}").unlink(missing_ok=True)
