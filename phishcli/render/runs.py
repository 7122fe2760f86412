"""The history of runs, and how two of them differ, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from phishcli.evaluation.runs import compared_metrics, differences
from phishcli.render.formats import interval, number, plain, signed

CHANGES = 2
"""Changes named per run in the list."""
LONGEST = 60
Record = Mapping[str, Any]


@dataclass(frozen=True)
class RunsTable:
    """One line a run, the newest last, with what it changed against the one before."""

    runs: Sequence[Record]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not self.runs:
            yield Text("There is no run yet; `phish run-all` makes one.")
            return
        table = _table(("Run", "When (UTC)", "Data", "Selected", "Accuracy", "", "Changed"), left=(0, 1, 2, 3, 6))
        for position, run in enumerate(self.runs):
            score = run["models"][run["selected"]]["metrics"]["accuracy"]
            changed = _changed(self.runs[position - 1], run) if position else Text("the first", "dim")
            when = run["created"][:16].replace("T", " ")
            data = f"{run['rows']:,} rows"
            table.add_row(run["id"], when, data, run["selected"], number(score["value"]), interval(score), changed)
        yield table


def _changed(old: Record, new: Record) -> Text:
    found = differences(old, new)
    named = [f"{key} {plain(after)}" for key, (_, after) in found["config"].items()]
    named += ["the data"] if "sha256" in found["data"] else []
    named += [f"{len(found['versions'])} versions"] if found["versions"] else []
    more = len(named) - CHANGES
    text = ", ".join([*(name[:LONGEST] for name in named[:CHANGES]), *([f"{more} more"] if more > 0 else [])])
    return Text(text or "nothing that is written down", "" if text else "dim")


@dataclass(frozen=True)
class ComparisonView:
    """Settings, data, versions and scores of two runs, only where they differ.

    Parameters
    ----------
    old, new
        The runs.
    document
        What `phishcli.project.Project.compare` gives.
    """

    old: Record
    new: Record
    document: Mapping[str, Any]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text.assemble("From ", (self.old["id"], "bold"), " to ", (self.new["id"], "bold"))
        for title, key in (("Settings", "config"), ("Data", "data"), ("Versions", "versions")):
            changed = self.document[key]
            yield Text(f"\n{title}", "bold")
            if changed:
                yield _pairs(changed)
            else:
                yield Text("  the same", "dim")
        yield from self._findings()
        yield from self._scores()

    def _findings(self) -> Iterator[Text]:
        found = self.document["findings"]
        for word, style in (("new", "yellow"), ("gone", "green")):
            if found[word]:
                yield Text(f"\nFindings of the audit {word}: {', '.join(found[word])}", style)

    def _scores(self) -> Iterator[Table | Text]:
        labels = dict(compared_metrics())
        for model, scores in self.document["scores"].items():
            yield Text(f"\n{model}", "bold")
            table = _table(("", "old", "new", "difference", "interval", ""), left=(0,))
            for metric, found in scores.items():
                if metric in labels:
                    table.add_row(labels[metric], *_score(found))
            yield table
        models = self.document["models"]
        for word in ("new", "gone"):
            if models[word]:
                yield Text(f"\nModels {word}: {', '.join(models[word])}")
        yield Text(f"\n{self.document['method']}", "dim")


def _score(found: Mapping[str, Any]) -> list[str | Text]:
    if found["difference"] is None:
        return [number(found["old"]), number(found["new"]), "-", "", ""]
    apart = found["low"] is not None and (found["low"] > 0 or found["high"] < 0)
    bounds = "" if found["low"] is None else f"{signed(found['low'])} to {signed(found['high'])}"
    difference = Text(signed(found["difference"]), "bold" if apart else "")
    return [
        number(found["old"]),
        number(found["new"]),
        difference,
        bounds,
        Text("more than chance" if apart else "", "bold"),
    ]


def _pairs(changed: Mapping[str, Sequence[Any]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for key, (old, new) in changed.items():
        table.add_row(f"  {key}", Text(_short(old), "dim"), "->", _short(new))
    return table


def _short(value: Any) -> str:
    text = plain(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _table(heads: Sequence[str], *, left: Sequence[int]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
    for position, head in enumerate(heads):
        table.add_column(head, justify="left" if position in left else "right")
    return table
