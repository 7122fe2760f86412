"""Many files as one table: a pattern (``data/day=*/part-*.parquet``) or a folder of files of one format."""

from __future__ import annotations

import os
from collections.abc import Iterator
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from phishcli.errors import DataError
from phishcli.sources.file_source import open_file
from phishcli.sources.kinds import SourceKind
from phishcli.sources.partitions import IGNORED
from phishcli.sources.source import Request
from phishcli.wording import bounded

if TYPE_CHECKING:
    from phishcli.sources.files_source import FilesSource

WORDS = ("sample", "-")
"""What names another kind of source, even beside a folder of that name."""


def matches(source: str) -> bool:
    """Whether it is a pattern that is no file itself, or a folder."""
    if "://" in source or source in WORDS:
        return False
    path = os.path.expanduser(source)  # noqa: PTH111 - Path.expanduser fails on an unknown user
    return (has_magic(path) and not os.path.exists(path)) or os.path.isdir(path)  # noqa: PTH110, PTH112 (never raise)


def locate(request: Request) -> FilesSource:
    """Find and hash the files."""
    from phishcli.sources.files_source import joined

    pattern = os.path.expanduser(request.source)  # noqa: PTH111 (a pattern is no path)
    base = _base(pattern)
    paths = sorted(_found(pattern, base), key=lambda path: path.relative_to(base).parts)
    if not paths:
        what = "No file matches that pattern." if has_magic(pattern) else "The folder holds no file."
        raise DataError(
            what, where=str(Path(pattern).absolute()), hint="Check the path; quote a pattern: 'data/*.csv'."
        )
    if not has_magic(pattern):
        _check_suffixes(paths, Path(pattern))
    plain = msgspec.structs.replace(request, sha256=None)
    names = [path.relative_to(base).as_posix() for path in paths]
    return joined([open_file(path, plain) for path in paths], names, request.source, request.sha256)


def _check_suffixes(paths: list[Path], folder: Path) -> None:
    """Refuse a folder of this and that before any of it is read.

    Raises
    ------
    DataError
        When the names of the files end differently.
    """
    suffixes = sorted({path.suffix.lower() or "none" for path in paths})
    if len(suffixes) > 1:
        raise DataError(
            f"The names of the files in the folder end differently: {bounded(suffixes, 8)}.",
            where=str(folder),
            hint="Name one file of it, or those of one table with a pattern, such as 'data/*.csv'.",
        )


def _base(pattern: str) -> Path:
    """The deepest folder that all names begin with."""
    parts = Path(pattern).parts
    fixed = next((at for at, part in enumerate(parts) if has_magic(part)), len(parts))
    return Path(*parts[:fixed]) if fixed else Path()


def _found(pattern: str, base: Path) -> Iterator[Path]:
    """The files, without those that other programs leave beside data, unless the pattern names such."""
    named = has_magic(pattern) and any(part.startswith(IGNORED) for part in Path(pattern).relative_to(base).parts)
    for path in _below(pattern):
        names = path.relative_to(base).parts
        if named or not any(name.startswith(IGNORED) for name in names):
            yield path


def _below(pattern: str) -> Iterator[Path]:
    if has_magic(pattern):
        yield from (path for path in map(Path, glob(pattern, recursive=True)) if path.is_file())  # noqa: PTH207 (a pattern may be absolute)
        return
    for folder, folders, names in os.walk(pattern):
        folders[:] = [name for name in folders if not name.startswith(IGNORED)]
        yield from (Path(folder) / name for name in names)


KIND = SourceKind(matches=matches, locate=locate, locate_offline=locate)
