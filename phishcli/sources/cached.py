"""Copies of sources in the cache: each carries the hash of its content in its name, so that a changed one is noticed.

A copy gets its name by a rename, in one step: no copy is ever half there, and two processes that write the same one
end with the same file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from phishcli.files import working_folder
from phishcli.sources.hashes import file_hash

UNFINISHED = ".download-"
"""How names of folders with unfinished copies begin."""
LOGS = ("-wal", "-shm")
"""What SQLite puts beside a database; the content of the log takes the place of the database's own."""
DIGITS = 32
"""Digits of the hash in a name: 128 bits."""
_NAME = re.compile(rf".+?-([0-9a-f]{{{DIGITS}}})-(?!.*(?:{'|'.join(LOGS)})$)")


@contextmanager
def unfinished(cache: Path) -> Iterator[Path]:
    """Give a folder in which a copy can be written; it is removed at the end, or by `cache gc` after a kill."""
    with working_folder(cache, UNFINISHED) as folder:
        yield folder


def keep(part: Path, cache: Path, prefix: str, name: str) -> Path:
    """Turn a finished file into the copy ``<prefix>-<hash>-<name>``."""
    copy = cache / f"{prefix}-{file_hash(part)[:DIGITS]}-{name}"
    os.replace(part, copy)  # noqa: PTH105 - the word for an atomic rename
    return copy


def find_copies(cache: Path, prefix: str, *, sha256: str | None = None) -> list[Path]:
    """Find the copies whose names begin with ``prefix``, the last used first; with a hash, only those of it."""
    found = [path for path in cache.glob(f"{prefix}-*") if _NAME.match(path.name)]
    return sorted((path for path in found if sha256 is None or is_whole(path, sha256)), key=_used, reverse=True)


def is_whole(copy: Path, digest: str) -> bool:
    """Whether content of this hash is what was written to the copy."""
    named = _NAME.match(copy.name)
    return named is not None and digest.lower().startswith(named[1])


def drop_logs(copy: Path) -> None:
    """Remove the files beside a database in the cache that would change its content."""
    for end in LOGS:
        copy.with_name(copy.name + end).unlink(missing_ok=True)


def _used(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:  # another process has removed it just now
        return 0
