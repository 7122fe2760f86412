"""The built-in sample, written into the cache when it is first needed."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from phishcli.sources.kinds import SourceKind
from phishcli.sources.source import Request, Source

SAMPLE = "sample"
"""The word for the built-in data; a file of that name is ``./sample``."""
FILE = "sample.db"


def matches(source: str) -> bool:
    """Whether it is the word for the built-in data."""
    return source == SAMPLE


def locate(request: Request) -> Source:
    """Write the sample unless the cache has it."""
    from phishcli.sources.file_source import open_copy

    return open_copy(request, lambda changed: _provided(request, changed), synthetic=True)


def locate_offline(request: Request) -> Source | None:
    """Find the sample in the cache."""
    from phishcli.sources.file_source import open_cached

    return open_cached(request, next(iter(_copies(request.cache)), None), synthetic=True)


def kept(cache: Path) -> list[Path]:
    """The sample of this version, which is small."""
    return _copies(cache)[:1]


def _copies(cache: Path) -> list[Path]:
    from phishcli.sources.cached import find_copies

    return find_copies(cache, _prefix())


def _prefix() -> str:
    """How the name of a copy begins; it changes whenever the content is meant to."""
    from phishcli.sources.sample import DEFAULT_ROWS, DEFAULT_SEED, SAMPLE_VERSION

    return f"{SAMPLE}-v{SAMPLE_VERSION}-{DEFAULT_ROWS}-{DEFAULT_SEED}"


def _provided(request: Request, changed: Collection[Path]) -> Path:
    present = next((copy for copy in _copies(request.cache) if copy not in changed), None)
    return present or _written(request)


def _written(request: Request) -> Path:
    from phishcli.errors import system_error
    from phishcli.sources.cached import keep, unfinished
    from phishcli.sources.sample import DEFAULT_ROWS, DEFAULT_SEED, write_sample

    try:
        with unfinished(request.cache) as folder:
            write_sample(folder / FILE, rows=DEFAULT_ROWS, seed=DEFAULT_SEED, on_event=request.on_event)
            return keep(folder / FILE, request.cache, _prefix(), FILE)
    except OSError as error:
        what, elsewhere = "The folder of the sources cannot be written", "choose another place with --cache-dir"
        raise system_error(error, what, where=request.cache, elsewhere=elsewhere) from error


KIND = SourceKind(matches=matches, locate=locate, locate_offline=locate_offline, kept=kept)
