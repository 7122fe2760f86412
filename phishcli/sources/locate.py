"""Where a table comes from: a path, a web address, or the built-in sample, found and identified by its content.

Light to import and to run on local files: a run in which nothing is stale comes through here.
"""

from __future__ import annotations

from pathlib import Path

from phishcli.address import shown
from phishcli.errors import ConfigError
from phishcli.events import OnEvent, ignore
from phishcli.sources.kinds import SourceKind, kind_of, kinds
from phishcli.sources.source import MAX_BYTES, MAX_SECONDS, Request, Source


def locate(
    source: str,
    *,
    cache: Path,
    sha256: str | None = None,
    on_event: OnEvent = ignore,
    max_bytes: int = MAX_BYTES,
    max_seconds: float = MAX_SECONDS,
    table: str | None = None,
    query: str | None = None,
    version_query: str | None = None,
) -> Source:
    """Bring a source onto this disk where that is needed, find out what it is, and hash it.

    Parameters
    ----------
    source
        A path or a pattern (relative, absolute, with ``~``), a ``file://``, ``http(s)://`` or database address, or
        ``sample``.
    cache
        Folder for downloads and for the sample; made when it is needed.
    sha256
        The expected hash of the file, 64 hexadecimal digits.
    on_event
        Receives downloads and the writing of the sample.
    max_bytes, max_seconds
        What a download may have and take.
    table, query, version_query
        Of a database: what is read, and a query whose only value changes with the data.

    Returns
    -------
    Source
        Its ``sha256`` covers all that a reader will see, so also a SQLite write-ahead log beside the database.

    Raises
    ------
    DataError
        If the source is missing, unreadable, empty, of an unknown format, or not the one that ``sha256`` promises.
    ConfigError
        If there is a query for what is no database.
    """
    asked = Request(source, cache, sha256, on_event, max_bytes, max_seconds, table, query, version_query)
    return _kind(asked).locate(asked)


def locate_offline(
    source: str,
    *,
    cache: Path,
    sha256: str | None = None,
    table: str | None = None,
    query: str | None = None,
    version_query: str | None = None,
) -> Source | None:
    """Do the same as `locate` without the network and without writing anything.

    Returns
    -------
    Source or None
        None where `locate` would have to download the source or to write the sample first, also because the copy in
        the cache has changed.

    Raises
    ------
    DataError
        As `locate` does.
    """
    asked = Request(source, cache, sha256, table=table, query=query, version_query=version_query)
    return _kind(asked).locate_offline(asked)


def _kind(asked: Request) -> SourceKind:
    """The kind of the source.

    Raises
    ------
    ConfigError
        When there is a query for what is no database.
    """
    kind = kind_of(asked.source)
    for key, query in (("load.query", asked.query), ("load.version_query", asked.version_query)):
        if query is not None and not kind.queries:
            raise ConfigError(
                f"{key} is set, but the source is not a database.",
                where=shown(asked.source),
                hint=f"Leave {key} out, or give the address of a database: a SQLite file is sqlite:///sites.db; "
                "duckdb:// queries files.",
            )
    return kind


def in_use(
    source: str,
    *,
    cache: Path,
    sha256: str | None = None,
    table: str | None = None,
    query: str | None = None,
    version_query: str | None = None,
) -> list[Path]:
    """List the copies in the cache worth keeping: what `locate_offline` finds, and the sample of this version."""
    found = locate_offline(source, cache=cache, sha256=sha256, table=table, query=query, version_query=version_query)
    return [*(found.files if found else ()), *(copy for kind in kinds() for copy in kind.kept(cache))]
