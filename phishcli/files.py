"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNFINISHED = ".tmp-"
"""How names of unfinished files and folders begin."""


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


def flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
