"""Where a table comes from: a path, a file or web address, or the built-in sample, brought onto this disk and hashed.

Light to import and to run on local files: a run in which nothing is stale comes through here.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec

from phishcli.address import shown
from phishcli.errors import DataError
from phishcli.events import Notice, ignore
from phishcli.sources.cached import copies, drop_logs, is_whole, keep, unfinished
from phishcli.sources.formats import ACCEPTED, SQLITE_MAGIC, SourceKind, kind_of
from phishcli.sources.hashes import check_hash, file_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from phishcli.events import OnEvent

SAMPLE = "sample"
"""The word for the built-in data; a file of that name is ``./sample``."""
SAMPLE_FILE = "sample.db"
HEAD_BYTES = 4096


class LocalSource(msgspec.Struct, frozen=True):
    """A source that lies on this disk, ready to be read.

    ``origin`` is what the user named (a path, a URL without passwords and tokens, ``sample``), ``sha256`` the hash of
    the content, ``synthetic`` whether it is the built-in sample.
    """

    path: Path
    kind: SourceKind
    sha256: str
    origin: str
    synthetic: bool = False


def locate(source: str, *, cache: Path, sha256: str | None = None, on_event: OnEvent = ignore) -> LocalSource:
    """Bring a source onto this disk, find out what it is, and hash it.

    Parameters
    ----------
    source
        A path (relative, absolute, with ``~``), a ``file://`` or ``http(s)://`` address, or ``sample``.
    cache
        Folder for downloads and for the sample; made when it is needed.
    sha256
        The expected hash of the file, 64 hexadecimal digits.
    on_event
        Is told about downloads and about the writing of the sample.

    Returns
    -------
    LocalSource
        Its ``sha256`` covers all that a reader will see, so also a SQLite write-ahead log beside the database.

    Raises
    ------
    DataError
        If the source is missing, unreadable, empty, of an unknown kind, or not the one that ``sha256`` promises.
    """
    if source == SAMPLE:
        return _whole(SAMPLE, sha256, on_event, lambda distrusted: _sample(cache, distrusted, on_event))
    if _is_web(source):
        from phishcli.sources.download import fetch

        return _whole(
            source,
            sha256,
            on_event,
            lambda distrusted: fetch(source, cache=cache, sha256=sha256, distrusted=distrusted, on_event=on_event),
        )
    return _local(_path_of(source), source, sha256)


def locate_offline(source: str, *, cache: Path, sha256: str | None = None) -> LocalSource | None:
    """Do the same as `locate` without the network and without writing anything.

    Returns
    -------
    LocalSource or None
        None where `locate` would have to download the source or to write the sample first, also because the copy
        that is there has changed.

    Raises
    ------
    DataError
        As `locate` does.
    """
    if source == SAMPLE:
        copy = next(iter(copies(cache, _sample_prefix())), None)
    elif _is_web(source):
        from phishcli.sources.download import latest_copy

        copy = latest_copy(source, cache=cache, sha256=sha256)
    else:
        return _local(_path_of(source), source, sha256)
    try:
        return _local(copy, source, sha256, is_copy=True) if copy else None
    except _ChangedError:
        return None


def in_use(source: str, *, cache: Path, sha256: str | None = None) -> list[Path]:
    """List the copies in the cache worth keeping: what `locate_offline` finds, and the sample of this version."""
    found = locate_offline(source, cache=cache, sha256=sha256)
    return [*([found.path] if found else []), *copies(cache, _sample_prefix())[:1]]


class _ChangedError(Exception):
    """A copy is not what it was made with, or is gone."""


def _whole(
    source: str, sha256: str | None, on_event: OnEvent, provide: Callable[[Collection[Path]], Path]
) -> LocalSource:
    """Take a copy that is what it was made with; one that is not is made anew, under its own name or beside it."""
    changed: list[Path] = []
    while True:
        copy = provide(changed)
        try:
            found = _local(copy, source, sha256, is_copy=True)
        except _ChangedError:
            if copy in changed:
                raise DataError(
                    "The copy of the source changes as soon as it is written.",
                    where=str(copy),
                    hint="Look at the disk, or choose another place with --cache-dir.",
                ) from None
            on_event(Notice(f"The copy {copy} is not what it was made with; it is made anew.", "warning"))
            changed.append(copy)
            drop_logs(copy)
        else:
            for path in changed:
                if path != found.path:
                    path.unlink(missing_ok=True)
            return found


def _sample_prefix() -> str:
    """Begin the name of the built-in sample; it changes whenever the content is meant to."""
    from phishcli.sources.sample import DEFAULT_ROWS, DEFAULT_SEED, SAMPLE_VERSION

    return f"{SAMPLE}-v{SAMPLE_VERSION}-{DEFAULT_ROWS}-{DEFAULT_SEED}"


def _sample(cache: Path, distrusted: Collection[Path], on_event: OnEvent) -> Path:
    there = next((copy for copy in copies(cache, _sample_prefix()) if copy not in distrusted), None)
    return there or _write_sample(cache, on_event)


def _write_sample(cache: Path, on_event: OnEvent) -> Path:
    from phishcli.sources.sample import DEFAULT_ROWS, DEFAULT_SEED, write_sample

    try:
        with unfinished(cache) as folder:
            write_sample(folder / SAMPLE_FILE, rows=DEFAULT_ROWS, seed=DEFAULT_SEED, on_event=on_event)
            return keep(folder / SAMPLE_FILE, cache, _sample_prefix(), SAMPLE_FILE)
    except OSError as error:
        raise DataError(
            f"The folder of the sources cannot be made or written: {error.strerror or error}.",
            where=str(cache),
            hint="Choose another place with --cache-dir.",
        ) from error


def _is_web(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _path_of(source: str) -> Path:
    if "://" not in source:
        return Path(os.path.expanduser(source))  # noqa: PTH111 - Path.expanduser fails on an unknown user
    address = urlsplit(source)
    if address.scheme != "file":
        raise DataError(
            f"Addresses that start with {address.scheme}:// cannot be fetched.",
            where=shown(source),
            hint="Use http://, https:// or file://, or download the file and give its path.",
        )
    if address.netloc not in ("", "localhost"):
        raise DataError(
            f"A file address names no other machine, this one names {address.hostname!r}.",
            where=shown(source),
            hint="Write three slashes: file:///folder/data.csv",
        )
    return Path(unquote(address.path))


def _local(path: Path, source: str, expected: str | None, *, is_copy: bool = False) -> LocalSource:
    if is_copy and not path.is_file():
        raise _ChangedError
    _check_there(path)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        digest = file_hash(path)
        content = _with_log(path, head, digest)
        if is_copy and not is_whole(path, content):
            raise _ChangedError
        kind = kind_of(path, head)
        check_hash(digest, expected, str(path))
        return LocalSource(path, kind, content, shown(source), synthetic=source == SAMPLE)
    except OSError as error:
        if is_copy and isinstance(error, FileNotFoundError):  # another process has removed it just now
            raise _ChangedError from error
        raise DataError(
            f"The source cannot be read: {error.strerror or error}.", where=str(path), hint="Check its permissions."
        ) from error


def _with_log(path: Path, head: bytes, digest: str) -> str:
    """Hash a database together with its write-ahead log, whose pages a reader sees in place of the file's."""
    log = path.with_name(f"{path.name}-wal")
    if not head.startswith(SQLITE_MAGIC) or not log.is_file() or not log.stat().st_size:
        return digest
    return hashlib.sha256(f"{digest} {file_hash(log)}".encode()).hexdigest()


def _check_there(path: Path) -> None:
    try:
        if path.is_file():
            return
        found = path.exists()
    except OSError as error:
        raise DataError(f"The source cannot be reached: {error.strerror or error}.", where=str(path)) from error
    if path.is_dir():
        raise DataError("The source is a folder, not a file.", where=str(path), hint=f"Name a file in it. {ACCEPTED}")
    if found:
        raise DataError("The source is a device or a pipe, not a file.", where=str(path), hint=ACCEPTED)
    raise DataError("There is no such file.", where=str(path), hint=_near(path))


def _near(path: Path) -> str:
    from difflib import get_close_matches

    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    except OSError:
        return f"The folder {path.parent} is not there or cannot be read; --source names the file."
    matches = get_close_matches(path.name, names)
    if matches:
        return f"Did you mean {' or '.join(matches)}?"
    return "Check --source (load.source); 'sample' is the built-in data."
