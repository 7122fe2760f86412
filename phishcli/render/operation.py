"""The operating-point sheet for the terminal: what each threshold of each model means in a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from phishcli.render.formats import amount, amounts, number

COUNTS = {
    "alerts": ("Alerts a day", 12),
    "true_alerts": ("true", 6),
    "false_alerts": ("false", 8),
    "hours": ("Hours", 6),
}
"""Heading and width of the columns of counts."""
IN_USE = "> "


@dataclass(frozen=True)
class SheetView:
    """A table per model, one line per threshold, with the intervals of precision and cost.

    Parameters
    ----------
    sheets
        Per model what `phishcli.stages.report.operating_sheet` gives.
    operation
        The settings that they were worked out for.
    selected
        The selected model.
    """

    sheets: Mapping[str, Sequence[Mapping[str, Any]]]
    operation: Mapping[str, Any]
    selected: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for model, points in self.sheets.items():
            yield Text.assemble((model, "bold"), " (selected)" if model == self.selected else "")
            yield _table(points, costs=self.operation["miss_cost"] is not None)
            yield ""
        yield Text(self._place(), style="dim")

    def _place(self) -> str:
        place = self.operation
        return (
            f"{IN_USE}in use. {100 * place['base_rate']:g} % positive among {place['volume']:,.0f} a day, "
            f"{place['analyst_minutes']:g} minutes per alert. Thresholds were chosen on the training part, "
            "recall and FPR measured on the test part; --json has an interval of every number."
        )


def _table(points: Sequence[Mapping[str, Any]], *, costs: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("Rule", min_width=15, no_wrap=True)
    for name in ("Threshold", "Recall", "FPR"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, width in COUNTS.values():
        table.add_column(name, justify="right", min_width=width, no_wrap=True)
    for name in ("Precision", *(["Cost a day"] if costs else [])):
        table.add_column(name, justify="right", no_wrap=True)
        table.add_column("", min_width=14, no_wrap=True)
    for point in points:
        table.add_row(*_row(point, costs=costs))
    return table


def _row(point: Mapping[str, Any], *, costs: bool) -> list[Text]:
    found = point["quantities"]
    precision = found["precision"]
    cells = [
        (f"{IN_USE if point['in_use'] else '  '}{point['rule']}", ""),
        *((number(point[name]), "") for name in ("threshold", "recall", "fpr")),
        *((amount(found[name]["value"]), "") for name in COUNTS),
        (f"{precision['value']:.3f}", ""),
        (f"{precision['low']:.3f} to {precision['high']:.3f}", "dim"),
    ]
    if costs:
        cells += [(amount(found["cost"]["value"]), ""), (amounts(found["cost"]), "dim")]
    return [Text(cell, style or ("bold" if point["in_use"] else "")) for cell, style in cells]
