"""The built-in sample, written into the cache when it is first needed."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from phishcli.errors import DataError
from phishcli.sources.cached import find_copies, keep, unfinished
from phishcli.sources.file_source import FileSource, open_cached, open_copy
from phishcli.sources.kinds import SourceKind
from phishcli.sources.sample import DEFAULT_ROWS, DEFAULT_SEED, SAMPLE_VERSION
from phishcli.sources.source import Request

SAMPLE = "sample"
"""The word for the built-in data; a file of that name is ``./sample``."""
FILE = "sample.db"
PREFIX = f"{SAMPLE}-v{SAMPLE_VERSION}-{DEFAULT_ROWS}-{DEFAULT_SEED}"
"""How the name of a copy begins; it changes whenever the content is meant to."""


def matches(source: str) -> bool:
    """Whether it is the word for the built-in data."""
    return source == SAMPLE


def locate(request: Request) -> FileSource:
    """Write the sample unless the cache has it."""
    return open_copy(request, lambda changed: _provided(request, changed), synthetic=True)


def locate_offline(request: Request) -> FileSource | None:
    """Find the sample in the cache."""
    return open_cached(request, next(iter(find_copies(request.cache, PREFIX)), None), synthetic=True)


def kept(cache: Path) -> list[Path]:
    """The sample of this version, which is small."""
    return find_copies(cache, PREFIX)[:1]


def _provided(request: Request, changed: Collection[Path]) -> Path:
    present = next((copy for copy in find_copies(request.cache, PREFIX) if copy not in changed), None)
    return present or _written(request)


def _written(request: Request) -> Path:
    from phishcli.sources.sample import write_sample

    try:
        with unfinished(request.cache) as folder:
            write_sample(folder / FILE, rows=DEFAULT_ROWS, seed=DEFAULT_SEED, on_event=request.on_event)
            return keep(folder / FILE, request.cache, PREFIX, FILE)
    except OSError as error:
        raise DataError(
            f"The folder of the sources cannot be written: {error.strerror or error}.",
            where=str(request.cache),
            hint="Choose another place with --cache-dir.",
        ) from error


KIND = SourceKind(matches=matches, locate=locate, locate_offline=locate_offline, kept=kept)
