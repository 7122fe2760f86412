"""What the selected model relies on, and how it does on parts of the rows, on the page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from phishcli.documents.explanations import Explanations, Importance
from phishcli.documents.segments import Segment
from phishcli.documents.summary import Summary
from phishcli.render.formats import number
from phishcli.render.page.parts import Cell, Figure, Head, Row, Section, Table, cells, drawn, heads, score
from phishcli.wording import counted, listed


@dataclass(frozen=True)
class Explanation(Section):
    """Which features the models rely on."""

    id: ClassVar[str] = "explanation"
    title: ClassVar[str] = "Explanation"
    template: ClassVar[str] = "explanation.html"

    summary: str
    figures: Sequence[Figure]
    table: Table
    source: str


def explanation(summary: Summary, charts: Collection[str]) -> list[Explanation]:
    """Show the explanation; nothing if the selected model has none."""
    found = summary.selected.explanation
    if found is None:
        return []
    figures = drawn(
        charts,
        Figure("importance", "Importance of each feature of the table", wide=True),
        Figure("dependence", "Partial dependence: the mean prediction as one feature varies", wide=True),
    )
    return [
        Explanation(
            summary=_sentence(summary, found),
            figures=figures,
            table=_importance(summary, found),
            source=found.source,
        )
    ]


def _sentence(summary: Summary, found: Explanations) -> str:
    model = summary.selection.model
    how = f"when the values of a feature are shuffled on {counted(found.rows, 'test row')}"
    if not found.leading:
        return f"{model} relies on no feature beyond chance: no ROC-AUC is reliably lost {how}."
    leading = listed([_meant(summary, name) for name in found.leading])
    return (
        f"{model} relies most on {leading}, measured by the ROC-AUC that is lost {how}. "
        "A feature may look unimportant if others carry the same information."
    )


def _meant(summary: Summary, feature: str) -> str:
    """The name of a feature, with what it is where that is not simply a column of the source."""
    meaning = next((each.meaning for each in summary.data.columns if each.name == feature), None)
    return f"{feature} ({meaning})" if meaning else feature


def _importance(summary: Summary, found: Explanations) -> Table:
    """The drop for each feature and model, in the order of the selected one."""
    explained = {name: model.explanation for name, model in summary.models.items() if model.explanation}
    drops = {name: {each.feature: each for each in other.permutation} for name, other in explained.items()}
    rows = [
        Row([_drop(by_feature.get(each.feature)) for by_feature in drops.values()], Head(each.feature))
        for each in found.permutation
    ]
    return Table(heads("Feature", *explained), rows, "sticky")


def _drop(found: Importance | None) -> Cell:
    return Cell(number(found.drop), f"± {number(found.std)}") if found else Cell(number(None))


@dataclass(frozen=True)
class Segments(Section):
    """The scores of the selected model on parts of the test rows, a table for each column."""

    id: ClassVar[str] = "segments"
    title: ClassVar[str] = "Segments"
    template: ClassVar[str] = "segments.html"

    model: str
    tables: Sequence[tuple[str, Table]]
    source: str


def segments(summary: Summary) -> list[Segments]:
    """Show the segments; nothing if there are none."""
    if not summary.selected_segments:
        return []
    columns = heads("Segment", "Rows", summary.classes.positive.name, "Accuracy", "Recall", "FPR")
    tables = [
        (title, Table(columns, [_segment(each) for each in found], "sticky"))
        for title, found in groupby(summary.selected_segments, key=lambda segment: segment.title)
    ]
    return [Segments(model=summary.selection.model, tables=tables, source=summary.segments.source)]


def _segment(segment: Segment) -> Row:
    counts = cells(f"{segment.n:,}", f"{segment.n_positive:,}")
    return Row([*counts, *map(score, (segment.accuracy, segment.recall, segment.fpr))], Head(segment.shown))
