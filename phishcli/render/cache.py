"""The cache as a table and as a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from phishcli.store.care import Item


def items_table(items: Sequence[Item]) -> Group | Text:
    """One line an artifact, the current ones marked, and the total."""
    if not items:
        return Text("The cache is empty; `phish run-all` fills it.")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "Step", "Fingerprint", "Made"):
        table.add_column(heading, no_wrap=True)
    table.add_column("Size", justify="right", no_wrap=True)
    table.add_column("Summary", overflow="fold")
    for item in items:
        made, summary = (item.manifest.created, item.manifest.summary) if item.manifest else ("", "damaged")
        mark = "*" if item.current else ""
        style = "" if item.current else "dim"
        table.add_row(mark, item.step, item.folder.name[:12], made, decimal(item.size), summary, style=style)
    total = decimal(sum(item.size for item in items))
    return Group(table, Text(f"\n{len(items)} artifacts, {total}", style="dim"))


def items_document(items: Sequence[Item]) -> list[dict[str, Any]]:
    """The same as JSON values."""
    return [
        {
            "step": item.step,
            "fingerprint": item.folder.name,
            "folder": str(item.folder),
            "bytes": item.size,
            "current": item.current,
            "created": item.manifest.created if item.manifest else None,
        }
        for item in items
    ]
