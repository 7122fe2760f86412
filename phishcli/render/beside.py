"""What stands beside the comparison of models, on a terminal, as text and on the page: a table and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

EVASION = "evasion/<model>/evasion.json"
"""Where the numbers of models under attack come from."""
TIERS, CAMPAIGNS = "tiers/tiers.json", "campaigns/campaigns.json"
"""And those of what is known when, and of rows that are nearly alike."""


@dataclass(frozen=True)
class Beside:
    """A table of texts, whose first column are words, with sentences below it.

    Parameters
    ----------
    title
        What it is about.
    source
        The artifact that its numbers come from.
    heads, rows
        The table; a line break in a cell puts small print below a value.
    findings
        What one should notice.
    explained
        How to read it.
    """

    title: str
    source: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    findings: Sequence[str] = ()
    explained: Sequence[str] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it on a terminal."""
        yield Text(self.title, "bold")
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
        for place, head in enumerate(self.heads):
            table.add_column(head, justify="right" if place else "left", overflow="fold", no_wrap=not place)
        for row in self.rows:
            table.add_row(*map(_with_small_print, row))
        yield table
        yield Text()
        yield from (Text(each) for each in self.findings)
        yield from (Text(each, "dim") for each in self.explained)


def _with_small_print(text: str) -> Text:
    value, mark, small = text.partition("\n")
    return Text.assemble(value, (f"{mark}{small}", "dim"))
