"""The comparison of models on the page: every metric side by side, and the paired tests."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import ClassVar

from phishcli.documents.sections import MetricInfo
from phishcli.documents.selection import Comparison as PairedTest
from phishcli.documents.selection import PairedDifference
from phishcli.documents.summary import Summary
from phishcli.evaluation.metrics import BY_NAME
from phishcli.render.formats import number, p_value, signed
from phishcli.render.page.parts import Cell, Figure, Head, Row, Section, Table, cells, drawn, heads, score
from phishcli.render.words import confidence, small_print

ABREAST = 7
"""Columns of the comparison side by side: what fits on a printed page."""


@dataclass(frozen=True)
class TestsView:
    """The paired tests of the best model against each of the others."""

    explained: str
    table: Table


@dataclass(frozen=True)
class Comparison(Section):
    """All scores of all models, which differences are significant, and which models failed."""

    id: ClassVar[str] = "comparison"
    title: ClassVar[str] = "Comparison"
    template: ClassVar[str] = "comparison.html"

    explained: str
    tables: Sequence[Table]
    small_print: Sequence[str]
    figures: Sequence[Figure]
    tests: TestsView | None
    failed: Sequence[tuple[str, str]]
    metrics: Sequence[tuple[str, str]]
    source: str


def comparison(summary: Summary, charts: Collection[str]) -> Comparison:
    """Show the comparison."""
    bounds = f"with the {confidence(summary)}" if confidence(summary) else "without intervals"
    return Comparison(
        explained=(
            f"Scores on {summary.split.test_rows:,} test rows, {bounds}; * marks the best of a line. "
            "CV accuracy: mean ± standard deviation over the folds of the training part."
        ),
        tables=list(_scores(summary)),
        small_print=small_print(summary),
        figures=drawn(charts, Figure("intervals", "Scores with their intervals", wide=True)),
        tests=_tests(summary) if summary.selection.tests else None,
        failed=list(summary.failed.items()),
        metrics=[(metric.label, metric.explanation) for metric in summary.metrics],
        source=f"evaluate/<model>/metrics.json, {summary.selection.source}",
    )


def _scores(summary: Summary) -> Iterator[Table]:
    """All models, the selected one first, then best first, and the constant answer, in tables that fit on a page."""
    chosen = summary.selection.model
    others = (name for name in summary.ranked if name != chosen)
    names: list[str | None] = [chosen, *others, None]
    blocks = ceil(len(names) / ABREAST)
    abreast = ceil(len(names) / blocks)
    for start in range(0, len(names), abreast):
        yield _block(summary, names[start : start + abreast])


def _block(summary: Summary, names: Sequence[str | None]) -> Table:
    """Some models side by side; None stands for the constant answer."""
    columns = [Head("Metric"), *(_model(summary, name) if name else _constant(summary) for name in names)]
    cross_validated = Row([_cv(summary, name) for name in names], Head("CV accuracy"))
    rows = [cross_validated, *(_line(summary, metric, names) for metric in summary.metrics)]
    return Table(columns, rows, "wide sticky tight", label="Comparison of models")


def _constant(summary: Summary) -> Head:
    hint = "Every row answered with the majority class of the training rows: the baseline to beat."
    return Head(f"always {summary.baseline.answer}", small="constant answer", hint=hint)


def _model(summary: Summary, name: str) -> Head:
    if name == summary.selection.model:
        return Head(name, badge="selected", selected=True)
    return Head(name, small="statistically tied" if name in summary.selection.top_group else "")


def _cv(summary: Summary, name: str | None) -> Cell:
    if name is None:
        return Cell(number(summary.selection.constant.cv["accuracy"].mean))
    found, best = summary.models[name].evaluation.cv["accuracy"], name in summary.selection.best_cv
    return Cell(f"{'* ' if best else ''}{number(found.mean)}", f"± {number(found.std)}", "best" if best else "")


def _line(summary: Summary, metric: MetricInfo, names: Sequence[str | None]) -> Row:
    lower = "" if metric.higher_is_better else "lower is better"
    return Row(
        [_value(summary, metric.name, name) for name in names], Head(metric.label, small=lower, hint=metric.explanation)
    )


def _value(summary: Summary, metric: str, name: str | None) -> Cell:
    if name is None:
        return Cell(number(summary.selection.constant.scores[metric]))
    best = name in summary.selection.best.get(metric, ())
    return score(summary.models[name].evaluation.metrics[metric], best=best)


def _tests(summary: Summary) -> TestsView:
    selection = summary.selection
    label, tied = BY_NAME[selection.by].sentence_label, ", ".join(selection.top_group[1:]) or "none"
    explained = (
        f"{selection.ranking[0]} against each of the others in {label}; p-values adjusted for the number "
        f"of pairs of models (Holm). Statistically indistinguishable from it: {tied}."
    )
    columns = ("Against", "Over the folds", "p", "On the test rows", "p", "Only one right", "p (McNemar)", "Verdict")
    return TestsView(explained, Table(heads(*columns), [_test(test) for test in selection.tests]))


def _test(test: PairedTest) -> Row:
    mcnemar = [Cell(f"{test.mcnemar.won:,} : {test.mcnemar.lost:,}"), Cell(p_value(test.mcnemar.p_adjusted), kind="p")]
    verdict = Cell("worse" if test.significant else "no significant difference", kind="text")
    return Row([*_difference(test.folds), *_difference(test.bootstrap), *mcnemar, verdict], Head(test.model))


def _difference(found: PairedDifference | None) -> Iterator[Cell]:
    if found is None:
        yield from cells("-", "-")
    else:
        yield Cell(signed(found.value), f"{signed(found.low)} to {signed(found.high)}")
        yield Cell(p_value(found.p_adjusted), kind="p")
