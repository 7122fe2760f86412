"""The threshold, what it means in operation, and the calibration, on the page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import msgspec

from phishcli.documents.metrics import ConfusionMatrix
from phishcli.documents.operation import Quantities, Quantity, SheetLine
from phishcli.documents.summary import Summary
from phishcli.render.formats import amounts, at_least, at_most, in_brackets, interval, number
from phishcli.render.page.parts import Cell, Figure, Head, Row, Section, Table, cells, drawn, heads
from phishcli.render.words import confidence, in_operation

RATES = {
    "recall": "Detected (recall, TPR)",
    "fpr": "False alarms (FPR)",
    "precision": "Alerts that are true",
    "accuracy": "Accuracy",
}
IN_A_DAY = {
    "alerts": ("alerts", "Alerts"),
    "true": ("true_alerts", "Of these true"),
    "false": ("false_alerts", "Of these false"),
    "missed": ("missed", "Missed"),
    "real": ("precision", "Alerts that are true"),
    "hours": ("hours", "Analyst hours"),
}
"""What the script moves with the threshold: name in the script, quantity, label."""


@dataclass(frozen=True)
class Live:
    """A number that the script of the page keeps up to date, by its name there."""

    name: str
    title: str
    text: str


@dataclass(frozen=True)
class Controls:
    """What a reader can set: the threshold in thousandths and in figures, the model, and the operation."""

    model: str
    models: Sequence[str]
    threshold: str
    position: int
    base_rate: str
    volume: str
    minutes: str


@dataclass(frozen=True)
class Threshold(Section):
    """What another threshold gives on the test rows and in operation, and the operating points of the rules."""

    id: ClassVar[str] = "threshold-section"
    title: ClassVar[str] = "Threshold"
    template: ClassVar[str] = "threshold.html"

    positive: str
    negative: str
    noun: str
    model: str
    test_rows: str
    controls: Controls
    confusion: ConfusionMatrix
    rates: Sequence[Live]
    in_a_day: Sequence[Live]
    distribution: Sequence[Figure]
    curves: Sequence[Figure]
    points_explained: str
    columns: Sequence[str]
    points: Mapping[str, Table]
    source: str


def threshold(summary: Summary, charts: Collection[str]) -> Threshold:
    """Show the threshold."""
    evaluation, classes = summary.selected.evaluation, summary.classes
    used = _by_name(summary.operating_sheet[0].quantities)
    return Threshold(
        positive=classes.positive.name,
        negative=classes.negative.name,
        noun=classes.noun,
        model=summary.selection.model,
        test_rows=f"{summary.split.test_rows:,}",
        controls=_controls(summary),
        confusion=evaluation.confusion,
        rates=[Live(name, title, number(evaluation.metrics[name].value)) for name, title in RATES.items()],
        in_a_day=[Live(name, title, _quantity(used, key).text) for name, (key, title) in IN_A_DAY.items()],
        distribution=drawn(charts, Figure("distribution", "Scores of the test rows; dashed: the threshold", wide=True)),
        curves=drawn(
            charts,
            Figure("roc", "ROC: detected positives against false alarms"),
            Figure("precision_recall", "Precision and recall"),
        ),
        points_explained=f"{in_operation(summary)}; {confidence(summary) or 'intervals'} in small print",
        columns=list(summary.selection.missingness),
        points={name: _points(summary, sheet) for name, sheet in summary.operation.models.items()},
        source=summary.operation.source,
    )


def _controls(summary: Summary) -> Controls:
    place, cutoff = summary.operation.settings, summary.selected.evaluation.threshold
    return Controls(
        model=summary.selection.model,
        models=list(summary.ranked),
        threshold=number(cutoff),
        position=round(1000 * cutoff),
        base_rate=f"{100 * place.base_rate:g}",
        volume=str(int(place.volume)) if place.volume == int(place.volume) else f"{place.volume:g}",
        minutes=f"{place.analyst_minutes:g}",
    )


def _by_name(quantities: Quantities) -> Mapping[str, Quantity]:
    """The quantities that there are; the cost needs the cost of a miss."""
    return {name: found for name, found in msgspec.structs.asdict(quantities).items() if found is not None}


def _quantity(found: Mapping[str, Quantity], name: str) -> Cell:
    quantity = found[name]
    if name == "precision":
        return Cell(at_least(quantity), interval(quantity))
    return Cell(at_most(quantity), amounts(quantity))


def _points(summary: Summary, sheet: Sequence[SheetLine]) -> Table:
    there = _by_name(sheet[0].quantities)
    quantities = [label for name, label in summary.operation.quantities.items() if name in there]
    non_missing = [f"Recall with {column}" for column in summary.selection.missingness]
    columns = heads("Rule", "Threshold", "Recall", *non_missing, "FPR", *quantities)
    return Table(columns, [_point(line) for line in sheet], "tight")


def _point(line: SheetLine) -> Row:
    rates = cells(*map(number, (line.threshold, line.recall, *line.recall_non_missing.values())))
    fpr = Cell(number(line.fpr), f"≤ {number(line.fpr_upper)}")
    found = _by_name(line.quantities)
    head = Head(line.rule, badge="in use" if line.in_use else "", hint=line.why)
    return Row([*rates, fpr, *(_quantity(found, name) for name in found)], head)


@dataclass(frozen=True)
class Calibration(Section):
    """How far probabilities agree with what happens."""

    id: ClassVar[str] = "calibration"
    title: ClassVar[str] = "Calibration"
    template: ClassVar[str] = "calibration.html"

    summary: str
    figures: Sequence[Figure]
    table: Table
    source: str


def calibration(summary: Summary, charts: Collection[str]) -> Calibration:
    """Show the calibration."""
    found, scores = summary.selected.evaluation.calibration, summary.selected.evaluation.metrics
    by = f"Probabilities were calibrated on out-of-fold scores ({found.method})." if found.map else UNCALIBRATED
    ece, brier = scores["ece"], number(scores["brier"].value)
    rows = [Row(cells(f"{b.n:,}", number(b.predicted), number(b.observed), interval(b))) for b in found.curve]
    caption = "Where a curve follows the dashed line, predicted probabilities match observed frequencies"
    return Calibration(
        summary=(
            f"Expected calibration error of {summary.selection.model}: {number(ece.value)}{in_brackets(ece)}; "
            f"Brier score {brier}. {by}"
        ),
        figures=drawn(charts, Figure("calibration", caption)),
        table=Table(heads("Rows", "Predicted", "Observed", "Interval"), rows),
        source=summary.selected.sources.evaluation,
    )


UNCALIBRATED = "Probabilities are those of the model, without calibration."
