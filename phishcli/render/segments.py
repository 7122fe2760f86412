"""Scores on parts of the rows, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table
from rich.text import Text

from phishcli.documents.segments import Segment
from phishcli.render.formats import interval, number
from phishcli.wording import counted

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

MOST = 12
"""Segments shown per column."""


@dataclass(frozen=True)
class SegmentView:
    """The scores of the selected model on parts of the test rows, a table per column.

    Parameters
    ----------
    segments
        Those of the selected model, lowest accuracy first within a column.
    model
        The selected model.
    """

    segments: Sequence[Segment]
    model: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for title, found in groupby(self.segments, key=lambda segment: segment.title):
            rows = list(found)
            yield Text.assemble((f"{self.model} by {title}", "bold"), (", lowest accuracy first", "dim"))
            yield _table(rows[:MOST])
            if rows[MOST:]:
                yield Text(f"and {counted(len(rows) - MOST, 'more segment')} in evaluate/segments.parquet", "dim")
            yield ""


def _table(segments: Sequence[Segment]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False, header_style="")
    table.add_column("Segment", overflow="fold")
    for head in ("Rows", "Positive", "Accuracy", "", "Recall", "FPR"):
        table.add_column(head, justify="right" if head else "left", no_wrap=True)
    for segment in segments:
        table.add_row(
            Text(segment.shown),
            *(f"{count:,}" for count in (segment.n, segment.n_positive)),
            Text(number(segment.accuracy.value), "bold"),
            Text(interval(segment.accuracy), "dim"),
            *(number(score.value) for score in (segment.recall, segment.fpr)),
        )
    return table
