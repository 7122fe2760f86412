"""Pages in an index: a table with a column of files, a column of addresses, and whatever else is known of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.errors import ConfigError, DataError, suggestion
from phishcli.features.pages.folder import within
from phishcli.features.pages.given import BATCH, Batch, Found, Given

if TYPE_CHECKING:
    import pyarrow as pa

FILE_NAMES = ("file", "filename", "path", "page", "id")
URL_NAMES = ("url", "address", "link", "uri")


def read_table(source: str) -> pa.Table:
    """Read a local table of any format as a whole.

    Raises
    ------
    DataError
        When it cannot be read, or would have to be fetched.
    """
    import pyarrow as pa

    from phishcli.sources.locate import locate_offline
    from phishcli.sources.source import Reading

    with tempfile.TemporaryDirectory() as copies:
        found = locate_offline(source, cache=Path(copies))
        if found is None:
            raise DataError("This would have to be fetched.", where=source, hint="Download it first; give its path")
        rows = found.read(Reading(scratch=Path(copies)))
        return _plain(pa.Table.from_batches(list(rows.batches), rows.schema))


def _plain(table: pa.Table) -> pa.Table:
    """Texts in place of dictionaries of texts, and of columns without any value."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        kind = pa.string() if pa.types.is_null(kind) or pa.types.is_large_string(kind) else kind
        if kind != field.type:
            table = table.set_column(place, field.name, table.column(place).cast(kind))
    return table


def pages_of(
    index: Path, *, file_column: str | None = None, url_column: str | None = None, folder: Path | None = None
) -> Given:
    """Find the pages that an index names.

    Parameters
    ----------
    index
        A CSV, Parquet, JSON lines or other table.
    file_column, url_column
        Its columns; by default those whose names say so. Without an address column no address is known.
    folder
        What the files are relative to, by default the folder of the index. Files outside of it are not read.

    Raises
    ------
    DataError
        When the index cannot be read.
    ConfigError
        When it lacks a column.
    """
    table = read_table(str(index))
    file = _column(table, file_column, FILE_NAMES, "--file-column", index)
    url = url_column if url_column is None else _column(table, url_column, (), "--url-column", index)
    url = url or _named(table, URL_NAMES)
    names = texts(table.column(file)) if _is_text(table, file) else _written(index, file)
    urls = texts(table.column(url)) if url else [None] * table.num_rows
    root = Path(os.path.realpath(folder or index.parent))

    def batches() -> Iterator[Batch]:
        for start in range(0, table.num_rows, BATCH):
            rows = slice(start, start + BATCH)
            pages = [_page(*each, root) for each in zip(names[rows], urls[rows], strict=True)]
            yield Batch(pages, table.slice(start, BATCH))

    return Given(batches, table.schema, table.num_rows)


def _page(name: str | None, url: str | None, root: Path) -> Found:
    if not name:
        return Found("", None, url, "no file is named")
    try:
        return within(root / name, root, url)
    except ValueError as error:  # a NUL character
        return Found(name, None, url, f"it cannot be read: {error}")


def texts(column: pa.ChunkedArray) -> list[str | None]:
    """The values of a column as texts without blanks at their ends; None for a missing or empty one."""
    import pyarrow as pa

    return [(value or "").strip() or None for value in column.cast(pa.string()).to_pylist()]


def _is_text(table: pa.Table, name: str) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(table.schema.field(name).type))


def _written(index: Path, name: str) -> list[str | None]:
    """A column that looks like numbers, as it is written: ``007`` names another file than ``7``."""
    import pyarrow as pa

    from phishcli.sources.locate import locate
    from phishcli.sources.source import Reading
    from phishcli.sources.streamed import streamed

    with tempfile.TemporaryDirectory() as copies:
        source = locate(str(index), cache=Path(copies))
        with streamed(source, Reading(columns=frozenset({name}))) as rows:
            table = pa.Table.from_batches(list(rows.batches), rows.schema)
    return texts(table.column(name))


def _named(table: pa.Table, names: tuple[str, ...]) -> str | None:
    by_name = {name.casefold(): name for name in reversed(table.column_names)}
    return next((by_name[name] for name in names if name in by_name), None)


def _column(table: pa.Table, asked: str | None, names: tuple[str, ...], option: str, index: Path) -> str:
    if asked is None and (found := _named(table, names)):
        return found
    if asked is not None and asked in table.column_names:
        return asked
    what = f"The index has no column {asked!r}" if asked else f"The index has no column named {names[0]}"
    hint = suggestion(asked or names[0], table.column_names, "columns")
    raise ConfigError(what, where=str(index), hint=f"{hint}. Choose with {option}")
