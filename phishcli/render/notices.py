"""What a run has to say about the data and the result, with a label for each line, most severe first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from phishcli.events import Notice

STYLES = {"error": "bold red", "failed": "red", "warning": "yellow"}
"""Styles of labels; other labels are dim."""


def labeled(notices: Iterable[Notice]) -> list[tuple[str, str]]:
    """Give each notice once, with the label of its severity, warnings first."""
    lines = dict.fromkeys(("warning" if each.level == "warning" else "note", each.message) for each in notices)
    return sorted(lines, key=lambda line: line[0] != "warning")


def lines_table(lines: Sequence[tuple[str, str]]) -> Table:
    """Draw labels and texts as two columns, in which long texts are indented."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(min_width=9, no_wrap=True)
    grid.add_column(overflow="fold")
    for label, text in lines:
        grid.add_row(Text(label, STYLES.get(label, "dim")), Text(text))
    return grid
