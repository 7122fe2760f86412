"""Pages in a folder and the folders in it; what lies outside of it is never read."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from phishcli.errors import DataError, cause_of
from phishcli.features.pages.given import BATCH, Batch, Found, Given
from phishcli.wording import bounded, counted

NO_PAGES = frozenset(
    {".7z", ".avif", ".bmp", ".bz2", ".css", ".csv", ".db", ".doc", ".docx", ".eot", ".gif", ".gz", ".ico", ".ini"}
    | {".jpeg", ".jpg", ".js", ".json", ".jsonl", ".map", ".md", ".mjs", ".mp3", ".mp4", ".ndjson", ".ogg", ".otf"}
    | {".parquet", ".pdf", ".png", ".sqlite", ".svg", ".tar", ".tgz", ".tif", ".tiff", ".ttf", ".tsv", ".wasm", ".wav"}
    | {".webm", ".webp", ".woff", ".woff2", ".xlsx", ".xml", ".xz", ".yaml", ".yml", ".zip", ".zst"}
)
"""Suffixes of files that lie beside pages and are none."""
LABEL = "label"


def pages_in(folder: Path, *, labeled: bool = False) -> Given:
    """Find the pages in a folder.

    Parameters
    ----------
    folder
        Searched with all folders in it, in the order of their names. Hidden files and those of `NO_PAGES` are left
        out; links that lead out of the folder and links to folders are not followed.
    labeled
        Whether the first folder below is the label of the pages in it: a column `LABEL`.

    Raises
    ------
    DataError
        When it cannot be listed, or holds no page.
    """
    import pyarrow as pa

    left_out: Counter[str] = Counter()
    total = sum(1 for _ in _found(folder, left_out))
    if not total:
        raise DataError("The folder has no pages.", where=str(folder), hint="Name the folder of the HTML files")
    known = pa.schema([(name, pa.string()) for name in ("file", *([LABEL] if labeled else []))])

    def batches() -> Iterator[Batch]:
        pages = _found(folder, Counter())
        while some := list(islice(pages, BATCH)):
            columns = [[page.name for page in some], *([list(map(_label, some))] if labeled else [])]
            yield Batch(some, pa.table([pa.array(each, pa.string()) for each in columns], schema=known))

    return Given(batches, known, total, notices=_notices(left_out))


def _label(page: Found) -> str | None:
    """The first folder on the way to a page."""
    parts = PurePosixPath(page.name).parts
    return parts[0] if parts[1:] else None


def _notices(left_out: Counter[str]) -> tuple[str, ...]:
    if not left_out:
        return ()
    kinds = bounded([f"{suffix} {number:,}" for suffix, number in left_out.most_common()], 5)
    return (f"{counted(left_out.total(), 'file')} left out because of their suffix: {kinds}",)


def _found(folder: Path, left_out: Counter[str]) -> Iterator[Found]:
    root = Path(os.path.realpath(folder))
    waiting = [root]
    while waiting:
        current = waiting.pop()
        try:
            with os.scandir(current) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            if current == root:
                raise DataError(f"The folder cannot be read: {cause_of(error)}", where=str(folder)) from error
            yield Found(name_of(current, root), reason=f"the folder cannot be read: {cause_of(error)}")
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if not entry.is_dir(follow_symlinks=False):
                yield from _file(Path(entry.path), root, left_out)
        waiting += [Path(each.path) for each in reversed(entries) if _is_folder(each)]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")


def _file(path: Path, root: Path, left_out: Counter[str]) -> Iterator[Found]:
    suffix = path.suffix.lower()
    if suffix in NO_PAGES:
        left_out[suffix] += 1
    else:
        yield within(path, root)


def within(path: Path, root: Path, url: str | None = None) -> Found:
    """A page below a folder, whose links are resolved; one that is not there or leads out of it has a reason instead.

    Parameters
    ----------
    path
        Of the page.
    root
        The folder, without links in its own path.
    """
    name = name_of(path, root)
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(root):
        return Found(name, None, url, "it lies outside the folder")
    return Found(name, real, url)


def name_of(path: Path, root: Path) -> str:
    """The path below the folder; bytes that are no UTF-8 are escaped."""
    relative = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    return os.fsencode(relative).decode("utf-8", "backslashreplace")
