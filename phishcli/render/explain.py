"""What the models look at, for the terminal: features by what is lost without them, and which way they push."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from rich import box
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from phishcli.render.comparison import broken
from phishcli.render.formats import signed

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

FEATURES = 12
"""Features shown, those that matter most to any model; ``--json`` has all."""
TOP = 3
"""Features of each model in bold, and named of its contributions and coefficients."""
UNBOUNDED = 100_000

Explanation = Mapping[str, Any]


@dataclass(frozen=True)
class ExplainView:
    """A feature a line and a model a column: the ROC-AUC lost when the values of the feature are shuffled.

    Parameters
    ----------
    explained
        Per model ``explanations.json``.
    """

    explained: Mapping[str, Explanation]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in self._blocks(console, options):
            yield table
            yield ""
        rows = max(each["rows"] for each in self.explained.values())
        more = len(_features(self.explained)) - FEATURES
        rest = f"; {more} more features in --json" if more > 0 else ""
        yield Text(
            f"ROC-AUC lost on {rows:,} test rows when the values of a feature are shuffled; bold: the {TOP} that a "
            f"model needs most{rest}. Features that say the same stand in for each other: each alone may look useless.",
            "dim",
        )
        pushes = [line for model, each in self.explained.items() for line in _pushes(model, each)]
        if pushes:
            yield ""
            yield from pushes

    def _blocks(self, console: Console, options: ConsoleOptions) -> list[Table]:
        """Part the models into as few blocks as the width allows; one model a block is always taken."""
        models = list(self.explained)
        for count in range(1, len(models) + 1):
            abreast = ceil(len(models) / count)
            parts = [models[start : start + abreast] for start in range(0, len(models), abreast)]
            blocks = [_table(self.explained, part) for part in parts]
            if all(_width(console, options, block) <= options.max_width for block in blocks):
                break
        return blocks


def _table(explained: Mapping[str, Explanation], models: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="", show_edge=False)
    table.add_column("Feature", overflow="fold")
    for model in models:
        table.add_column(broken(model), justify="right", no_wrap=True)
    drops = {model: {each["feature"]: each["drop"] for each in explained[model]["permutation"]} for model in models}
    top = {model: list(found)[:TOP] for model, found in drops.items()}
    for feature in _features(explained)[:FEATURES]:
        cells = [
            Text(signed(drops[m][feature]), "bold" if feature in top[m] else "") if feature in drops[m] else Text("-")
            for m in models
        ]
        table.add_row(Text(feature), *cells)
    return table


def _features(explained: Mapping[str, Explanation]) -> list[str]:
    """All features, those first that some model would miss most."""
    most: dict[str, float] = {}
    for each in explained.values():
        for found in each["permutation"]:
            most[found["feature"]] = max(found["drop"], most.get(found["feature"], found["drop"]))
    return sorted(most, key=lambda feature: -most[feature])


def _pushes(model: str, explanation: Explanation) -> Iterator[Text]:
    """What a model says of itself: coefficients, or the mean size of contributions."""
    if explanation["coefficients"]:
        largest = sorted(explanation["coefficients"].items(), key=lambda pair: -abs(pair[1]))[:TOP]
        told = ", ".join(f"{name} {value:+.2f}" for name, value in largest)
        yield Text.assemble((model, "bold"), f": log odds per unit of the scaled feature: {told}")
    elif explanation["contributions"]:
        told = ", ".join(f"{each['feature']} {each['mean_abs']:.2f}" for each in explanation["contributions"][:TOP])
        yield Text.assemble((model, "bold"), f": mean size of the contributions in log odds: {told}")


def _width(console: Console, options: ConsoleOptions, table: Table) -> int:
    return Measurement.get(console, options.update(width=UNBOUNDED), table).maximum
