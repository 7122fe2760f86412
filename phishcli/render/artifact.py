"""A look at one artifact: what it is, its files, and the first rows of its tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from phishcli.errors import ConfigError
from phishcli.render.formats import plain
from phishcli.wording import counted

if TYPE_CHECKING:
    import pyarrow.parquet as pq

    from phishcli.artifacts import Entry

TEXTS = (".json", ".txt", ".yaml", ".html", ".svg", ".md", ".csv")
COLUMNS = 9
"""Columns of a table that fit beside each other; the rest is counted."""
LINES = 40
"""Lines of a document that are shown beside others."""


class ArtifactView:
    """Draws an artifact; ``brief`` leaves the contents out, ``file`` shows one table alone."""

    def __init__(self, entry: Entry, *, file: str | None = None, rows: int = 5, brief: bool = False) -> None:
        if file is not None and file not in entry.manifest.files:
            names = ", ".join(entry.manifest.files)
            raise ConfigError(f"{entry.manifest.step} has no file {file!r}", hint=f"It has {names}")
        self.entry, self.file, self.rows, self.brief = entry, file, rows, brief

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.file is None:
            yield from self._head()
        names = [self.file] if self.file else [] if self.brief else list(self.entry.manifest.files)
        for name in names:
            yield from self._content(name)

    def _head(self) -> Iterator[Text | Table]:
        manifest = self.entry.manifest
        yield Text.assemble((manifest.step, "bold"), f"  {manifest.summary}")
        yield Text(f"{self.entry.folder}\ncreated {manifest.created[:19]} UTC in {manifest.seconds:.2f} s", style="dim")
        if not self.brief:
            table = Table(box=None, pad_edge=False, show_header=False)
            for name, note in manifest.files.items():
                table.add_row(name, Text(decimal(note.size), style="dim", justify="right"), note.sha256[:12])
            yield table

    def _content(self, name: str) -> Iterator[Text | Table]:
        if name.endswith(".parquet"):
            yield Text(f"\n{name}", style="bold")
            yield from self._table(name)
        elif name.endswith((".json", ".txt", ".yaml", ".md", ".csv")):
            yield Text(f"\n{name}", style="bold")
            yield from self._document(name)
        elif self.file:
            yield Text(f"{name} is not a text file; see {self.entry.folder}")

    def _document(self, name: str) -> Iterator[Text]:
        lines = checked_text(self.entry, name).splitlines()
        yield Text("\n".join(lines[:LINES]))
        if len(lines) > LINES:
            yield Text(f"... {len(lines) - LINES:,} more lines: --file {name}", style="dim")

    def _table(self, name: str) -> Iterator[Text | Table]:
        import pyarrow.parquet as pq

        self.entry.check(name)
        with (self.entry.folder / name).open("rb") as content, pq.ParquetFile(content) as file:
            yield from self._rows_of(file)

    def _rows_of(self, file: pq.ParquetFile) -> Iterator[Text | Table]:
        head = next(file.iter_batches(self.rows), None)
        table = Table(box=None, pad_edge=False, header_style="dim")
        columns = file.schema_arrow.names[:COLUMNS]
        for column in columns:
            table.add_column(column, overflow="ellipsis", no_wrap=True)
        for row in head.to_pylist() if head else []:
            table.add_row(*(plain(row[column]) for column in columns))
        yield table
        more = len(file.schema_arrow.names) - len(columns)
        yield Text(
            f"{counted(file.metadata.num_rows, 'row')}, {counted(len(file.schema_arrow.names), 'column')}"
            + (f" ({more} more not shown)" if more else ""),
            style="dim",
        )


def as_text(entry: Entry, file: str | None) -> str | None:
    """A text file of the artifact as it is, for a pipe into jq; None for tables and pickles."""
    if file is None or not file.endswith(TEXTS) or file not in entry.manifest.files:
        return None
    return checked_text(entry, file)


def checked_text(entry: Entry, file: str) -> str:
    """Read a text file of an artifact after verifying its hash.

    Raises
    ------
    Damaged
        When the content is not what was written.
    """
    entry.check(file)
    return (entry.folder / file).read_text(encoding="utf-8")


def as_document(entry: Entry) -> dict[str, Any]:
    """The manifest and the folder as JSON values."""
    document: dict[str, Any] = json.loads(json.dumps(asdict(entry.manifest)))
    return {"folder": str(entry.folder), **document}
