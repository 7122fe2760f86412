"""The history of runs, and how two of them differ, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from phishcli.documents.run import Run
from phishcli.evaluation.runs import RunComparison, ScoreDifference, compared_metrics, differences
from phishcli.render.comparison import broken
from phishcli.render.formats import interval, number, plain, signed
from phishcli.wording import counted

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

CHANGES = 2
"""Changes named per run in the list."""
LONGEST = 60
"""Characters of a value that are shown."""
WIDE = 110
"""Columns from which a list of runs has room for intervals and whole names."""


@dataclass(frozen=True)
class RunsTable:
    """One line a run, newest last, with what it changed against the one before."""

    runs: Sequence[Run]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not self.runs:
            yield Text("No runs yet; start one with `phish run-all`.")
            return
        wide = options.max_width >= WIDE
        table = _table()
        for head in ("Run", "When (UTC)"):
            table.add_column(head, no_wrap=True)
        table.add_column("Rows", justify="right", no_wrap=True)
        table.add_column("Selected", no_wrap=True)
        table.add_column("Accuracy", justify="right", no_wrap=True)
        if wide:
            table.add_column("", no_wrap=True, style="dim")
        table.add_column("Changed", overflow="fold")
        for position, run in enumerate(self.runs):
            changed = _changes(self.runs[position - 1], run) if position else Text("first run", "dim")
            table.add_row(*_run(run, wide=wide), changed)
        yield table


def _run(run: Run, *, wide: bool) -> list[str]:
    score = run.models[run.selected].metrics["accuracy"]
    return [
        run.id,
        run.created[:16].replace("T", " "),
        f"{run.rows:,}",
        run.selected if wide else broken(run.selected),
        number(score.value),
        *([interval(score)] if wide else []),
    ]


def _changes(old: Run, new: Run) -> Text:
    found = differences(old, new)
    named = [f"{key} {plain(after)}" for key, (_, after) in found.config.items()]
    named += ["the data"] if old.sha256 != new.sha256 else []
    named += [counted(len(found.versions), "version")] if found.versions else []
    more = len(named) - CHANGES
    text = ", ".join([*(name[:LONGEST] for name in named[:CHANGES]), *([f"{more} more"] if more > 0 else [])])
    return Text(text or "nothing recorded", "" if text else "dim")


@dataclass(frozen=True)
class ComparisonView:
    """Settings, data, versions and scores of two runs, only where they differ."""

    old: Run
    new: Run
    comparison: RunComparison

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        found = self.comparison
        yield Text.assemble("From ", (self.old.id, "bold"), " to ", (self.new.id, "bold"))
        for title, changed in {"Settings": found.config, "Data": found.data, "Versions": found.versions}.items():
            yield Text(f"\n{title}", "bold")
            yield _pairs(changed) if changed else Text("  the same", "dim")
        for word, style, names in (("new", "yellow", found.findings.new), ("gone", "green", found.findings.gone)):
            if names:
                yield Text(f"\nAudit findings {word}: {', '.join(names)}", style)
        yield from self._scores()
        for word, models in (("new", found.models.new), ("gone", found.models.gone)):
            if models:
                yield Text.assemble((f"\nModels {word}: ", "bold"), ", ".join(models))

    def _scores(self) -> Iterator[Table | Text]:
        """A table for each model that both have, unless every score is the same."""
        scores = self.comparison.scores
        same = [model for model, found in scores.items() if all(each.is_none for each in found.values())]
        for model, found in scores.items():
            if model not in same:
                yield Text(f"\n{model}", "bold")
                yield _model(found)
        if same:
            yield Text.assemble(("\nUnchanged scores: ", "bold"), ", ".join(same))
        if len(same) < len(scores):
            yield Text(f"\n{self.comparison.method}", "dim")


def _model(scores: Mapping[str, ScoreDifference]) -> Table:
    table = _table()
    table.add_column("")
    for head in ("old", "new", "difference", "interval"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("")
    for name, label in compared_metrics():
        if name in scores:
            table.add_row(label, *_score(scores[name]))
    return table


def _score(found: ScoreDifference) -> list[str | Text]:
    if found.difference is None:
        return [number(found.old), number(found.new), "-", "", ""]
    significant = found.is_significant
    bounds = "" if found.low is None or found.high is None else f"{signed(found.low)} to {signed(found.high)}"
    return [
        number(found.old),
        number(found.new),
        Text(signed(found.difference), "bold" if significant else ""),
        bounds,
        Text("significant" if significant else "", "bold"),
    ]


def _pairs(changed: Mapping[str, tuple[Any, Any]]) -> Table:
    """Name, old value, new value; of lists only what was added and removed."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    for _ in range(3):
        table.add_column(overflow="fold")
    for key, (old, new) in changed.items():
        before, after = _changed(old, new)
        table.add_row(f"  {key}", Text(before, "dim"), "->" if after else "", after)
    return table


def _changed(old: Any, new: Any) -> tuple[str, str]:
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        added = [f"+{plain(value)}" for value in new if value not in old]
        removed = [f"-{plain(value)}" for value in old if value not in new]
        return _short(", ".join([*removed, *added])) or "in another order", ""
    return _short(_value(old)), _short(_value(new))


def _value(value: Any) -> str:
    return "-" if value is None else plain(value)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
