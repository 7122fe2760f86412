"""Files: written completely or not at all, read within bounds, named without surprises."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from io import BufferedReader

UNFINISHED = ".tmp-"
"""Prefix of the names of unfinished files and folders."""
LOCK = "phish.lock"
"""Lock file of a working folder, held as long as the folder is in use; a folder without one is not ours."""
EARLIER_LOCK = "lock"
"""Its name in versions up to 0.1."""
MOST_BYTES = 1 << 28
"""The largest document that is read back."""
DEEPEST = 100
"""Levels of nesting in JSON that is read back; our own documents have about ten."""

_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[][{}]")


@contextmanager
def appearing_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; on success the file is renamed to its final name.

    An existing file is replaced; on failure nothing is left behind. Safe for several processes at once.

    Raises
    ------
    OSError
        When the name is that of a folder, a device, a pipe or a socket.
    """
    from uuid import uuid4

    check_replaceable(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{UNFINISHED}{uuid4().hex}{path.suffix}")
    try:
        yield unfinished
        flush(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def check_replaceable(path: Path) -> None:
    """Refuse a name that is taken by something else than a file: a device or a pipe would be lost for everybody.

    Raises
    ------
    OSError
        When it is, or when links lead nowhere else than back to themselves.
    """
    with suppress(FileNotFoundError, NotADirectoryError):
        _check_regular(path.stat().st_mode, path)


def _check_regular(mode: int, path: Path) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "Is a directory", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "Not a regular file", str(path))


@contextmanager
def working_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Yield a temporary folder that is removed at the end; `is_held` identifies those of killed processes."""
    import shutil
    import tempfile

    from filelock import FileLock

    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
    try:
        with FileLock(folder / LOCK):
            yield folder
    finally:  # a temporary directory of Python tries for ever where the system refuses
        shutil.rmtree(folder, ignore_errors=True)


def is_working_folder(folder: Path) -> bool:
    """Whether `working_folder` made this folder, by its lock; an empty one, whose maker was killed at once, counts."""
    if not folder.is_dir() or folder.is_symlink():
        return False
    names = {path.name for path in folder.iterdir()}
    return not names or LOCK in names or (EARLIER_LOCK in names and names <= {EARLIER_LOCK, "part", "sample.db"})


def is_held(folder: Path) -> bool:
    """Whether a process still uses a folder of `working_folder`."""
    from filelock import FileLock, Timeout

    lock = next((folder / name for name in (LOCK, EARLIER_LOCK) if (folder / name).is_file()), None)
    if lock is None:
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except FileNotFoundError:  # removed a moment ago
        return False
    except Timeout:
        return True


def flush(path: Path) -> None:
    """Flush a file or folder to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_bounded(path: Path, most: int = MOST_BYTES) -> bytes:
    """Read a whole file, unless it is too large.

    Raises
    ------
    ValueError
        When it is larger than ``most`` bytes.
    OSError
        When it cannot be read, or is no regular file.
    """
    with regular_file(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(f"it is larger than {most:,} bytes")
    return content


@contextmanager
def regular_file(path: Path) -> Iterator[BufferedReader]:
    """Open a file for reading; a pipe or a device, which may never end, is refused without waiting for it.

    Raises
    ------
    OSError
        When it cannot be opened, or is no regular file.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        _check_regular(os.fstat(handle).st_mode, path)
    except OSError:
        os.close(handle)
        raise
    with os.fdopen(handle, "rb") as file:
        yield file


def parse_json(content: bytes | str) -> Any:
    """Read JSON of at most `DEEPEST` levels, so that the stack of the interpreter is never the limit.

    Raises
    ------
    ValueError
        When it is not JSON, or nested too deeply.
    """
    raw = content.encode() if isinstance(content, str) else content
    if raw.count(b"[") + raw.count(b"{") > DEEPEST and _depth(raw) > DEEPEST:
        raise ValueError(f"it is nested more than {DEEPEST} levels deep")
    return json.loads(raw)


def _depth(raw: bytes) -> int:
    deepest = level = 0
    for bracket in _BRACKETS.finditer(_TEXTS.sub(b"", raw)):
        level += 1 if bracket[0] in b"[{" else -1
        deepest = max(deepest, level)
    return deepest
