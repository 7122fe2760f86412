"""What each threshold of the selected model means in operation, and how the model does on parts of the rows."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from phishcli.documents.operation import SheetLine
from phishcli.documents.segments import Segment
from phishcli.documents.summary import Summary
from phishcli.render.formats import at_least, at_most, number
from phishcli.render.text.layout import Row, bounds, section, table, with_bounds
from phishcli.render.words import in_operation


def operation(summary: Summary) -> Iterator[RenderableType]:
    """The operating sheet of the selected model."""
    yield from section(f"{summary.selection.model} in operation", summary.operation.source)
    yield f"{in_operation(summary)}.\n"
    non_missing = [f"recall with\n{column}" for column in summary.selection.missingness]
    heads = ("rule", "threshold", "recall", *non_missing, "FPR", "alerts", "of these true", "hours")
    yield table(heads, [_threshold(line) for line in summary.operating_sheet])


def _threshold(line: SheetLine) -> Row:
    found = line.quantities
    return (
        f"{line.rule}{' (in use)' if line.in_use else ''}",
        *map(number, (line.threshold, line.recall, *line.recall_non_missing.values(), line.fpr)),
        at_most(found.alerts),
        f"{at_least(found.precision)}{bounds(found.precision)}",
        at_most(found.hours),
    )


def segments(summary: Summary) -> Iterator[RenderableType]:
    """The scores of the selected model on parts of the test rows; nothing if there are none."""
    if found := summary.selected_segments:
        yield from section("Segments", summary.segments.source)
        heads = ("part", "segment", "rows", "positive", "accuracy", "recall", "FPR")
        yield table(heads, [_segment(each) for each in found], left=2)


def _segment(segment: Segment) -> Row:
    rates = (number(score.value) for score in (segment.recall, segment.fpr))
    counts = f"{segment.n:,}", f"{segment.n_positive:,}"
    return segment.column, segment.shown, *counts, with_bounds(segment.accuracy), *rates
