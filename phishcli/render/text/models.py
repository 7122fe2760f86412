"""Each model by itself: confusion matrix, scores, classes, training."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table

from phishcli.documents.sections import Classes
from phishcli.documents.summary import ModelSection, Summary
from phishcli.render.facts import about_model, parameters
from phishcli.render.formats import number
from phishcli.render.text.comparison import cv
from phishcli.render.text.layout import pairs, section, table, with_bounds


def models(summary: Summary) -> Iterator[RenderableType]:
    """One section for each model."""
    for name, model in summary.models.items():
        mark = " (selected)" if name == summary.selection.model else ""
        yield from section(name + mark, model.sources.evaluation, model.sources.training)
        yield _confusion(model, summary.classes)
        yield ""
        yield _scores(summary, model)
        yield ""
        yield _per_class(model)
        yield ""
        yield pairs([*about_model(model), *((f"  {key}", value) for key, value in parameters(model))])


def _confusion(model: ModelSection, classes: Classes) -> Table:
    counts, positive, negative = model.evaluation.confusion, classes.positive.name, classes.negative.name
    return table(
        ("", f"predicted {positive}", f"predicted {negative}"),
        [
            (f"actual {positive}", f"{counts.tp:,}", f"{counts.fn:,}"),
            (f"actual {negative}", f"{counts.fp:,}", f"{counts.tn:,}"),
        ],
    )


def _scores(summary: Summary, model: ModelSection) -> Table:
    scores = model.evaluation.metrics
    return table(
        ("", "test", "cross-validation"),
        [(metric.label, with_bounds(scores[metric.name]), cv(model, metric.name)) for metric in summary.metrics],
    )


def _per_class(model: ModelSection) -> Table:
    return table(
        ("", "precision", "recall", "f1", "support"),
        [
            (line.name, *map(number, (line.precision, line.recall, line.f1)), f"{line.support:,}")
            for line in model.per_class
        ],
    )
