"""The comparison of models as a table for the terminal, from ``selection.json`` alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from rich import box
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from phishcli.evaluation.metrics import METRICS
from phishcli.evaluation.selection import spoken
from phishcli.render.facts import best_cv
from phishcli.render.formats import interval, number
from phishcli.render.segments import baseline_of, bounds_of, column_of, telling

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

BEST, CHOSEN, ALIKE = "* ", "> ", "~ "
"""Marks that survive where there is no colour."""
LONGEST_NAME = 10
"""Names of models above this many characters are broken over lines when they head a column."""
UNBOUNDED = 100_000


@dataclass(frozen=True)
class Comparison:
    """All metrics of every model on the test rows, beside the cross-validated accuracy.

    Models are rows where the terminal is wide enough, else columns, in as many blocks as it takes.

    Parameters
    ----------
    selection
        The content of ``selection.json``: ``table``, ``best``, ``cv``, ``model``, ``group``.
    """

    selection: Mapping[str, Any]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows = _models_as_rows(self.selection)
        for table in [rows] if _fits(console, options, rows) else self._blocks(console, options):
            yield table
            yield ""
        yield _legend(self.selection)

    def _blocks(self, console: Console, options: ConsoleOptions) -> list[Table]:
        """Part the models into as few equal blocks as the width allows; one model a block is always taken."""
        models = list(self.selection["table"])
        for count in range(1, len(models) + 1):
            abreast = ceil(len(models) / count)
            starts = range(0, len(models), abreast)
            blocks = [_models_as_columns(self.selection, models[start : start + abreast]) for start in starts]
            if all(_fits(console, options, block) for block in blocks):
                break
        return blocks


def verdict(selection: Mapping[str, Any]) -> Text:
    """Which model was selected, on which scores, and why; and how good it is on the test rows."""
    on = "test scores" if selection["on"] == "test" else "cross-validated scores"
    told = [selection["rationale"], _on_the_test_rows(selection), *_without_a_leak(selection)]
    return Text.assemble("Selected: ", (selection["model"], "bold"), f" (on {on})\n", "\n".join(told))


def _on_the_test_rows(selection: Mapping[str, Any]) -> str:
    names = dict.fromkeys(("accuracy", selection["by"], "recall", "fpr"))
    scores = [(spoken(name), selection["scores"][name]) for name in names]
    told = ", ".join(f"{label} {number(score['value'])}{_in_brackets(score)}" for label, score in scores)
    level = f"; {100 * selection['confidence']:g} % intervals" if any(interval(score) for _, score in scores) else ""
    return f"On the test rows: {told}{level}."


def _in_brackets(score: Mapping[str, Any]) -> str:
    return f" ({bounds})" if (bounds := interval(score)) else ""


def _without_a_leak(selection: Mapping[str, Any]) -> list[str]:
    return [
        f"On rows that have {column_of(row)} (its absence gives the label away): accuracy {number(row['accuracy'])}"
        f"{_in_brackets(bounds_of(row, 'accuracy'))}; always the more frequent answer would reach "
        f"{number(baseline_of(row))}."
        for row in telling(selection["segments"])
    ]


def _models_as_rows(selection: Mapping[str, Any]) -> Table:
    table = _table()
    table.add_column("Model", no_wrap=True)
    for heading in ("CV accuracy", *(metric.label.replace(" ", "\n") for metric in METRICS)):
        table.add_column(heading, justify="right", no_wrap=True)
    leaders = best_cv(selection)
    for model in selection["table"]:
        cv = selection["cv"][model]["accuracy"]
        accuracy = _marked(f"{number(cv['mean'])} ± {number(cv['std'])}", best=model in leaders)
        table.add_row(_name(model, selection, model), accuracy, *(_score(selection, model, m.name) for m in METRICS))
    return table


def _models_as_columns(selection: Mapping[str, Any], models: Sequence[str]) -> Table:
    table = _table()
    table.add_column("Metric", no_wrap=True)
    for model in models:
        table.add_column(_name(model, selection, broken(model)), justify="right", no_wrap=True)
    leaders, accuracy = best_cv(selection), {model: selection["cv"][model]["accuracy"] for model in models}
    table.add_row("CV accuracy", *(_marked(number(accuracy[m]["mean"]), best=m in leaders) for m in models))
    table.add_row(Text("  ± over folds", "dim"), *(Text(number(accuracy[m]["std"]), "dim") for m in models))
    table.add_section()
    for metric in METRICS:
        table.add_row(metric.label, *(_score(selection, model, metric.name) for model in models))
    return table


def broken(name: str) -> str:
    """Break a long name in CamelCase over lines: ``Hist / Gradient / Boosting``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "\n", name) if len(name) > LONGEST_NAME else name


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="", show_edge=False)


def _name(model: str, selection: Mapping[str, Any], text: str) -> Text:
    if model == selection["model"]:
        return Text(CHOSEN + text, "bold")
    return Text(ALIKE + text if model in selection["group"] else text)


def _score(selection: Mapping[str, Any], model: str, metric: str) -> Text:
    return _marked(number(selection["table"][model][metric]), best=model in selection["best"].get(metric, ()))


def _marked(text: str, *, best: bool) -> Text:
    return Text(BEST + text, "bold") if best else Text(text)


def _legend(selection: Mapping[str, Any]) -> Text:
    """Explain the marks that are there, and no others."""
    scores = [score for row in selection["table"].values() for score in row.values()]
    lower = ", ".join(metric.label for metric in METRICS if not metric.higher_is_better)
    told = [
        f"{BEST}best",
        f"{CHOSEN}selected",
        *([f"{ALIKE}cannot be told from the best"] if len(selection["group"]) > 1 else []),
        *(["- not resolvable"] if None in scores else []),
    ]
    return Text(f"{'   '.join(told)}\nlower is better: {lower}\nCV: on the training rows", "dim")


def _fits(console: Console, options: ConsoleOptions, table: Table) -> bool:
    return Measurement.get(console, options.update(width=UNBOUNDED), table).maximum <= options.max_width
