"""All models side by side, and the paired tests of the best one against each of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table

from phishcli.documents.selection import Comparison, Test
from phishcli.documents.summary import ModelSection, Summary
from phishcli.evaluation.metrics import BY_NAME
from phishcli.render.formats import number, p_value, signed
from phishcli.render.text.layout import Row, section, table, with_bounds
from phishcli.render.words import confidence, small_print
from phishcli.wording import counted

MODELS_ABREAST = 3
"""Models side by side in the comparison; three scores with their intervals fill the width."""


def comparison(summary: Summary) -> Iterator[RenderableType]:
    """Every metric of every model, then the paired tests."""
    yield from section("Comparison", summary.selection.source)
    with_intervals = f", with the {confidence(summary)}" if confidence(summary) else ""
    rows = counted(summary.split.test_rows, "test row")
    yield f"On {rows}{with_intervals}; * best of its line; CV: mean ± std over the folds."
    names = list(summary.models)
    for start in range(0, len(names), MODELS_ABREAST):
        yield ""
        yield _side_by_side(summary, names[start : start + MODELS_ABREAST])
    yield f"\n{_constant(summary)}"
    if sentences := small_print(summary):
        yield f"\n{' '.join(sentences)}"
    if summary.selection.tests:
        yield from _tests(summary)


def _constant(summary: Summary) -> str:
    scores = summary.selection.constant.scores
    names = ("accuracy", "recall", "fpr", "mcc", "roc_auc", "pr_auc")
    listed = ", ".join(f"{BY_NAME[name].sentence_label} {number(scores[name])}" for name in names)
    return f"Always answering {summary.baseline.answer}: {listed}."


def _side_by_side(summary: Summary, names: Sequence[str]) -> Table:
    selection = summary.selection
    heads = [f"> {name}" if name == selection.model else name for name in names]
    rows = [
        ("CV accuracy", *(_marked(cv(summary.models[name], "accuracy"), name, selection.best_cv) for name in names))
    ]
    for metric in summary.metrics:
        best = selection.best.get(metric.name, ())
        scores = {name: summary.models[name].evaluation.metrics[metric.name] for name in names}
        rows.append((metric.label, *(_marked(with_bounds(score), name, best) for name, score in scores.items())))
    return table(("", *heads), rows)


def _marked(text: str, name: str, best: Sequence[str]) -> str:
    return f"{'* ' if name in best else ''}{text}"


def cv(model: ModelSection, metric: str) -> str:
    """A cross-validated score: ``0.8524 ± 0.0077``; a dash where no fold resolves the metric."""
    found = model.evaluation.cv[metric]
    return number(None) if found.mean is None else f"{number(found.mean)} ± {number(found.std)}"


def _tests(summary: Summary) -> Iterator[RenderableType]:
    selection = summary.selection
    best, label = selection.ranking[0], BY_NAME[selection.by].sentence_label
    yield f"\n{best} against each of the others in {label}; p is adjusted for the number of pairs (Holm),"
    yield "and > marks the test that decides whether the difference is significant."
    yield ""
    yield table(("", "test", "difference", "p"), [row for test in selection.tests for row in _test(test)], left=2)


def _test(test: Comparison) -> Iterator[Row]:
    """One line for each test of a model, with its name on the first."""
    name = test.model
    differences: dict[Test, str] = {
        "folds": "over the folds (corrected t-test)",
        "bootstrap": "on the test rows (paired bootstrap)",
    }
    for kind, words in differences.items():
        if found := test.folds if kind == "folds" else test.bootstrap:
            yield name, _decides(test, kind, words), with_bounds(found, signed), p_value(found.p_adjusted)
            name = ""
    words = _decides(test, "mcnemar", "rows only one gets right (McNemar)")
    yield name, words, f"{test.mcnemar.won:,} : {test.mcnemar.lost:,}", p_value(test.mcnemar.p_adjusted)


def _decides(test: Comparison, kind: Test, words: str) -> str:
    return f"{'> ' if test.decided_by == kind else '  '}{words}"
