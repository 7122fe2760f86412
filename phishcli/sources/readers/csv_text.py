"""A CSV file as text: opened, its delimiter found, and its faults located by line."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from typing import TYPE_CHECKING, Literal

from phishcli.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DELIMITERS = ",;\t|"
DAMAGE = (OSError, EOFError, zlib.error)
"""What a damaged file, gzipped or not, raises while it is read."""


def compression(path: Path) -> Literal["gzip"] | None:
    """Whether the file is gzipped, by its content."""
    with path.open("rb") as file:
        return "gzip" if file.read(2) == b"\x1f\x8b" else None


def lines_of(path: Path) -> io.TextIOWrapper:
    """Open the text of the file, without a byte order mark."""
    return io.TextIOWrapper(_bytes(path), encoding="utf-8-sig", newline="")


def delimiter_of(header: str) -> str:
    """Choose the delimiter that splits the header into most names."""
    return max(DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark))))


def explained(path: Path, error: Exception) -> DataError:
    """Find out why a reader failed, with the line if there is one."""
    try:
        for line, fault in _faults(path):
            return DataError(fault, where=f"{path}, line {line}", hint="Correct the line, or export the file again.")
    except UnicodeDecodeError:
        return _not_utf8(path)
    except DAMAGE:
        return DataError(
            f"The file is damaged or cut short: {error}.", where=str(path), hint="Download or export it again."
        )
    except csv.Error as found:
        error = found
    return DataError(f"The file is not a CSV file: {error}.", where=str(path), hint="Export it again.")


def _faults(path: Path) -> Iterator[tuple[int, str]]:
    with lines_of(path) as file:
        delimiter = delimiter_of(file.readline())
        file.seek(0)
        rows = csv.reader(file, delimiter=delimiter)
        width = len(next(rows))
        start = rows.line_num + 1
        for row in rows:
            if row and len(row) != width:
                why = " (a quote that is not closed?)" if rows.line_num > start else ""
                yield start, f"A row has {len(row)} values where the header has {width} names{why}."
            start = rows.line_num + 1


def _first_undecodable_line(path: Path) -> int:
    with _bytes(path) as file:
        return next(number for number, line in enumerate(file, start=1) if not _is_utf8(line))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _not_utf8(path: Path) -> DataError:
    with _bytes(path) as file:
        begins = file.read(2)
    if begins in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        hint = "Convert it: iconv -f utf-16 -t utf-8 OLD > NEW"
        return DataError("The file is UTF-16 text, not UTF-8.", where=str(path), hint=hint)
    return DataError(
        "The file is not UTF-8 text.",
        where=f"{path}, line {_first_undecodable_line(path)}",
        hint="Find its encoding (often latin-1) and convert it: iconv -f latin1 -t utf-8 OLD > NEW",
    )


def _bytes(path: Path) -> gzip.GzipFile | io.BufferedReader:
    return gzip.open(path, "rb") if compression(path) else path.open("rb")
