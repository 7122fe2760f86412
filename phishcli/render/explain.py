"""Which features the models rely on, for the terminal: permutation importance, coefficients and contributions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from rich import box
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from phishcli.documents.explanations import Explanations
from phishcli.render.comparison import broken
from phishcli.render.formats import signed
from phishcli.wording import counted

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

FEATURES = 12
"""Features shown: the most important to any model; ``--json`` has all."""
TOP = 3
"""Features of each model in bold, and listed with its contributions or coefficients."""
UNBOUNDED = 100_000


@dataclass(frozen=True)
class ExplainView:
    """Features as rows and models as columns: the ROC-AUC lost when the values of the feature are shuffled."""

    explained: Mapping[str, Explanations]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in self._blocks(console, options):
            yield table
            yield ""
        rows = max(each.rows for each in self.explained.values())
        more = len(_features(self.explained)) - FEATURES
        rest = f"; {counted(more, 'more feature')} in --json" if more > 0 else ""
        yield Text(
            f"ROC-AUC lost on {rows:,} test rows when the values of a feature are shuffled; bold: the {TOP} most "
            f"important to a model{rest}. Correlated features can replace each other, so each alone may look useless.",
            "dim",
        )
        effects = [line for model, each in self.explained.items() for line in _effects(model, each)]
        if effects:
            yield ""
            yield from effects

    def _blocks(self, console: Console, options: ConsoleOptions) -> list[Table]:
        """Divide the models into as few blocks as the width allows, with at least one model a block."""
        models = list(self.explained)
        for count in range(1, len(models) + 1):
            abreast = ceil(len(models) / count)
            parts = [models[start : start + abreast] for start in range(0, len(models), abreast)]
            blocks = [_table(self.explained, part) for part in parts]
            if all(_width(console, options, block) <= options.max_width for block in blocks):
                break
        return blocks


def _table(explained: Mapping[str, Explanations], models: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="", show_edge=False)
    table.add_column("Feature", overflow="fold")
    for model in models:
        table.add_column(broken(model), justify="right", no_wrap=True)
    drops = {model: {each.feature: each.drop for each in explained[model].permutation} for model in models}
    top = {model: list(found)[:TOP] for model, found in drops.items()}
    for feature in _features(explained)[:FEATURES]:
        cells = [
            Text(signed(drops[m][feature]), "bold" if feature in top[m] else "") if feature in drops[m] else Text("-")
            for m in models
        ]
        table.add_row(Text(feature), *cells)
    return table


def _features(explained: Mapping[str, Explanations]) -> list[str]:
    """All features, ordered by their importance to the model that needs them most."""
    most: dict[str, float] = {}
    for each in explained.values():
        for found in each.permutation:
            most[found.feature] = max(found.drop, most.get(found.feature, found.drop))
    return sorted(most, key=lambda feature: -most[feature])


def _effects(model: str, explanations: Explanations) -> Iterator[Text]:
    """What a model itself provides: coefficients, or the mean size of contributions."""
    if explanations.coefficients:
        largest = sorted(explanations.coefficients.items(), key=lambda pair: -abs(pair[1]))[:TOP]
        listed = ", ".join(f"{name} {value:+.2f}" for name, value in largest)
        yield Text.assemble((model, "bold"), f": log odds per unit of the scaled feature: {listed}")
    elif explanations.contributions:
        listed = ", ".join(f"{each.feature} {each.mean_abs:.2f}" for each in explanations.contributions[:TOP])
        yield Text.assemble((model, "bold"), f": mean absolute contribution in log odds: {listed}")


def _width(console: Console, options: ConsoleOptions, table: Table) -> int:
    return Measurement.get(console, options.update(width=UNBOUNDED), table).maximum
