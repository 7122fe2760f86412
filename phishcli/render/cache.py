"""The cache as a table and as a document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from phishcli.wording import counted, listed

if TYPE_CHECKING:
    from phishcli.artifacts.maintenance import Item

KINDS = (("artifact", "artifacts"), ("trial ledger", "trial ledgers"), ("source copy", "source copies"))
"""What the cache holds, in singular and plural."""


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
    return Group(table, Text(f"\n{tally(len(items) - ledgers, ledgers)}, {total}", style="dim"))


def tally(*numbers: int, of: Sequence[int] | None = None) -> str:
    """``8 artifacts``, ``8 artifacts, 2 trial ledgers and 1 source copy``: of `KINDS`, without those there are none of.

    Parameters
    ----------
    of
        How many there are of each kind in all, for ``3 of 8 artifacts``.
    """
    totals = of or numbers
    kinds = [
        f"{number:,} of {total:,} {kind[1]}" if of else counted(number, *kind)
        for number, total, kind in zip(numbers, totals, KINDS, strict=False)
        if total or kind == KINDS[0]
    ]
    return listed(kinds)


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
