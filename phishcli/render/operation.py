"""The operating-point sheet for the terminal: what each threshold of each model means in a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from rich import box
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from phishcli.render.formats import amounts, at_least, at_most, interval, number, shortened

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

IN_USE = "> "
UNBOUNDED = 100_000
ALERTS, RIGHT, COST = "Alerts\na day", "Right", "Cost\na day"
LONGEST = 12
"""Characters of the name of a column in a head."""
WITH_INTERVAL = frozenset({ALERTS, RIGHT, COST})

Point = Mapping[str, Any]
Row = list[str]


@dataclass(frozen=True)
class SheetView:
    """A table per model, one line per threshold; with the intervals of alerts, precision and cost where there is room.

    Parameters
    ----------
    sheets
        Per model what `phishcli.render.assemble.operating_sheet` gives.
    operation
        The settings that they were worked out for.
    selected
        The selected model.
    """

    sheets: Mapping[str, Sequence[Point]]
    operation: Mapping[str, Any]
    selected: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for model, drawn in self._drawn(console, options).items():
            yield Text.assemble((model, "bold"), " (selected)" if model == self.selected else "")
            yield from drawn
            yield ""
        yield Text(self._place(), style="dim")

    def _drawn(self, console: Console, options: ConsoleOptions) -> Mapping[str, Sequence[Table | Text]]:
        """Tables with intervals, or without, or a few lines of words for each threshold: the first that fits."""
        costs = self.operation["miss_cost"] is not None
        for intervals, gap in product((WITH_INTERVAL, WITH_INTERVAL - {ALERTS}, frozenset()), (1, 0)):
            tables = _tables(self.sheets, costs=costs, intervals=intervals, gap=gap)
            if all(_fits(console, options, table) for table in tables.values()):
                return {model: [table] for model, table in tables.items()}
        return {model: [_words(point, costs=costs) for point in points] for model, points in self.sheets.items()}

    def _place(self) -> str:
        place = self.operation
        costs = "" if place["miss_cost"] is None else ", a missed one costs {:,g}, an hour {:,g}"
        return (
            f"{IN_USE}in use. {100 * place['base_rate']:g} % positive among {place['volume']:,.0f} a day, "
            f"{place['analyst_minutes']:g} minutes per alert{costs.format(place['miss_cost'], place['hour_cost'])}. "
            "Right is the share of alerts that are true; ≥ and ≤ where no false alert was seen. "
            f"{''.join(map(_explained, _telling(self.sheets)))}"
            "Thresholds were chosen on the training part, recall and FPR "
            "measured on the test part; --json has an interval of every number."
        )


def _tables(
    sheets: Mapping[str, Sequence[Point]], *, costs: bool, intervals: frozenset[str], gap: int
) -> dict[str, Table]:
    """One table per model, their columns of the same width."""
    heads = _heads(_telling(sheets), costs=costs, intervals=intervals)
    rows = {model: [_row(point, costs=costs, intervals=intervals) for point in sheets[model]] for model in sheets}
    widths = [max(len(row[position]) for each in rows.values() for row in each) for position in range(len(heads))]
    return {model: _table(heads, widths, rows[model], sheets[model], gap) for model in sheets}


def _telling(sheets: Mapping[str, Sequence[Point]]) -> list[str]:
    """Columns whose absence gives the label away; the same in every line."""
    return list(next(iter(sheets.values()))[0]["recall_where_present"])


def _explained(column: str) -> str:
    return f"with {column} is the recall on the rows that have it, since its absence gives the label away. "


def _heads(present: Iterable[str], *, costs: bool, intervals: frozenset[str]) -> Row:
    names = [
        "Rule",
        "Thres-\nhold",
        "Recall",
        *(f"with\n{shortened(column, LONGEST)}" for column in present),
        "FPR",
        ALERTS,
        "True",
        "False",
        "Hours",
        RIGHT,
        *([COST] if costs else []),
    ]
    return [head for name in names for head in (name, *([""] if name in intervals else []))]


def _row(point: Point, *, costs: bool, intervals: frozenset[str]) -> Row:
    found = point["quantities"]

    def bounded(head: str, value: str, bounds: str) -> Row:
        return [value, bounds] if head in intervals else [value]

    return [
        f"{IN_USE if point['in_use'] else '  '}{point['rule']}",
        *(number(point[name]) for name in ("threshold", "recall")),
        *map(number, point["recall_where_present"].values()),
        number(point["fpr"]),
        *bounded(ALERTS, at_most(found["alerts"]), amounts(found["alerts"])),
        *(at_most(found[name]) for name in ("true_alerts", "false_alerts", "hours")),
        *bounded(RIGHT, at_least(found["precision"]), interval(found["precision"])),
        *(bounded(COST, at_most(found["cost"]), amounts(found["cost"])) if costs else []),
    ]


def _table(heads: Row, widths: Sequence[int], rows: Sequence[Row], points: Sequence[Point], gap: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, gap, 0, 0), show_edge=False)
    for head, width in zip(heads, widths, strict=True):
        words = head in ("Rule", "")
        table.add_column(head, justify="left" if words else "right", min_width=width, no_wrap=True)
    for row, point in zip(rows, points, strict=True):
        style = "bold" if point["in_use"] else ""
        table.add_row(*(Text(cell, style if head else "dim") for head, cell in zip(heads, row, strict=True)))
    return table


def _words(point: Point, *, costs: bool) -> Text:
    """The same for a narrow terminal."""
    return Text("\n  ".join([f"{IN_USE if point['in_use'] else '- '}{point['rule']}", *_told(point, costs=costs)]))


def _told(point: Point, *, costs: bool) -> Iterator[str]:
    found = point["quantities"]
    value = {name: at_most(each) for name, each in found.items() if name != "precision"}
    yield f"threshold {number(point['threshold'])}"
    yield f"recall {number(point['recall'])}, FPR {number(point['fpr'])}"
    yield from (f"recall {number(of)} with {column}" for column, of in point["recall_where_present"].items())
    yield f"{value['alerts']} alerts a day"
    yield f"{value['true_alerts']} true, {value['false_alerts']} false"
    yield f"right {at_least(found['precision'])}"
    yield f"{value['hours']} hours"
    if costs:
        yield f"cost {value['cost']} a day"


def _fits(console: Console, options: ConsoleOptions, table: Table) -> bool:
    return Measurement.get(console, options.update(width=UNBOUNDED), table).maximum <= options.max_width
