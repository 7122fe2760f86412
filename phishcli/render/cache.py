"""The cache as a table and as a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from phishcli.artifacts.maintenance import Item


KINDS = ("artifacts", "trial ledgers", "copies of sources")


def items_table(items: Sequence[Item]) -> Group | Text:
    """One line an artifact or trial ledger, the current ones marked, and the total."""
    if not items:
        return Text("The cache is empty; `phish run-all` fills it.")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "Step", "Fingerprint", "Made"):
        table.add_column(heading, no_wrap=True)
    table.add_column("Size", justify="right", no_wrap=True)
    table.add_column("Summary", overflow="fold")
    for item in items:
        mark, style = ("*", "") if item.current else ("", "dim")
        summary = "damaged" if item.summary is None else item.summary
        size = decimal(item.size)
        table.add_row(mark, item.step, item.fingerprint[:12], (item.created or "")[:19], size, summary, style=style)
    ledgers = sum(item.is_ledger for item in items)
    total = decimal(sum(item.size for item in items))
    return Group(table, Text(f"\n{counted(len(items) - ledgers, ledgers)}, {total}", style="dim"))


def counted(*numbers: int | str) -> str:
    """``8 artifacts``, ``8 artifacts, 2 trial ledgers and 1 copies of sources``: of `KINDS`, without what is none."""
    told = [f"{number} {kind}" for number, kind in zip(numbers, KINDS, strict=False) if number or kind == KINDS[0]]
    return " and ".join(part for part in (", ".join(told[:-1]), told[-1]) if part)


def items_document(items: Sequence[Item]) -> list[dict[str, Any]]:
    """The same as JSON values."""
    return [
        {
            "step": item.step,
            "fingerprint": item.fingerprint,
            "folder": str(item.path),
            "bytes": item.size,
            "current": item.current,
            "created": item.created,
        }
        for item in items
    ]
