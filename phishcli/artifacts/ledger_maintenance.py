"""Maintenance of trial ledgers: list, measure, verify, and remove those that no process has open."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from phishcli.artifacts.fingerprint import LENGTH
from phishcli.artifacts.ledger_file import (
    COLUMNS,
    ENDINGS,
    PATIENCE,
    UNREADABLE,
    as_text,
    digest_of,
    is_damage,
    remove_ledger,
)
from phishcli.artifacts.ledgers import TRIALS

_NAME = re.compile(rf"[0-9a-f]{{{LENGTH}}}\.sqlite")


def damaged_lines(path: Path) -> int | None:
    """Count the damaged lines of a ledger; None if the file itself cannot be read."""
    try:
        with _reading(path) as connection:
            if connection.execute("pragma quick_check").fetchone() != ("ok",):
                return None
            lines = _select(connection, f"key, {COLUMNS}, sha256")
            return sum(1 for key, *line, digest in lines if digest != digest_of(key, line))
    except UNREADABLE:
        return None


def count_fits(path: Path) -> int | None:
    """Count the fits of a ledger, not the marks of fits that passed a pruner; None if it cannot be read."""
    fits = "sum(probability is not null or stopped > 0 or error is not null)"
    try:
        with _reading(path) as connection:
            return next((count or 0 for (count,) in _select(connection, fits)), 0)
    except UNREADABLE:
        return None


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a ledger read-only, without creating files next to it."""
    mode = "mode=ro" if Path(f"{path}-wal").exists() else "immutable=1"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=PATIENCE)) as connection:
        connection.text_factory = as_text
        yield connection


def _select(connection: sqlite3.Connection, columns: str) -> Iterable[tuple[Any, ...]]:
    """Select from all lines; a ledger whose writer was killed at once has no table yet."""
    if connection.execute("select 1 from sqlite_master").fetchone() is None:
        return ()
    return connection.execute(f"select {columns} from fits")  # noqa: S608 (columns are constants)


def ledgers(root: Path) -> Iterator[tuple[str, Path]]:
    """All ledgers in a cache folder, with the names of their models."""
    for path in sorted((root / TRIALS).glob("*/*.sqlite")):
        if _NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink() and _is_ours(path):
            yield path.parent.name, path


def _is_ours(path: Path) -> bool:
    """Whether a database holds our table, or nothing (its writer was killed); a damaged one is ours by its name."""
    try:
        with _reading(path) as connection:
            tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    except UNREADABLE:
        return True
    return not tables or "fits" in tables


def ledger_size(path: Path) -> int:
    """Bytes of a ledger and the files SQLite keeps next to it."""
    return sum(part.stat().st_size for end in ENDINGS if (part := Path(f"{path}{end}")).exists())


def written_last(path: Path) -> float:
    """When a ledger was last written, in seconds since 1970."""
    return max(part.stat().st_mtime for end in ENDINGS[:2] if (part := Path(f"{path}{end}")).exists())


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Lock a ledger exclusively; yields False if it is open elsewhere or that cannot be determined."""
    with ExitStack() as stack:
        try:
            stack.enter_context(closing(_exclusive(path)))
            locked = True
        except UNREADABLE as error:
            locked = is_damage(error)  # then no process can have it open
        yield locked


def _exclusive(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)
    try:
        connection.execute("pragma locking_mode = exclusive")  # so that a reader counts as well
        connection.execute("begin exclusive")
    except BaseException:
        connection.close()
        raise
    return connection


def remove_unused(path: Path) -> None:
    """Remove a ledger unless a process has it open."""
    with alone(path) as unused:
        if unused:
            remove_ledger(path)


def is_unused(path: Path) -> bool:
    """Whether no process has a ledger open."""
    with alone(path) as unused:
        return unused
