"""What a search found, for the terminal: the best trials of each model, and how far they are apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from phishcli.render.formats import number, settings

ROWS = 3
"""Trials shown of each model."""


@dataclass(frozen=True)
class SearchView:
    """The best trials of every model that was tuned.

    Parameters
    ----------
    tuned
        Per model what ``training.json`` says under ``tuned``.
    """

    tuned: Mapping[str, Mapping[str, Any]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, expand=True)
        table.add_column("Search", no_wrap=True)
        table.add_column(self._metric(), justify="right", no_wrap=True)
        table.add_column("Behind", justify="right", no_wrap=True)
        table.add_column("Parameters", ratio=1, no_wrap=True, overflow="ellipsis")
        for model, found in self.tuned.items():
            for row in _rows(model, found):
                table.add_row(*row)
        yield table
        yield ""
        for model, found in self.tuned.items():
            yield Text.assemble((model, "bold"), f": {effort(found)}. {margin(found)}")

    def _metric(self) -> str:
        return str(next(iter(self.tuned.values()))["scoring"])


def _rows(model: str, found: Mapping[str, Any]) -> Iterator[tuple[Text | str, ...]]:
    for place, trial in enumerate(found["best_trials"][:ROWS]):
        behind = "" if place == 0 or trial["behind"] is None else f"{trial['behind']:.1f} SE"
        name = Text(model, "bold") if place == 0 else ""
        yield (
            name,
            Text(number(trial["score"]), "bold" if place == 0 else ""),
            Text(behind, "dim"),
            settings(trial["params"]),
        )


def effort(found: Mapping[str, Any]) -> str:
    """How many trials there were, and what became of them."""
    fates = [f"{found[f'n_{fate}']:,} {fate}" for fate in ("complete", "dropped", "failed", "unfinished")]
    told = ", ".join(fate for fate in fates if not fate.startswith("0 "))
    return f"{found['n_trials']:,} trials ({told}) in {found['n_fits']:,} fits"


def margin(found: Mapping[str, Any]) -> str:
    """How far the winner is ahead, measured by the noise of the folds."""
    within, complete = found["n_within_error"], found["n_complete"]
    if complete == 1:
        return "No other trial came as far."
    if within > 1:
        return f"The first {within:,} trials are within one standard error: between them the search found only noise."
    behind = found["best_trials"][1]["behind"]
    if behind is None:
        return "The next trial is behind on every fold by the same amount."
    return f"The next trial is {behind:.1f} standard errors behind."
