"""A table or a query of a database server or of a DuckDB file, kept as a Parquet copy in the cache.

Each run reads the rows and compares them with the copy, so that a change of any value is noticed; with
``load.version_query`` a run whose version is that of a copy reads nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

import msgspec

from phishcli.address import shown
from phishcli.events import OnEvent, ignore
from phishcli.sources.cached import find_copies, keep, unfinished
from phishcli.sources.file_source import FileSource, open_cached, open_copy, open_file
from phishcli.sources.kinds import SourceKind
from phishcli.sources.source import Batches, Reading, Request, Source

SCHEMES = frozenset(
    {"bigquery", "cockroachdb", "duckdb", "mariadb", "mssql", "mysql", "oracle", "postgres", "postgresql", "redshift"}
    | {"snowflake", "sqlite", "trino"}
)
NAME = "rows.parquet"


class DatabaseSource(msgspec.Struct, frozen=True):
    """The copy of a table or a query."""

    copy: FileSource
    synthetic: bool = False

    @property
    def origin(self) -> str:
        """The address without user and password."""
        return self.copy.origin

    @property
    def sha256(self) -> str:
        """The hash of the rows."""
        return self.copy.sha256

    @property
    def files(self) -> tuple[Path, ...]:
        """The copy."""
        return self.copy.files

    def read(self, asked: Reading | None = None, *, on_event: OnEvent = ignore) -> Batches:
        """Read the rows; see `Source.read`. Which table it is was decided when they were copied."""
        return self.copy.read(msgspec.structs.replace(asked or Reading(), table=None), on_event=on_event)


def matches(source: str) -> bool:
    """Whether it is the address of a database: ``postgresql://``, ``mysql+pymysql://``."""
    scheme, mark, _ = source.partition("://")
    return bool(mark) and scheme.lower().partition("+")[0] in SCHEMES


def locate(request: Request) -> Source:
    """Read the rows into the cache, unless a copy is of the present version; a table of SQLite is read as a file."""
    if _is_file(request):
        return _file(request)
    return DatabaseSource(open_copy(request, lambda changed: _provided(request, changed)))


def locate_offline(request: Request) -> Source | None:
    """Find the copy that was used last."""
    if _is_file(request):
        return _file(request)
    copies = find_copies(request.cache, _prefix(request), sha256=request.sha256)
    found = open_cached(request, next(iter(copies), None))
    return None if found is None else DatabaseSource(found)


def _is_file(request: Request) -> bool:
    return request.source.lower().startswith("sqlite://") and request.query is None


def _file(request: Request) -> Source:
    from phishcli.sources.databases.arrow import file_of

    return open_file(file_of(request.source), request)


def _prefix(request: Request) -> str:
    """How the name of a copy begins: by the address, the table and the query, without the password."""
    what = "\n".join((shown(request.source), request.table or "", request.query or ""))
    return f"db-{hashlib.sha256(what.encode()).hexdigest()[:16]}"


def _provided(request: Request, changed: Collection[Path]) -> Path:
    from phishcli.sources.databases.copying import value_of, write_table

    prefix = _prefix(request)
    if request.version_query is not None:
        version = value_of(request, request.version_query)
        prefix = f"{prefix}-{hashlib.sha256(version.encode()).hexdigest()[:16]}"
        present = next((copy for copy in find_copies(request.cache, prefix) if copy not in changed), None)
        if present is not None:
            present.touch()
            return present
    with unfinished(request.cache) as folder:
        write_table(request, folder / NAME)
        copy = keep(folder / NAME, request.cache, prefix, NAME)
    copy.touch()
    return copy


KIND = SourceKind(matches=matches, locate=locate, locate_offline=locate_offline, queries=True)
