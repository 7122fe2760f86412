"""What the search for hyperparameters found, and each model by itself, on the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from phishcli.documents.sections import Classes
from phishcli.documents.summary import ModelSection, Summary
from phishcli.documents.training import SearchSummary, TrialSummary
from phishcli.render.facts import Facts, about_model, parameters
from phishcli.render.formats import number, settings
from phishcli.render.page.parts import Cell, Head, Row, Section, Table, cells, heads
from phishcli.render.search import effort, margin

TRIALS = 5
"""Trials shown of each search."""
OVER_FOLDS = ("accuracy", "recall", "fpr", "f1", "roc_auc")
"""Metrics whose score on each fold is shown."""


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
    return Table(heads(found.scoring, "Behind", "Parameters"), rows)


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
    return Models(models=[_model(summary, name, model) for name, model in summary.ranked.items()])


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
        Row([_right(counts.tp), Cell(f"{counts.fn:,}")], Head(f"Actual {positive}")),
        Row([Cell(f"{counts.fp:,}"), _right(counts.tn)], Head(f"Actual {negative}")),
    ]
    columns = heads("", f"Predicted {positive}", f"Predicted {negative}")
    return Table(columns, rows, caption="Test rows by actual and predicted class")


def _right(rows: int) -> Cell:
    return Cell(f"{rows:,}", kind="best")


def _per_class(model: ModelSection) -> Table:
    rows = [
        Row(cells(*map(number, (each.precision, each.recall, each.f1)), f"{each.support:,}"), Head(each.name))
        for each in model.per_class
    ]
    return Table(heads("", "Precision", "Recall", "F1", "Support"), rows)


def _folds(summary: Summary, model: ModelSection) -> Table:
    n_folds = len(model.evaluation.cv["accuracy"].folds)
    columns = heads("Metric", *(f"Fold {fold + 1}" for fold in range(n_folds)), "Mean", "± std")
    rows: Iterable[Row] = (
        Row(cells(*map(number, (*found.folds, found.mean, found.std))), Head(metric.label))
        for metric in summary.metrics
        if metric.name in OVER_FOLDS
        for found in [model.evaluation.cv[metric.name]]
    )
    return Table(columns, list(rows))
