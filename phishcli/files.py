"""Atomic writes: files that appear complete or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = ".tmp-"
"""Prefix of the names of unfinished files and folders."""
LOCK = "lock"
"""Lock file of a working folder, held as long as the folder is in use."""


@contextmanager
def appearing_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; on success the file is renamed to its final name.

    An existing file is replaced; on failure nothing is left behind. Safe for several processes at once.
    """
    from uuid import uuid4

    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{UNFINISHED}{path.name}-{uuid4().hex}")
    try:
        yield unfinished
        flush(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def working_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """Yield a temporary folder that is removed at the end; `is_held` identifies those of killed processes."""
    import tempfile

    from filelock import FileLock

    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=prefix) as folder, FileLock(Path(folder) / LOCK):
        yield Path(folder)


def is_held(folder: Path) -> bool:
    """Whether a process still uses a folder of `working_folder`."""
    from filelock import FileLock, Timeout

    if not (folder / LOCK).is_file():
        return False
    try:
        with FileLock(folder / LOCK, timeout=0):
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
