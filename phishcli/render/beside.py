"""What stands beside the comparison of models, on a terminal, as text and on the page: a table and what it means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

EVASION = "evasion/<model>/evasion.json"
"""Where the numbers of models under attack come from."""
TIERS, CAMPAIGNS = "tiers/tiers.json", "campaigns/campaigns.json"
"""And those of what is known when, and of rows that are nearly alike."""
GAP = 3
"""Blanks between columns: one is Rich's line between them."""
WRAPPED = 28
"""Letters from which on a text is wrapped, but for the words of the first column."""


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
        for places in self._blocks(options.max_width):
            yield self._table(places)
            yield Text()
        yield from (Text(each) for each in self.findings)
        yield from (Text(each, "dim") for each in self.explained)

    def _blocks(self, width: int) -> Iterator[list[int]]:
        """Divide the columns over as many tables as are needed for none to be too wide, each with the first column."""
        block = [0]
        for place in range(1, len(self.heads)):
            if len(block) > 1 and sum(map(self._width, [*block, place])) > width + GAP:
                yield block
                block = [0]
            block.append(place)
        yield block

    def _width(self, place: int) -> int:
        """The width of a column in which no number is broken, with the gap to the next one."""
        lines = [line for row in (self.heads, *self.rows) for line in row[place].split("\n")]
        widest = max(map(len, lines))
        return GAP + (widest if not place or widest <= WRAPPED else max(WRAPPED, *map(len, " ".join(lines).split())))

    def _table(self, places: Sequence[int]) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, GAP - 1, 0, 0), show_edge=False)
        for place in places:
            how: Literal["right", "left"] = "right" if place else "left"
            table.add_column(self.heads[place], justify=how, overflow="fold", width=self._width(place) - GAP)
        for row in self.rows:
            table.add_row(*(_with_small_print(row[place]) for place in places))
        return table


def _with_small_print(text: str) -> Text:
    value, mark, small = text.partition("\n")
    return Text.assemble(value, (f"{mark}{small}", "dim"))
