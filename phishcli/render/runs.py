"""The history of runs, and how two of them differ, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from phishcli.evaluation.runs import compared_metrics, differences
from phishcli.render.comparison import broken
from phishcli.render.formats import dotted, interval, number, plain, signed

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

CHANGES = 2
"""Changes named per run in the list."""
LONGEST = 60
"""Characters of a value that are shown."""
BROAD = 110
"""Columns from which a list of runs has room for intervals and whole names."""
Record = Mapping[str, Any]


@dataclass(frozen=True)
class RunsTable:
    """One line a run, the newest last, with what it changed against the one before."""

    runs: Sequence[Record]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not self.runs:
            yield Text("There is no run yet; `phish run-all` makes one.")
            return
        broad = options.max_width >= BROAD
        table = _table()
        for head in ("Run", "When (UTC)"):
            table.add_column(head, no_wrap=True)
        table.add_column("Rows", justify="right", no_wrap=True)
        table.add_column("Selected", no_wrap=True)
        table.add_column("Accuracy", justify="right", no_wrap=True)
        if broad:
            table.add_column("", no_wrap=True, style="dim")
        table.add_column("Changed", overflow="fold")
        for position, run in enumerate(self.runs):
            changed = _changed(self.runs[position - 1], run) if position else Text("the first", "dim")
            table.add_row(*_run(run, broad=broad), changed)
        yield table


def _run(run: Record, *, broad: bool) -> list[str]:
    score = run["models"][run["selected"]]["metrics"]["accuracy"]
    return [
        run["id"],
        run["created"][:16].replace("T", " "),
        f"{run['rows']:,}",
        run["selected"] if broad else broken(run["selected"]),
        number(score["value"]),
        *([interval(score)] if broad else []),
    ]


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
        What `phishcli.history.compare` gives.
    """

    old: Record
    new: Record
    document: Mapping[str, Any]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text.assemble("From ", (self.old["id"], "bold"), " to ", (self.new["id"], "bold"))
        for title, key in (("Settings", "config"), ("Data", "data"), ("Versions", "versions")):
            yield Text(f"\n{title}", "bold")
            yield _pairs(self.document[key]) if self.document[key] else Text("  the same", "dim")
        yield from self._findings()
        yield from self._scores()
        yield from self._models()

    def _findings(self) -> Iterator[Text]:
        found = self.document["findings"]
        for word, style in (("new", "yellow"), ("gone", "green")):
            if found[word]:
                yield Text(f"\nFindings of the audit {word}: {', '.join(found[word])}", style)

    def _scores(self) -> Iterator[Table | Text]:
        """A table for each model that both have, unless every score is the same."""
        scores = self.document["scores"]
        same = [model for model, found in scores.items() if all(map(_is_same, found.values()))]
        for model in scores:
            if model not in same:
                yield Text(f"\n{model}", "bold")
                yield _model(scores[model])
        if same:
            yield Text.assemble(("\nThe same scores: ", "bold"), ", ".join(same))
        if len(same) < len(scores):
            yield Text(f"\n{self.document['method']}", "dim")

    def _models(self) -> Iterator[Text]:
        for word in ("new", "gone"):
            if models := self.document["models"][word]:
                yield Text.assemble((f"\nModels {word}: ", "bold"), ", ".join(models))


def _is_same(found: Record) -> bool:
    return bool(found["old"] == found["new"]) and found["low"] in (None, 0) and found["high"] in (None, 0)


def _model(scores: Mapping[str, Record]) -> Table:
    table = _table()
    table.add_column("")
    for head in ("old", "new", "difference", "interval"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("")
    for name, label in compared_metrics():
        if name in scores:
            table.add_row(label, *_score(scores[name]))
    return table


def _score(found: Record) -> list[str | Text]:
    if found["difference"] is None:
        return [number(found["old"]), number(found["new"]), "-", "", ""]
    apart = found["low"] is not None and (found["low"] > 0 or found["high"] < 0)
    bounds = "" if found["low"] is None else f"{signed(found['low'])} to {signed(found['high'])}"
    return [
        number(found["old"]),
        number(found["new"]),
        Text(signed(found["difference"]), "bold" if apart else ""),
        bounds,
        Text("more than chance" if apart else "", "bold"),
    ]


def _pairs(changed: Mapping[str, Sequence[Any]]) -> Table:
    """Name, old value, new value; of lists only what came and went, of sections what differs."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    for _ in range(3):
        table.add_column(overflow="fold")
    for key, (old, new) in _parted(changed):
        table.add_row(f"  {key}", Text(old, "dim"), "->" if new else "", new)
    return table


def _parted(changed: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, tuple[str, str]]]:
    for key, (old, new) in changed.items():
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            before, after = dict(dotted(old, f"{key}.")), dict(dotted(new, f"{key}."))
            names = [name for name in before | after if before.get(name) != after.get(name)]
            yield from ((name, (before.get(name, "-"), after.get(name, "-"))) for name in names)
        elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
            came = [f"+{plain(value)}" for value in new if value not in old]
            went = [f"-{plain(value)}" for value in old if value not in new]
            yield key, (_short(", ".join([*went, *came])) or "in another order", "")
        else:
            yield key, (_short(_value(old)), _short(_value(new)))


def _value(value: Any) -> str:
    return "-" if value is None else plain(value)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
