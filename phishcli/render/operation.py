"""The operating sheet for the terminal: what each threshold of each model means in a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from rich import box
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from phishcli.documents.operation import Operation, SheetLine
from phishcli.render.formats import amounts, at_least, at_most, interval, number, shortened
from phishcli.wording import short_percent

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

IN_USE = "> "
UNBOUNDED = 100_000
ALERTS, PRECISION, COST = "Alerts\na day", "Preci-\nsion", "Cost\na day"
LONGEST = 12
"""Longer names of columns are shortened in a heading."""
WITH_INTERVAL = frozenset({ALERTS, PRECISION, COST})

Sheets = Mapping[str, Sequence[SheetLine]]
Row = list[str]


@dataclass(frozen=True)
class Layout:
    """What a table has room for: cost, intervals of these columns, blanks between columns, true and false alerts."""

    costs: bool
    intervals: frozenset[str] = frozenset()
    gap: int = 1
    split: bool = True


@dataclass(frozen=True)
class SheetView:
    """A table per model with a row per threshold; with intervals of alerts, precision and cost if there is room.

    Parameters
    ----------
    sheets
        For each model what `phishcli.evaluation.operation.operating_sheet` gives.
    operation
        The operation that they were worked out for.
    selected
        The selected model.
    """

    sheets: Sheets
    operation: Operation
    selected: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for model, drawn in self._drawn(console, options).items():
            yield Text.assemble((model, "bold"), " (selected)" if model == self.selected else "")
            yield from drawn
            yield ""
        yield Text(self._legend(), style="dim")

    def _drawn(self, console: Console, options: ConsoleOptions) -> Mapping[str, Sequence[Table | Text]]:
        """Tables with intervals, or without, or a few lines of text for each threshold: the first that fits."""
        costs = self.operation.miss_cost is not None
        some = product((WITH_INTERVAL, WITH_INTERVAL - {ALERTS}, frozenset()), (1, 0))
        layouts = [Layout(costs, intervals, gap) for intervals, gap in some] + [Layout(costs, split=False)]
        for layout in layouts:
            tables = _tables(self.sheets, layout)
            if all(_fits(console, options, table) for table in tables.values()):
                return {model: [table] for model, table in tables.items()}
        return {model: [_lines(point) for point in points] for model, points in self.sheets.items()}

    def _legend(self) -> str:
        place = self.operation
        costs = "" if place.miss_cost is None else f", {place.miss_cost:,g} per miss, {place.hour_cost:,g} per hour"
        return (
            f"{IN_USE}in use. {short_percent(place.base_rate)} positive among {place.volume:,.0f} a day, "
            f"{place.analyst_minutes:g} minutes per alert{costs}. "
            "Precision is the share of alerts that are true; ≥ and ≤ mark bounds if no false alert was seen. "
            f"{''.join(map(_explained, _non_missing(self.sheets)))}"
            "Thresholds were chosen on the training part, recall and FPR measured on the test part; "
            "--json has an interval for every number."
        )


def _tables(sheets: Sheets, layout: Layout) -> dict[str, Table]:
    """One table per model, with columns of the same width."""
    heads = _heads(_non_missing(sheets), layout)
    rows = {model: [_row(point, layout) for point in points] for model, points in sheets.items()}
    widths = [max(len(row[position]) for each in rows.values() for row in each) for position in range(len(heads))]
    return {model: _table(heads, widths, rows[model], sheets[model], layout.gap) for model in sheets}


def _non_missing(sheets: Sheets) -> list[str]:
    """Columns whose missing values give the label away; the same for every threshold."""
    return list(next(iter(sheets.values()))[0].recall_non_missing)


def _explained(column: str) -> str:
    return f"with {column}: recall on rows that have a value, since a missing one alone reveals the label. "


def _heads(non_missing: Iterable[str], layout: Layout) -> Row:
    names = [
        "Rule",
        "Thres-\nhold",
        "Recall",
        *(f"with\n{shortened(column, LONGEST)}" for column in non_missing),
        "FPR",
        ALERTS,
        *(["True", "False"] if layout.split else []),
        "Hours",
        PRECISION,
        *([COST] if layout.costs else []),
    ]
    return [head for name in names for head in (name, *([""] if name in layout.intervals else []))]


def _row(point: SheetLine, layout: Layout) -> Row:
    found = point.quantities

    def bounded(head: str, value: str, bounds: str) -> Row:
        return [value, bounds] if head in layout.intervals else [value]

    return [
        f"{IN_USE if point.in_use else '  '}{point.rule}",
        *map(number, (point.threshold, point.recall, *point.recall_non_missing.values(), point.fpr)),
        *bounded(ALERTS, at_most(found.alerts), amounts(found.alerts)),
        *map(at_most, (found.true_alerts, found.false_alerts) if layout.split else ()),
        at_most(found.hours),
        *bounded(PRECISION, at_least(found.precision), interval(found.precision)),
        *(bounded(COST, at_most(found.cost), amounts(found.cost)) if found.cost else []),
    ]


def _table(heads: Row, widths: Sequence[int], rows: Sequence[Row], points: Sequence[SheetLine], gap: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, gap, 0, 0), show_edge=False)
    for head, width in zip(heads, widths, strict=True):
        words = head in ("Rule", "")
        table.add_column(head, justify="left" if words else "right", min_width=width, no_wrap=True)
    for row, point in zip(rows, points, strict=True):
        style = "bold" if point.in_use else ""
        table.add_row(*(Text(cell, style if head else "dim") for head, cell in zip(heads, row, strict=True)))
    return table


def _lines(point: SheetLine) -> Text:
    """The same for a narrow terminal."""
    rule = f"{IN_USE if point.in_use else '- '}{point.rule}"
    return Text("\n  ".join([rule, *_values(point)]))


def _values(point: SheetLine) -> Iterator[str]:
    found = point.quantities
    yield f"threshold {number(point.threshold)}"
    yield f"recall {number(point.recall)}, FPR {number(point.fpr)}"
    yield from (f"recall {number(recall)} with {column}" for column, recall in point.recall_non_missing.items())
    yield f"{at_most(found.alerts)} alerts a day"
    yield f"{at_most(found.true_alerts)} true, {at_most(found.false_alerts)} false"
    yield f"precision {at_least(found.precision)}"
    yield f"{at_most(found.hours)} hours"
    if found.cost:
        yield f"cost {at_most(found.cost)} a day"


def _fits(console: Console, options: ConsoleOptions, table: Table) -> bool:
    return Measurement.get(console, options.update(width=UNBOUNDED), table).maximum <= options.max_width
