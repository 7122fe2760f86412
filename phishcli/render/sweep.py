"""A sweep for the terminal: the combinations, best first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from phishcli.evaluation.metrics import METRICS
from phishcli.render.formats import number, signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, ConsoleOptions, RenderResult


WIDE = 100
"""Columns from which there is room for intervals."""


@dataclass(frozen=True)
class SweepTable:
    """One line a combination; ``variants`` as of `phishcli.sweep.Variant`."""

    metric: str
    variants: Sequence[Any]
    verdict: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        label = next(each.label for each in METRICS if each.name == self.metric)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
        for key in self.variants[0].settings:
            table.add_column(key.rpartition(".")[2], no_wrap=True)
        table.add_column("Selected", no_wrap=True)
        wide = options.max_width >= WIDE
        for head in (f"CV {label[0].lower()}{label[1:]}", "test", "behind", *(["interval"] if wide else [])):
            table.add_column(head, justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        for place, each in enumerate(self.variants):
            table.add_row(*_cells(each, wide=wide, first=not place), style="" if place else "bold")
        yield table
        yield Text("\n~ statistically tied with the first (corrected t-test over the folds)", "dim")
        yield Text(f"\n{self.verdict}")


def _cells(variant: Any, *, wide: bool, first: bool) -> list[str]:
    behind, bounds = "", ""
    if variant.difference is not None:
        behind, bounds = signed(-variant.difference), f"{signed(-variant.high)} to {signed(-variant.low)}"
    mark = "" if first or variant.significant is not False else "~"
    scores = [number(variant.cv), number(variant.test), behind, *([bounds] if wide else [])]
    return [*variant.settings.values(), variant.model, *scores, mark]
