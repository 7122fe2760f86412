"""Scores on parts of the rows: what they mean, and as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from phishcli.evaluation.segments import PRESENT, WITH_OR_WITHOUT
from phishcli.render.formats import counted, interval, number

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

MOST = 12
"""Segments of a column that are shown."""

Segment = Mapping[str, Any]


def telling(rows: Sequence[Segment]) -> list[Segment]:
    """The segments in which a value whose absence gives the label away is there, if they are large enough."""
    return [
        row
        for row in rows
        if row["segment"] == PRESENT and row["column"].endswith(WITH_OR_WITHOUT) and row["accuracy"] is not None
    ]


def column_of(row: Segment) -> str:
    """The column by which a segment was parted from others."""
    return str(row["column"]).removesuffix(WITH_OR_WITHOUT)


def baseline_of(row: Segment) -> float:
    """The accuracy that always giving the more frequent answer would reach on a segment."""
    return max(int(row["n_positive"]), int(row["n"]) - int(row["n_positive"])) / int(row["n"])


def bounds_of(row: Segment, name: str) -> dict[str, Any]:
    """The interval of a score on a segment."""
    return {end: row[f"{name}_{end}"] for end in ("low", "high")}


@dataclass(frozen=True)
class SegmentView:
    """The scores of the selected model on parts of the test rows, a table per column.

    Parameters
    ----------
    segments
        ``segments`` of ``selection.json``, the worst of a column first.
    model
        The selected model.
    """

    segments: Sequence[Segment]
    model: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for column, found in groupby(self.segments, key=lambda row: row["column"]):
            rows = list(found)
            yield Text.assemble((f"{self.model} by {column}", "bold"), (", the worst first", "dim"))
            yield _table(rows[:MOST])
            if rows[MOST:]:
                yield Text(f"and {counted(len(rows) - MOST, 'segment')} more in evaluate/segments.parquet", "dim")
            yield ""


def _table(rows: Sequence[Segment]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False, header_style="")
    table.add_column("Segment", overflow="fold")
    for head in ("Rows", "Positive", "Accuracy", "", "Recall", "FPR"):
        table.add_column(head, justify="right" if head else "left", no_wrap=True)
    for row in rows:
        table.add_row(
            Text(str(row["segment"])),
            *(f"{row[name]:,}" for name in ("n", "n_positive")),
            Text(number(row["accuracy"]), "bold"),
            Text(interval(bounds_of(row, "accuracy")), "dim"),
            *(number(row[name]) for name in ("recall", "fpr")),
        )
    return table
