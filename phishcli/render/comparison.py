"""The comparison of models as a table for the terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from rich import box
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from phishcli.documents.metrics import FoldSummary
from phishcli.documents.selection import Selection
from phishcli.evaluation.metrics import BY_NAME, METRICS, Metric
from phishcli.render.formats import in_brackets, number
from phishcli.wording import bounded_text, short_percent

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

BEST, CHOSEN, TIED = "* ", "> ", "~ "
"""Marks that need no color."""
LONGEST_NAME = 10
"""Longer names of models are broken over lines when they head a column."""
UNBOUNDED = 100_000


@dataclass(frozen=True)
class ModelComparison:
    """All metrics of every model on the test rows, next to the cross-validated accuracy.

    Models are rows if the terminal is wide enough; otherwise columns, in as many blocks as it takes.
    """

    selection: Selection

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows = _models_as_rows(self.selection)
        for table in [rows] if _fits(console, options, rows) else self._blocks(console, options):
            yield table
            yield ""
        yield _legend(self.selection)

    def _blocks(self, console: Console, options: ConsoleOptions) -> list[Table]:
        """Divide the columns into as few equal blocks as the width allows, with at least one column a block."""
        models = _columns(self.selection)
        for count in range(1, len(models) + 1):
            abreast = ceil(len(models) / count)
            starts = range(0, len(models), abreast)
            blocks = [_models_as_columns(self.selection, models[start : start + abreast]) for start in starts]
            if all(_fits(console, options, block) for block in blocks):
                break
        return blocks


def selection_text(selection: Selection) -> Text:
    """Which model was selected, on which scores, and why; and how good it is on the test rows."""
    on = "test scores" if selection.on == "test" else "cross-validated scores"
    lines = [selection.rationale, _on_the_test_rows(selection), *_without_a_leak(selection)]
    selected = Text.assemble("Selected: ", (selection.model, "bold"), f" (on {on})\n", "\n".join(lines))
    return selected.append(f"\n{selection.verdict}", "bold yellow") if selection.verdict else selected


def selected_in_brief(selection: Selection) -> Text:
    """The selected model and how good it is on the test rows, in a few lines."""
    brief = Text.assemble("Selected: ", (selection.model, "bold"), f". {_on_the_test_rows(selection)}")
    return brief.append(f"\n{selection.verdict}", "bold yellow") if selection.verdict else brief


def _on_the_test_rows(selection: Selection) -> str:
    names = dict.fromkeys(("accuracy", selection.by, "recall", "fpr"))
    scores = [(BY_NAME[name].sentence_label, selection.scores[name]) for name in names]
    listed = ", ".join(f"{label} {number(score.value)}{in_brackets(score)}" for label, score in scores)
    has_intervals = any(score.has_interval for _, score in scores)
    level = f"; {short_percent(selection.confidence)} intervals" if has_intervals else ""
    return f"On the test rows: {listed}{level}."


def _without_a_leak(selection: Selection) -> list[str]:
    return [
        f"On rows with {segment.column} (a missing value alone reveals the label): accuracy "
        f"{number(segment.accuracy.value)}{in_brackets(segment.accuracy)}. Always predicting the majority class gives "
        f"{number(segment.baseline)}."
        for segment in selection.without_a_leak
    ]


@dataclass(frozen=True)
class _Scores:
    """One model, or the constant answer, as the comparison shows it."""

    name: str
    cv: FoldSummary
    scores: Mapping[str, float | None]
    is_model: bool = True


def _columns(selection: Selection) -> list[_Scores]:
    """All models in their order, then the constant answer."""
    models = [_Scores(name, selection.cv[name]["accuracy"], scores) for name, scores in selection.table.items()]
    constant = selection.constant
    label = f"always\n{bounded_text(str(constant.label), LONGEST_NAME)}"
    return [*models, _Scores(label, constant.cv["accuracy"], constant.scores, is_model=False)]


def _models_as_rows(selection: Selection) -> Table:
    table = _table()
    table.add_column("Model", no_wrap=True)
    for heading in ("CV accuracy", *(metric.label.replace(" ", "\n") for metric in METRICS)):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in _columns(selection):
        accuracy = f"{number(each.cv.mean)} ± {number(each.cv.std)}"
        cells = (_marked(accuracy, best=each.name in selection.best_cv), *(_score(selection, each, m) for m in METRICS))
        style = "" if each.is_model else "dim"
        table.add_row(_name(each, selection, each.name.replace("\n", " ")), *cells, style=style)
    return table


def _models_as_columns(selection: Selection, models: Sequence[_Scores]) -> Table:
    table = _table()
    table.add_column("Metric", no_wrap=True)
    for each in models:
        style = "" if each.is_model else "dim"
        table.add_column(_name(each, selection, broken(each.name)), justify="right", no_wrap=True, style=style)
    table.add_row("CV accuracy", *(_marked(number(m.cv.mean), best=m.name in selection.best_cv) for m in models))
    table.add_row(Text("  ± over folds", "dim"), *(Text(number(each.cv.std), "dim") for each in models))
    table.add_section()
    for metric in METRICS:
        table.add_row(metric.label, *(_score(selection, each, metric) for each in models))
    return table


def broken(name: str) -> str:
    """Break a long name in CamelCase over lines: ``Hist / Gradient / Boosting``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "\n", name) if len(name) > LONGEST_NAME else name


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="", show_edge=False)


def _name(model: _Scores, selection: Selection, text: str) -> Text:
    if model.name == selection.model:
        return Text(CHOSEN + text, "bold")
    return Text(TIED + text if model.name in selection.top_group else text)


def _score(selection: Selection, model: _Scores, metric: Metric) -> Text:
    return _marked(number(model.scores[metric.name]), best=model.name in selection.best.get(metric.name, ()))


def _marked(text: str, *, best: bool) -> Text:
    return Text(BEST + text, "bold") if best else Text(text)


def _legend(selection: Selection) -> Text:
    """Explain the marks that are used, and no others."""
    scores = [score for each in _columns(selection) for score in each.scores.values()]
    lower = ", ".join(metric.label for metric in METRICS if not metric.higher_is_better)
    marks = [
        f"{BEST}best",
        f"{CHOSEN}selected",
        *([f"{TIED}statistically tied with the best"] if len(selection.top_group) > 1 else []),
        *(["- no value"] if None in scores else []),
    ]
    return Text(f"{'   '.join(marks)}\nlower is better: {lower}\nCV: on the training rows", "dim")


def _fits(console: Console, options: ConsoleOptions, table: Table) -> bool:
    return Measurement.get(console, options.update(width=UNBOUNDED), table).maximum <= options.max_width
