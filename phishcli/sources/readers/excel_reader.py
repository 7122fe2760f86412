"""One sheet of a spreadsheet into Arrow, without the titles above its table."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from phishcli.errors import DataError
from phishcli.events import Notice, OnEvent, ignore
from phishcli.sources.readers.chunks import EXACT_LIMIT
from phishcli.sources.readers.csv_faults import check_width
from phishcli.sources.readers.extras import needed
from phishcli.sources.readers.headers import find_header
from phishcli.sources.readers.objects import Objects, Rows, batched
from phishcli.sources.source import Reading
from phishcli.sources.unpacked import check_unpacked
from phishcli.typed import setting
from phishcli.wording import listed

SAMPLE_ROWS = 300


def read_excel(path: Path, asked: Reading, *, on_event: OnEvent = ignore) -> tuple[pa.Table, str]:
    """Read a sheet; may be left open which one if only one holds anything.

    Returns
    -------
    pyarrow.Table
        All rows; whole numbers are int64.
    str
        The name of the sheet.

    Raises
    ------
    DataError
        If the file is damaged, the sheet is not certain, or the extra ``excel`` is not installed.
    """
    calamine = needed("python_calamine", "excel", "Excel", path)
    _check_size(path, asked)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        name, cells = _chosen(book, asked.table, path)
    except (calamine.CalamineError, OSError) as error:
        raise DataError(
            f"The spreadsheet cannot be read: {error}.", where=str(path), hint="Save it again, without a password."
        ) from error
    skip = asked.csv.skip_rows if asked.csv.skip_rows is not None else _titles(cells)
    if skip and asked.csv.skip_rows is None:
        on_event(Notice(f"{path.name}: the table begins in row {skip + 1} (load.csv.skip_rows={skip}).", when="end"))
    rows = [row for row in cells[skip:] if any(value != "" for value in row)]
    if not rows:
        raise DataError("The sheet holds no table.", where=f"{path}, sheet {name}", hint="Choose another one.")
    header = find_header([list(map(str, row)) for row in rows[:SAMPLE_ROWS]], asked.csv, str(path), len(rows[0]))
    if header.notice:
        on_event(Notice(f"{path.name}: {header.notice}", when="end"))
    check_width(len(header.names), asked, path)
    values = rows[1:] if header.in_file else rows
    found = Objects(header.names, lambda: _batches(values), str(path), path.name, len(values), asked.drop)
    return _whole_numbers(found.table(on_event)), name


def _check_size(path: Path, asked: Reading) -> None:
    """Hold a spreadsheet that is an archive to the limits of packed files: its reader takes it as a whole."""
    if zipfile.is_zipfile(path):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
            whole = sum(part.file_size for part in archive.infolist())
            check_unpacked(path, path.stat().st_size, whole, asked.limits)


def _chosen(book: Any, wanted: str | None, path: Path) -> tuple[str, list[list[Any]]]:
    names = list(book.sheet_names)
    if wanted is not None and wanted not in names:
        where = f"{path} holds {listed(names)}"
        raise DataError(f"There is no sheet {wanted!r}.", where=where, hint="Correct load.table, or leave it out.")
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in ([wanted] if wanted else names)}
    filled = {name: cells for name, cells in sheets.items() if len(cells) > 1}
    if len(filled) > 1:
        raise DataError(
            f"The file holds {len(filled):,} sheets: {listed(list(filled))}.",
            where=str(path),
            hint=f"Choose one, for example {setting('load.table', next(iter(filled)))}.",
        )
    if not filled:
        raise DataError("The file holds no table.", where=str(path), hint="Check that it is the right file.")
    return next(iter(filled.items()))


def _titles(cells: Sequence[Sequence[Any]]) -> int:
    """Count the rows above the table: empty ones, and those of one cell where the table has three columns or more."""
    number = 0
    for row in cells:
        filled = sum(value != "" for value in row)
        if filled > 1 or (filled == 1 and len(row) < 3):  # noqa: PLR2004 - as said
            break
        number += 1
    return number if number < len(cells) else 0


def _batches(rows: Sequence[Sequence[Any]]) -> Iterator[Rows]:
    return batched([None if value == "" else value for value in row] for row in rows)


def _whole_numbers(table: pa.Table) -> pa.Table:
    """Give columns of whole numbers as integers: a spreadsheet knows floats only."""
    for at, column in enumerate(table.columns):
        if pa.types.is_floating(column.type) and column.null_count < len(column) and _is_whole(column):
            table = table.set_column(at, table.field(at).name, column.cast(pa.int64()))
    return table


def _is_whole(column: pa.ChunkedArray) -> bool:
    whole = pc.and_(pc.equal(pc.floor(column), column), pc.less(pc.abs(column), EXACT_LIMIT))
    return bool(pc.all(whole).as_py())
