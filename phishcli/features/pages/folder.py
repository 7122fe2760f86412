"""Many saved pages into one table: a folder of files, or an index that names file and address of each."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phishcli.errors import DataError
from phishcli.events import OnEvent, Progress, ignore
from phishcli.features.pages.page import FEATURES, LARGEST, Extracted, extract, tenant_of
from phishcli.wording import counted

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".html", ".htm", ".xhtml", ".shtml", ".php", ".asp", ".aspx", ".txt", "")
AT_ONCE = 64
"""Pages that a process is given at once."""
FILE, URL, TENANT, STATUS = "file", "url", "tenant", "status"
READ = "read"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Pages:
    """Pages to be read.

    Each row has the name of a file below ``folder``, its address if that is known, and columns that are passed on.
    """

    folder: Path
    rows: Sequence[Row]


def pages_of(source: Path) -> Pages:
    """Find the pages: in a folder, below it, or in a table with a column ``file``.

    Raises
    ------
    DataError
        When there are none, or when a table has no column ``file``.
    """
    if source.is_dir():
        names = sorted(
            str((Path(folder) / name).relative_to(source))
            for folder, _, files in os.walk(source)
            for name in files
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")
        )
        if not names:
            raise DataError("The folder holds no page.", where=str(source), hint="Save pages as .html files in it.")
        return Pages(source, [{FILE: name} for name in names])
    return _of_table(source)


def _of_table(source: Path) -> Pages:
    import tempfile

    from phishcli.sources.locate import locate
    from phishcli.tables.memory import MemoryTable

    with tempfile.TemporaryDirectory() as copies:
        rows = locate(str(source), cache=Path(copies)).read()
        table = MemoryTable.of_batches(rows.schema, rows.batches).data
    if FILE not in table.schema.names:
        raise DataError(
            "The table names no pages: it has no column 'file'.",
            where=str(source),
            hint="Give a folder of pages, or a table with the columns file and url; others are passed on.",
        )
    return Pages(source.parent, table.to_pylist())


def read_pages(pages: Pages, *, jobs: int = 1, on_event: OnEvent = ignore) -> pa.Table:
    """Read the features of all pages.

    Returns
    -------
    pyarrow.Table
        A row a page, in order: what was known of it, ``tenant``, its features, and ``status``: ``read``, or what was
        limited, or why it could not be read (its features are missing then).
    """
    import pyarrow as pa

    parts = [pages.rows[at : at + AT_ONCE] for at in range(0, len(pages.rows), AT_ONCE)]
    found: list[Row] = []
    for part in _in_turn(partial(_read_part, pages.folder), parts, jobs):
        found += part
        on_event(Progress("read pages", len(found), len(pages.rows), "pages"))
    known = dict.fromkeys(chain.from_iterable(pages.rows))
    names = [*known, *(name for name in (TENANT, *(each.name for each in FEATURES), STATUS) if name not in known)]
    return pa.table({name: [row.get(name) for row in found] for name in names})


def _in_turn(read: Any, parts: Sequence[Sequence[Row]], jobs: int) -> Iterator[list[Row]]:
    if jobs == 1 or len(parts) == 1:
        yield from map(read, parts)
        return
    with ProcessPoolExecutor(min(jobs, len(parts))) as pool:
        yield from pool.map(read, parts)


def _read_part(folder: Path, rows: Sequence[Row]) -> list[Row]:
    return [_read_one(folder, row) for row in rows]


def _read_one(folder: Path, row: Row) -> Row:
    url = row.get(URL)
    known = {TENANT: tenant_of(url) if isinstance(url, str) else None}
    try:
        extracted = _extracted(folder, str(row[FILE]), url)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return {**row, **known, STATUS: f"not read: {reason}"}
    return {**row, **known, **extracted.features, STATUS: extracted.limited or READ}


def _extracted(folder: Path, name: str, url: Any) -> Extracted:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError("it lies outside of the folder")
    return extract(read_page(path), url if isinstance(url, str) else None)


def read_page(path: Path) -> bytes:
    """The bytes of a page, one more than are looked at if there are more.

    Raises
    ------
    OSError
        When it cannot be read.
    ValueError
        When it is no file, or empty.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is no file")
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if not content.strip():
        raise ValueError("it is empty")
    return content


def joined(table: pa.Table, other: pa.Table) -> pa.Table:
    """Add the columns of another table by ``file``, ``url`` or ``tenant``, the first that it has.

    Raises
    ------
    DataError
        When it has none of these, or a value twice.
    """
    key = next(
        (name for name in (FILE, URL, TENANT) if name in other.schema.names and name in table.schema.names), None
    )
    if key is None:
        raise DataError("The table to join has no column file, url or tenant.", where="--join")
    values = other.column(key).to_pylist()
    if doubled := [value for value, number in Counter(values).items() if number > 1]:
        raise DataError(f"The table to join has {counted(len(doubled), 'value')} of {key} twice.", where="--join")
    place = {value: at for at, value in enumerate(values)}
    places = [place.get(value) for value in table.column(key).to_pylist()]
    for name in other.schema.names:
        if name != key:
            column = other.column(name).to_pylist()
            made = [None if at is None else column[at] for at in places]
            table = table.append_column(name, [made]) if name not in table.schema.names else table
    return table


def said(table: pa.Table) -> str:
    """How many pages were read, limited, and not read."""
    statuses = Counter(_kind(status) for status in table.column(STATUS).to_pylist())
    parts = [counted(table.num_rows, "page")]
    parts += [f"{statuses['limited']:,} limited"] if statuses["limited"] else []
    parts += [f"{statuses['not read']:,} not read (see the column status)"] if statuses["not read"] else []
    return ", ".join(parts)


def _kind(status: str) -> str:
    return "read" if status == READ else "not read" if status.startswith("not read") else "limited"
