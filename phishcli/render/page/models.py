"""What the selected model relies on, how it does on parts of the rows, and each model by itself, on the page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from phishcli.documents.explanations import Explanations, Importance
from phishcli.documents.segments import Segment
from phishcli.documents.summary import Classes, ModelSection, Summary
from phishcli.documents.training import SearchSummary, TrialSummary
from phishcli.render.facts import Facts, about_model, parameters
from phishcli.render.formats import number, settings
from phishcli.render.page.parts import Cell, Figure, Head, Row, Section, Table, cells, drawn, heads, score
from phishcli.render.search import effort, margin
from phishcli.wording import counted, listed

LEADING = 3
"""Features named in a sentence, if each matters at least `PART` as much as the first."""
PART = 0.2
TRIALS = 5
"""Trials shown of each search."""
OVER_FOLDS = ("accuracy", "recall", "fpr", "f1", "roc_auc")
"""Metrics whose score on each fold is shown."""


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
    sentence = (
        f"{summary.selection.model} relies most on {_leading(found)}, measured by the ROC-AUC that is lost when the "
        f"values of a feature are shuffled on {counted(found.rows, 'test row')}. A feature may look unimportant if "
        "others carry the same information."
    )
    figures = drawn(
        charts,
        Figure("importance", "Importance of each feature of the table", wide=True),
        Figure("dependence", "Partial dependence: the mean prediction as one feature varies", wide=True),
    )
    return [Explanation(summary=sentence, figures=figures, table=_importance(summary, found), source=found.source)]


def _leading(found: Explanations) -> str:
    ranked = found.permutation[:LEADING]
    return listed([each.feature for each in ranked if each.drop >= PART * ranked[0].drop])


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
    columns = heads("Segment", "rows", summary.classes.positive.name, "accuracy", "recall", "FPR")
    tables = [
        (title, Table(columns, [_segment(each) for each in found], "sticky"))
        for title, found in groupby(summary.selected_segments, key=lambda segment: segment.title)
    ]
    return [Segments(model=summary.selection.model, tables=tables, source=summary.segments.source)]


def _segment(segment: Segment) -> Row:
    counts = cells(f"{segment.n:,}", f"{segment.n_positive:,}")
    return Row([*counts, *map(score, (segment.accuracy, segment.recall, segment.fpr))], Head(segment.segment))


@dataclass(frozen=True)
class Search(Section):
    """What the search for hyperparameters found: model, effort and margin, best trials."""

    id: ClassVar[str] = "search"
    title: ClassVar[str] = "Search"
    template: ClassVar[str] = "search.html"

    models: Sequence[tuple[str, str, Table]]


def search(summary: Summary) -> list[Search]:
    """Show the searches; nothing if no model was tuned."""
    tuned = {name: model.training.tuned for name, model in summary.models.items() if model.training.tuned}
    models = [(name, f"{effort(found)}. {margin(found)}", _trials(found)) for name, found in tuned.items()]
    return [Search(models=models)] if models else []


def _trials(found: SearchSummary) -> Table:
    rows = [_trial(trial, first=place == 0) for place, trial in enumerate(found.best_trials[:TRIALS])]
    return Table(heads(found.scoring, "behind", "parameters"), rows)


def _trial(trial: TrialSummary, *, first: bool) -> Row:
    behind = "" if first or trial.behind is None else f"{trial.behind:.1f} SE"
    return Row([*cells(number(trial.score), behind), Cell(settings(trial.params), kind="text")])


@dataclass(frozen=True)
class ModelView:
    """One model; the selected one is shown in full, the others are folded."""

    name: str
    selected: bool
    confusion: Table
    per_class: Table
    folds: Table
    facts: Facts
    parameters: Facts
    source: str


@dataclass(frozen=True)
class Models(Section):
    """Each model by itself."""

    id: ClassVar[str] = "models"
    title: ClassVar[str] = "Models"
    template: ClassVar[str] = "models.html"

    models: Sequence[ModelView]


def models(summary: Summary) -> Models:
    """Show the models."""
    return Models(models=[_model(summary, name, model) for name, model in summary.models.items()])


def _model(summary: Summary, name: str, model: ModelSection) -> ModelView:
    return ModelView(
        name=name,
        selected=name == summary.selection.model,
        confusion=_confusion(model, summary.classes),
        per_class=_per_class(model),
        folds=_folds(summary, model),
        facts=about_model(model),
        parameters=parameters(model),
        source=f"{model.sources.evaluation}, {model.sources.training}",
    )


def _confusion(model: ModelSection, classes: Classes) -> Table:
    counts, positive, negative = model.evaluation.confusion, classes.positive.name, classes.negative.name
    rows = [
        Row([_right(counts.tp), Cell(f"{counts.fn:,}")], Head(f"actual {positive}")),
        Row([Cell(f"{counts.fp:,}"), _right(counts.tn)], Head(f"actual {negative}")),
    ]
    columns = heads("", f"predicted {positive}", f"predicted {negative}")
    return Table(columns, rows, caption="Test rows by actual and predicted class")


def _right(rows: int) -> Cell:
    return Cell(f"{rows:,}", kind="best")


def _per_class(model: ModelSection) -> Table:
    rows = [
        Row(cells(*map(number, (each.precision, each.recall, each.f1)), f"{each.support:,}"), Head(each.name))
        for each in model.per_class
    ]
    return Table(heads("", "precision", "recall", "F1", "support"), rows)


def _folds(summary: Summary, model: ModelSection) -> Table:
    n_folds = len(model.evaluation.cv["accuracy"].folds)
    columns = heads("Metric", *(f"fold {fold + 1}" for fold in range(n_folds)), "mean", "± std")
    rows: Iterable[Row] = (
        Row(cells(*map(number, (*found.folds, found.mean, found.std))), Head(metric.label))
        for metric in summary.metrics
        if metric.name in OVER_FOLDS
        for found in [model.evaluation.cv[metric.name]]
    )
    return Table(columns, list(rows))
