"""What a search found, for the terminal: the best trials of each model, and how far they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from phishcli.documents.training import SearchSummary
from phishcli.render.formats import number, settings
from phishcli.wording import counted

ROWS = 3
"""Trials shown of each model."""


@dataclass(frozen=True)
class SearchView:
    """The best trials of every model that was tuned, by the name of the model."""

    searches: Mapping[str, SearchSummary]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, expand=True)
        table.add_column("Search", no_wrap=True)
        table.add_column(next(iter(self.searches.values())).scoring, justify="right", no_wrap=True)
        table.add_column("Behind", justify="right", no_wrap=True)
        table.add_column("Parameters", ratio=1, no_wrap=True, overflow="ellipsis")
        for model, search in self.searches.items():
            for row in _rows(model, search):
                table.add_row(*row)
        yield table
        yield ""
        for model, search in self.searches.items():
            yield Text.assemble((model, "bold"), f": {effort(search)}. {margin(search)}")


def _rows(model: str, search: SearchSummary) -> Iterator[tuple[Text | str, ...]]:
    for place, trial in enumerate(search.best_trials[:ROWS]):
        behind = "" if place == 0 or trial.behind is None else f"{trial.behind:.1f} SE"
        name = Text(model, "bold") if place == 0 else ""
        score = Text(number(trial.score), "bold" if place == 0 else "")
        yield name, score, Text(behind, "dim"), settings(trial.params)


def effort(search: SearchSummary) -> str:
    """Count the trials by their status, and the fits: ``50 trials (2 complete, 48 pruned) in 97 fits``."""
    counts = {
        "complete": search.n_complete,
        "pruned": search.n_pruned,
        "failed": search.n_failed,
        "unfinished": search.n_unfinished,
    }
    listed = ", ".join(f"{count:,} {status}" for status, count in counts.items() if count)
    return f"{counted(search.n_trials, 'trial')} ({listed}) in {counted(search.n_fits, 'fit')}"


def margin(search: SearchSummary) -> str:
    """Compare the lead of the winner with the noise of the folds."""
    if search.n_complete == 1:
        return "No other trial was completed."
    if search.n_within_error > 1:
        return (
            f"The best {search.n_within_error:,} trials are within one standard error: "
            "the differences between them are noise."
        )
    behind = search.best_trials[1].behind
    if behind is None:
        return "The next trial is behind by the same amount on every fold."
    return f"The next trial is {behind:.1f} standard errors behind."
