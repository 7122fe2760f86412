"""A source that is one file on this disk, its own or a copy in the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from phishcli.address import shown
from phishcli.errors import ConfigError, DataError
from phishcli.events import Notice, OnEvent, ignore
from phishcli.sources.cached import drop_logs, is_whole
from phishcli.sources.formats import Format, by_magic, format_of, formats, is_named
from phishcli.sources.hashes import check_hash, file_hash
from phishcli.sources.packings import content_of
from phishcli.sources.source import Batches, Reading, Request
from phishcli.sources.unpacked import scratch_folder, unpack

if TYPE_CHECKING:
    import pyarrow as pa

HEAD_BYTES = 4096


class FileSource(msgspec.Struct, frozen=True):
    """A file, ready to be read.

    ``format`` is the name of its format, ``origin`` what the user named (a path, a URL without passwords and tokens,
    ``sample``), ``sha256`` the hash of the content, ``synthetic`` whether it is the built-in sample, ``packed`` how it
    is packed, from the outside in, ``scratch`` the folder in which it may be unpacked for a while, ``kept`` further
    files in the cache that belong to it.
    """

    path: Path
    format: str
    sha256: str
    origin: str
    synthetic: bool = False
    packed: tuple[str, ...] = ()
    scratch: Path | None = None
    kept: tuple[Path, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The file, and what belongs to it."""
        return (self.path, *self.kept)

    def read(self, asked: Reading | None = None, *, on_event: OnEvent = ignore) -> Batches:
        """Read the rows; see `Source.read`.

        From files without types (text, SQLite, JSON) these are int64, float64, bool and string; a column without any
        value is float64.
        """
        with scratch_folder(self.scratch) as folder:
            rows = self.stream(msgspec.structs.replace(asked or Reading(), scratch=folder), on_event=on_event)
            if not self.packed:
                return rows
            import pyarrow as pa

            # What was unpacked is removed in the end, so all of it is read.
            table = pa.Table.from_batches(list(rows.batches), rows.schema)
        return Batches.of(table, rows.table, rows.missing_words)

    def stream(self, asked: Reading, *, on_event: OnEvent = ignore) -> Batches:
        """Read the rows as they come; what has to be unpacked or rewritten lasts as long as ``asked.scratch``."""
        form = formats()[self.format]
        self._check_table(form, asked)
        if not self.packed:
            return form.read(self.path, asked, on_event)
        path = unpack(self.path, asked.scratch or Path(), asked.limits, on_event)
        with self._named(path):
            rows = form.read(path, asked, on_event)
        return msgspec.structs.replace(rows, batches=self._named_batches(rows.batches, path))

    def _check_table(self, form: Format, asked: Reading) -> None:
        if asked.table is not None and not form.several_tables:
            raise ConfigError(
                f"load.table is set to {asked.table!r}, but the source is a {form.label} file, which has no tables.",
                where=str(self.path),
                hint="Leave load.table out.",
            )

    def _named_batches(self, batches: Iterator[pa.RecordBatch], path: Path) -> Iterator[pa.RecordBatch]:
        with self._named(path):
            yield from batches

    @contextmanager
    def _named(self, path: Path) -> Iterator[None]:
        """Name the packed file in errors about what was in it."""
        try:
            yield
        except DataError as error:
            shown_at = error.where and error.where.replace(str(path), f"{self.path} ({path.name})")
            raise DataError(error.what, where=shown_at, hint=error.hint) from error


class _ChangedError(Exception):
    """A copy is not what was written, or is gone."""


def open_file(path: Path, request: Request) -> FileSource:
    """Find out the format of a file and hash it.

    Raises
    ------
    DataError
        If it is missing, unreadable, empty, of an unknown format, or not the one that ``request.sha256`` promises.
    """
    if not _is_file(path):
        from phishcli.sources.no_file import explained

        raise explained(path)
    try:
        return _opened(path, request, synthetic=False, is_copy=False)
    except OSError as error:
        raise _unreadable(path, error) from error


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        raise DataError(f"The source cannot be reached: {error.strerror or error}.", where=str(path)) from error


def open_copy(request: Request, provide: Callable[[Collection[Path]], Path], *, synthetic: bool = False) -> FileSource:
    """Open a copy in the cache; a changed one is provided again, under its own name or beside it.

    Parameters
    ----------
    provide
        Gives a copy that is not among those that have changed.
    """
    changed: list[Path] = []
    while True:
        copy = provide(changed)
        try:
            found = _opened_copy(copy, request, synthetic=synthetic)
        except _ChangedError:
            if copy in changed:
                raise DataError(
                    "The copy of the source changes as soon as it is written.",
                    where=str(copy),
                    hint="Check the disk, or choose another place with --cache-dir.",
                ) from None
            request.on_event(Notice(f"The copy {copy} has changed since it was written; it is replaced.", "warning"))
            changed.append(copy)
            drop_logs(copy)
        else:
            for path in changed:
                if path != found.path:
                    path.unlink(missing_ok=True)
            return found


def open_cached(request: Request, copy: Path | None, *, synthetic: bool = False) -> FileSource | None:
    """Open a copy that may be in the cache; None if there is none, or it has changed."""
    try:
        return _opened_copy(copy, request, synthetic=synthetic) if copy else None
    except _ChangedError:
        return None


def _opened_copy(copy: Path, request: Request, *, synthetic: bool) -> FileSource:
    if not copy.is_file():
        raise _ChangedError
    try:
        return _opened(copy, request, synthetic=synthetic, is_copy=True)
    except FileNotFoundError as error:  # another process has removed it just now
        raise _ChangedError from error
    except OSError as error:
        raise _unreadable(copy, error) from error


def _opened(path: Path, request: Request, *, synthetic: bool, is_copy: bool) -> FileSource:
    with path.open("rb") as file:
        outside = file.read(HEAD_BYTES)
    digest = file_hash(path)
    content = _with_companions(path, outside, digest)
    if is_copy and not is_whole(path, content):
        raise _ChangedError
    with content_of(path) as inside:
        head, name, layers = inside.file.read(HEAD_BYTES), inside.name, inside.layers
    form = format_of(name if is_named(name) or not layers else "", head, str(path))
    check_hash(digest, request.sha256, str(path))
    return FileSource(path, form.name, content, shown(request.source), synthetic, layers, request.cache)


def _with_companions(path: Path, head: bytes, digest: str) -> str:
    """Hash a file together with those beside it whose content a reader sees in place of the file's."""
    form = by_magic(head)
    for end in form.companions if form else ():
        companion = path.with_name(f"{path.name}{end}")
        if companion.is_file() and companion.stat().st_size:
            digest = hashlib.sha256(f"{digest} {file_hash(companion)}".encode()).hexdigest()
    return digest


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(
        f"The source cannot be read: {error.strerror or error}.", where=str(path), hint="Check its permissions."
    )
