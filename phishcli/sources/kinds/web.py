"""A file on the web, downloaded once and kept in the cache."""

from __future__ import annotations

from phishcli.sources.file_source import FileSource, open_cached, open_copy
from phishcli.sources.kinds import SourceKind
from phishcli.sources.source import Request


def matches(source: str) -> bool:
    """Whether it is an ``http`` or ``https`` address."""
    return source.lower().startswith(("http://", "https://"))


def locate(request: Request) -> FileSource:
    """Download the file unless there is a copy of its present version."""
    from phishcli.sources.download import fetch

    return open_copy(request, lambda changed: fetch(request, changed=changed))


def locate_offline(request: Request) -> FileSource | None:
    """Find the copy that was used last, or the one with the expected hash."""
    from phishcli.sources.download import latest_copy

    return open_cached(request, latest_copy(request))


KIND = SourceKind(matches=matches, locate=locate, locate_offline=locate_offline)
