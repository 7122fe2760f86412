"""What is piped into the program (``-``): kept as a copy in the cache, so that later commands can read it again."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from phishcli.sources.kinds import SourceKind
from phishcli.sources.source import Request

if TYPE_CHECKING:
    from phishcli.sources.file_source import FileSource

STDIN = "-"
PREFIX = "stdin"
NAME = "data"
CHUNK_BYTES = 1 << 20


def matches(source: str) -> bool:
    """Whether it is the word for the standard input."""
    return source == STDIN


def locate(request: Request) -> FileSource:
    """Copy the standard input, or take the last copy if there is nothing in it."""
    from phishcli.sources.file_source import open_copy

    return open_copy(request, lambda changed: _provided(request, changed))


def locate_offline(request: Request) -> FileSource | None:
    """Find the last copy."""
    from phishcli.sources.cached import find_copies
    from phishcli.sources.file_source import open_cached

    copies = find_copies(request.cache, PREFIX, sha256=request.sha256)
    return open_cached(request, next(iter(copies), None))


def _provided(request: Request, changed: Collection[Path]) -> Path:
    from phishcli.errors import DataError
    from phishcli.events import Notice
    from phishcli.sources.cached import find_copies

    if new := _copied(request):
        return new
    copies = [path for path in find_copies(request.cache, PREFIX) if path not in changed]
    if not copies:
        raise DataError(
            "There is nothing in the standard input.",
            where="load.source is -",
            hint="Pipe a table into the program: cat sites.csv | phish run-all --source -",
        )
    request.on_event(Notice("Nothing is piped in; the last standard input is used again."))
    return copies[0]


def _copied(request: Request) -> Path | None:
    """Copy the standard input into the cache; None if it is a terminal, closed, or empty."""
    from phishcli.sources.cached import keep, unfinished

    stream = sys.stdin.buffer if sys.stdin is not None and not sys.stdin.isatty() else None
    first = stream.read(CHUNK_BYTES) if stream is not None else b""
    if stream is None or not first:
        return None
    with unfinished(request.cache) as folder:
        _write(folder / NAME, first, stream, request)
        kept = keep(folder / NAME, request.cache, PREFIX, NAME)
    kept.touch()
    return kept


def _write(path: Path, first: bytes, stream: BinaryIO, request: Request) -> None:
    from phishcli.events import Progress

    done, chunk = 0, first
    with path.open("wb") as file:
        while chunk:
            file.write(chunk)
            done += len(chunk)
            request.on_event(Progress("read the standard input", done, None, "bytes"))
            chunk = stream.read(CHUNK_BYTES)


KIND = SourceKind(matches=matches, locate=locate, locate_offline=locate_offline)
