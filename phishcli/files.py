"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = ".tmp-"
"""How names of unfinished files and folders begin."""
LOCK = "lock"
"""A file in a working folder; whoever works there holds its lock."""


@contextmanager
def appearing_file(path: Path) -> Iterator[Path]:
    """Give a name in the same folder to write to; on success the file gets its final name in one step.

    A file that has the name already is replaced; on failure nothing is left. Several processes may do so at once.
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
    """Give a folder to work in; it goes at the end, and what was killed is found by `is_held`."""
    import tempfile

    from filelock import FileLock

    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=prefix) as folder, FileLock(Path(folder) / LOCK):
        yield Path(folder)


def is_held(folder: Path) -> bool:
    """Whether somebody is still at work in a folder of `working_folder`."""
    from filelock import FileLock, Timeout

    if not (folder / LOCK).is_file():
        return False
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except FileNotFoundError:  # it went just now
        return False
    except Timeout:
        return True


def flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
