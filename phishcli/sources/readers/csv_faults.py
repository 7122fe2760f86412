"""Why a text file could not be read, with the line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.errors import DataError
from phishcli.sources.readers.csv_shape import Shape, find_shape, rows_of
from phishcli.typed import setting
from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.sources.source import Reading

DAMAGE = (OSError, EOFError)
"""What a file that cannot be read raises."""


def check_width(columns: int, asked: Reading, path: Path) -> None:
    """Refuse a table of more columns than the limits allow."""
    if columns > asked.limits.columns:
        raise DataError(
            f"The table has {counted(columns, 'column')}, more than {asked.limits.columns:,}.",
            where=str(path),
            hint=f"If that is expected: --set load.limits.columns={columns}",
        )


def explained(text: Path, path: Path, error: Exception, asked: Reading, shape: Shape | None = None) -> DataError:
    """Find out why a reader failed, with the line if there is one.

    Parameters
    ----------
    text
        The file in UTF-8.
    path
        The file as its user knows it.
    """
    if isinstance(error, OSError):
        return DataError(f"The file cannot be read: {error.strerror or error}.", where=str(path))
    reason = error
    try:
        shape = shape or find_shape(text, asked)
        for line, fault, hint in _faults(text, shape):
            return DataError(fault, where=f"{path}, line {line}", hint=hint)
    except csv.Error as found:
        reason = found
    if "field larger than" in str(reason):
        limit = asked.limits.field
        return DataError(
            f"A value is longer than {limit:,} characters (a quote that is not closed?).",
            where=str(path),
            hint=f"If that is expected: --set load.limits.field={16 * limit}",
        )
    return DataError(f"The file is not a CSV file: {reason}.", where=str(path), hint="Export it again.")


def _faults(path: Path, shape: Shape) -> Iterator[tuple[int, str, str]]:
    width = len(shape.names)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for first, last, row in rows_of(lines, shape.delimiter, shape.comment, shape.skip):
            if len(row) != width:
                why = " (a quote that is not closed?)" if last > first else ""
                hint = "Correct the line, or export the file again."
                if first == shape.skip + 1 and last == first and shape.skip:
                    hint = f"If the table begins here: {setting('load.csv.skip_rows', shape.skip)}"
                names = counted(width, "name")
                yield first, f"A row has {len(row):,} values where the header has {names}{why}.", hint
