"""What kind of table a file is, by its content before its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from phishcli.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

SourceKind = Literal["sqlite", "csv", "parquet"]

ACCEPTED = "Accepted are SQLite (.db, .sqlite), CSV (.csv, .tsv, also .gz) and Parquet (.parquet)."
SQLITE_MAGIC = b"SQLite format 3\0"
PARQUET_MAGIC = b"PAR1"
GZIP_MAGIC = b"\x1f\x8b"
TEXT_SUFFIXES = {".csv", ".tsv", ".tab", ".txt", ""}


def kind_of(path: Path, head: bytes) -> SourceKind:
    """Find the kind of a file from its first bytes, and from its suffix where these say nothing.

    Raises
    ------
    DataError
        When it is none of the three, or something that often lies under the name of a table.
    """
    if head.startswith(SQLITE_MAGIC):
        return "sqlite"
    if head.startswith(PARQUET_MAGIC):
        return "parquet"
    _check_content(path, head)
    if head.startswith(GZIP_MAGIC) or _suffix(path) in TEXT_SUFFIXES:
        return "csv"
    raise DataError(
        "The source is of no known kind: neither its content nor its name says so.", where=str(path), hint=ACCEPTED
    )


def _suffix(path: Path) -> str:
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()


def _check_content(path: Path, head: bytes) -> None:
    """Refuse what often lies under the name of a table without being one."""
    if not head:
        raise DataError("The source is an empty file.", where=str(path), hint="Download or export it again.")
    if head.startswith(b"version https://git-lfs"):
        raise DataError(
            "The source is a pointer of Git LFS, not the file itself.", where=str(path), hint="Run: git lfs pull"
        )
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:9].lower().startswith((b"<!doctype", b"<html")):
        raise DataError(
            "The source is a web page (HTML), not a table.",
            where=str(path),
            hint="Use the address of the file itself, often behind a button named Raw or Download.",
        )
