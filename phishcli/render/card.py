"""The model card: one page of Markdown about the selected model, to go with it wherever it goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from phishcli.documents.explanations import Importance
from phishcli.documents.operation import SheetLine
from phishcli.documents.segments import Segment
from phishcli.documents.summary import Evaluation, Summary
from phishcli.render.cautions import Caution, cautions
from phishcli.render.formats import at_least, at_most, interval, number
from phishcli.render.words import base_rate_and_volume, confidence, doubts, headline, small_print
from phishcli.wording import counted

TEMPLATE = "model_card.md"
INTERVAL = "Interval"
LOWEST = 6
"""Segments listed, lowest accuracy first."""
IMPORTANT = 5
"""Features listed, most important first."""


@dataclass(frozen=True)
class Table:
    """A table whose first ``left`` columns are words; the others are numbers, but for intervals."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1

    def markdown(self) -> str:
        """Write the table down."""
        rule = ["---" if at < self.left or head == INTERVAL else "---:" for at, head in enumerate(self.heads)]
        return "\n".join(f"| {' | '.join(map(_in_a_cell, line))} |" for line in (self.heads, rule, *self.rows))


@dataclass(frozen=True)
class Card:
    """All that the card shows."""

    title: str
    model: str
    noun: str
    headline: Sequence[str]
    facts: Sequence[tuple[str, str]]
    columns: Sequence[str]
    tested: str
    metrics: Table
    small_print: str
    rationale: str
    place: str
    thresholds: Table
    cautions: Sequence[Caution]
    doubts: str
    segments: Table | None
    features: Sequence[str]


def model_card(summary: Summary) -> str:
    """Write the card of the selected model.

    The layout follows Mitchell et al. (2019), *Model Cards for Model Reporting*, FAT*, 220-229.
    """
    text = _environment().get_template(TEMPLATE).render(card=_card(summary))
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def _card(summary: Summary) -> Card:
    model, classes = summary.selected, summary.classes
    bounds = f", with the {confidence(summary)}" if confidence(summary) else ""
    scored = [segment for segment in summary.selected_segments if segment.scored][:LOWEST]
    important = model.explanation.permutation[:IMPORTANT] if model.explanation else ()
    return Card(
        title=summary.title,
        model=summary.selection.model,
        noun=classes.noun,
        headline=headline(summary),
        facts=_facts(summary),
        columns=[column.name for column in summary.data.columns if column.indicator_of is None],
        tested=f"On {counted(model.evaluation.n, 'test row')} that it was not trained on{bounds}",
        metrics=_metrics(summary),
        small_print=" ".join(small_print(summary)),
        rationale=summary.selection.rationale,
        place=base_rate_and_volume(summary),
        thresholds=_thresholds(summary),
        cautions=cautions(summary),
        doubts=doubts(summary),
        segments=_segments(scored) if scored else None,
        features=[_feature(each) for each in important],
    )


def _facts(summary: Summary) -> list[tuple[str, str]]:
    model, data, split = summary.selected, summary.data, summary.split
    rule = model.evaluation.threshold_rule
    return [
        ("Model", model.training.title + (", hyperparameters tuned" if model.training.tuned else "")),
        ("Predicts", _predictions(summary, model.evaluation)),
        ("Threshold", f"{rule.rule} ({rule.why})"),
        ("Calibration", model.evaluation.calibration.method),
        ("Data", f"{data.origin}, {counted(data.rows, 'row')}, SHA-256 `{data.sha256}`"),
        ("Split", f"{counted(split.train_rows, 'training row')}, {counted(split.test_rows, 'test row')}"),
    ]


def _predictions(summary: Summary, evaluation: Evaluation) -> str:
    positive, negative = summary.classes.positive, summary.classes.negative
    least = number(evaluation.threshold)
    return (
        f"`{positive.label}` ({positive.name}) if the probability is at least {least}, "
        f"otherwise `{negative.label}` ({negative.name})"
    )


def _metrics(summary: Summary) -> Table:
    scores = summary.selected.evaluation.metrics
    rows = [(metric.label, scores[metric.name]) for metric in summary.metrics]
    lines = [
        (label, number(score.value) if score.value is not None else "not resolvable", interval(score))
        for label, score in rows
    ]
    return Table(("Metric", "Value", INTERVAL), lines)


def _thresholds(summary: Summary) -> Table:
    non_missing = [f"Recall with {column}" for column in summary.selection.missingness]
    after = ("FPR", "Alerts a day", "Of these true", INTERVAL, "Hours a day")
    lines = [_threshold(line) for line in summary.operating_sheet]
    return Table(("Rule", "Threshold", "Recall", *non_missing, *after), lines)


def _threshold(line: SheetLine) -> list[str]:
    found = line.quantities
    return [
        f"{line.rule}{' (in use)' if line.in_use else ''}",
        *map(number, (line.threshold, line.recall, *line.recall_non_missing.values(), line.fpr)),
        at_most(found.alerts),
        at_least(found.precision),
        interval(found.precision),
        at_most(found.hours),
    ]


def _segments(segments: Sequence[Segment]) -> Table:
    lines = [
        (each.title, each.shown, f"{each.n:,}", number(each.accuracy.value), interval(each.accuracy))
        for each in segments
    ]
    return Table(("Part", "Segment", "Rows", "Accuracy", INTERVAL), lines, left=2)


def _feature(found: Importance) -> str:
    return f"{found.feature} (ROC-AUC falls by {number(found.drop)} when its values are shuffled)"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("phishcli.render", ""),
        autoescape=False,  # noqa: S701 (Markdown, not a page)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_written,
    )


def _written(value: Any) -> Any:
    """Write a value of the template down."""
    if isinstance(value, Table):
        return value.markdown()
    return _in_a_cell(value) if isinstance(value, str) else value


def _in_a_cell(text: str) -> str:
    """Keep names that come from the data from breaking a table."""
    return text.replace("|", "\\|").replace("\n", " ")
