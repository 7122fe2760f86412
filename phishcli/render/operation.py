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

COLUMNS = {"alerts": "Alerts/day", "true_alerts": "true", "false_alerts": "false", "missed": "Missed", "hours": "Hours"}
IN_USE = "> "


@dataclass(frozen=True)
class SheetView:
    """One block of lines per model, one line per threshold; the interval of the alerts' precision beside it.

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
        costs = self.operation["miss_cost"] is not None
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
        heads = ("Threshold", "Recall", "FPR", *COLUMNS.values(), "Precision", "", *(["Cost/day"] if costs else []))
        table.add_column("Model, rule", no_wrap=True)
        for head in heads:
            table.add_column(head, justify="right", no_wrap=True)
        for model, points in self.sheets.items():
            table.add_row(Text(model, "bold" if model == self.selected else ""))
            for point in points:
                table.add_row(*_row(point, costs=costs), end_section=point is points[-1])
        yield table
        yield Text(f"\n{self._place()}", style="dim")

    def _place(self) -> str:
        place = self.operation
        return (
            f"{IN_USE}in use. {100 * place['base_rate']:g} % positive among {place['volume']:,.0f} a day, "
            f"{place['analyst_minutes']:g} minutes per alert. Thresholds were chosen on the training part, "
            "recall and FPR measured on the test part; --json has an interval of every number."
        )


def _row(point: Mapping[str, Any], *, costs: bool) -> list[Text | str]:
    found = point["quantities"]
    style = "bold" if point["in_use"] else ""
    precision = found["precision"]
    cells = [
        f"{IN_USE if point['in_use'] else '  '}{point['rule']}",
        *(number(point[name]) for name in ("threshold", "recall", "fpr")),
        *(amount(found[name]["value"]) for name in COLUMNS),
        number(precision["value"]),
        f"{number(precision['low'])} to {number(precision['high'])}",
    ]
    if costs:
        cells.append(f"{amount(found['cost']['value'])} ({amounts(found['cost'])})")
    return [Text(cell, style) for cell in cells]
