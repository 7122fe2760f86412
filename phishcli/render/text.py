"""The report as plain text of 100 columns, for people and for diff tools."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from rich import box
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from phishcli.documents.base import plain_of
from phishcli.documents.findings import Finding
from phishcli.documents.gap import Estimate, Gap
from phishcli.render.audit import bounds, verdict
from phishcli.render.facts import about_data, about_model, best_cv, findings_of, gap_of, parameters
from phishcli.render.formats import at_least, at_most, dotted, number, p_value, signed
from phishcli.render.words import (
    cautions,
    confidence,
    doubts,
    headline,
    in_operation,
    segments_of_selected,
    small_print,
)

WIDTH = 100
MODELS_ABREAST = 3
"""Models side by side in the comparison; three scores with their intervals fill the width."""

Summary = Mapping[str, Any]
Row = Sequence[str]


def classification_report(summary: Summary) -> str:
    """Write the report as text.

    Parameters
    ----------
    summary
        The content of ``summary.json``, as `phishcli.render.assemble.assemble` makes it.

    Returns
    -------
    str
        Lines of at most 100 characters, without colours or trailing blanks; the same summary gives the same text.
    """
    stream = StringIO()
    console = Console(
        file=stream,
        width=WIDTH,
        height=WIDTH,
        color_system=None,
        force_terminal=False,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    for part in _parts(summary):
        console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def _parts(summary: Summary) -> Iterator[RenderableType]:
    yield summary["title"]
    yield "=" * WIDTH
    yield from _opening(summary)
    yield from _section("Data", summary["data"]["from"], summary["split"]["from"])
    yield _pairs(about_data(summary))
    yield from _audit(summary)
    yield from _comparison(summary)
    yield from _better(summary)
    yield from _operation(summary)
    yield from _segments(summary)
    yield from _doubts(summary)
    for name in summary["models"]:
        yield from _model(summary, name)
    yield from _failures(summary)
    yield from _provenance(summary)


def _section(title: str, *sources: str) -> Iterator[str]:
    yield f"\n{title}"
    yield "-" * WIDTH
    if sources:
        yield f"[{', '.join(sources)}]\n"


def _opening(summary: Summary) -> Iterator[RenderableType]:
    selection = summary["selection"]
    yield from headline(summary)
    on = "the test rows" if selection["on"] == "test" else "cross-validation"
    yield f"\nSelected by {on}: {selection['model']}"
    yield selection["rationale"]
    told = cautions(summary)
    if told:
        yield from _section("What to watch out for")
    for place, caution in enumerate(told):
        yield f"{chr(10) * (place > 0)}{'!' if caution.level == 'warning' else '-'} {caution.title}"
        yield Padding(Text(caution.text), (0, 0, 0, 2))


def _audit(summary: Summary) -> Iterator[RenderableType]:
    findings = findings_of(summary).findings
    yield from _section("What the audit found", summary["audit"]["from"])
    if findings:
        rows = [("ignored" if f.ignored else f.severity, f.code, _finding(f)) for f in findings]
        yield _table(("Severity", "Code", "Finding"), rows, left=3)
    else:
        yield "Nothing."
    if gap := gap_of(summary):
        yield ""
        yield _gap(gap)
        yield verdict(gap)


def _finding(finding: Finding) -> str:
    reason = f" (ignored: {finding.ignored})" if finding.ignored else ""
    return f"{finding.title}: {finding.detail}{reason}"


def _gap(gap: Gap) -> Table:
    rows = [
        (
            split.split,
            _estimate(split.accuracy, number),
            _estimate(split.lost, signed) if split.lost else "",
            _estimate(split.roc_auc, number),
        )
        for split in gap.splits
    ]
    return _table((f"{gap.model} on splits", "accuracy", "lost", "ROC-AUC"), rows)


def _estimate(score: Estimate, written: Callable[[float], str]) -> str:
    interval = bounds(score)
    return f"{written(score.value)}{f' ({interval})' if interval else ''}"


def _comparison(summary: Summary) -> Iterator[RenderableType]:
    rows = f"{summary['split']['test_rows']:,} test rows"
    yield from _section("Comparison", summary["selection"]["from"])
    with_intervals = f", with the {confidence(summary)}" if confidence(summary) else ""
    yield f"On {rows}{with_intervals}; * best of its line; CV: mean ± deviation over the folds."
    names = list(summary["models"])
    for start in range(0, len(names), MODELS_ABREAST):
        yield ""
        yield _abreast(summary, names[start : start + MODELS_ABREAST])
    if told := small_print(summary):
        yield f"\n{' '.join(told)}"


def _abreast(summary: Summary, names: Sequence[str]) -> Table:
    chosen, best, models = summary["selection"]["model"], summary["selection"]["best"], summary["models"]
    heads = [f"> {name}" if name == chosen else name for name in names]
    leaders = best_cv(summary["selection"])
    rows = [("CV accuracy", *(f"{'* ' * (name in leaders)}{_cv(models[name], 'accuracy')}" for name in names))]
    for metric in summary["metrics"]:
        key = metric["name"]
        scores = [_score(models[name], key, best=name in best.get(key, ())) for name in names]
        rows.append((metric["label"], *scores))
    return _table(("", *heads), rows)


TESTS = {"folds": "over the folds (corrected t-test)", "bootstrap": "on the test rows (paired bootstrap)"}


def _better(summary: Summary) -> Iterator[RenderableType]:
    """The paired tests of the best model against each of the others."""
    tests = summary["selection"]["tests"]
    if not tests:
        return
    best, by = summary["selection"]["ranking"][0], summary["selection"]["by"]
    label = next(metric["label"] for metric in summary["metrics"] if metric["name"] == by)
    yield f"\n{best} against each of the others in {label}; p is adjusted for the number of pairs (Holm),"
    yield "and > marks the test that decides whether the difference is significant."
    yield ""
    yield _table(("", "test", "difference", "p"), [row for test in tests for row in _test(test)], left=2)


def _test(test: Mapping[str, Any]) -> Iterator[Row]:
    name = test["model"]
    for key, words in TESTS.items():
        if found := test.get(key):
            yield name, _marked(words, key, test), f"{signed(found['value'])}{_bounds(found)}", _p(found)
            name = ""
    rows = test["mcnemar"]
    words = _marked("right alone, test rows (McNemar)", "mcnemar", test)
    yield name, words, f"{rows['won']:,} : {rows['lost']:,}", _p(rows)


def _marked(words: str, key: str, test: Mapping[str, Any]) -> str:
    return f"{'> ' if test['decided_by'] == key else '  '}{words}"


def _p(found: Mapping[str, float]) -> str:
    return p_value(found["p_adjusted"])


def _operation(summary: Summary) -> Iterator[RenderableType]:
    """What each threshold of the selected model means in operation."""
    place, model = summary["operation"], summary["selection"]["model"]
    yield from _section(f"{model} in operation", place["from"])
    yield f"{in_operation(summary)}.\n"
    missingness = [f"recall with\n{column}" for column in summary["selection"]["missingness"]]
    heads = ("rule", "threshold", "recall", *missingness, "FPR", "alerts", "of these true", "hours")
    rows = [
        (
            f"{point['rule']}{' (in use)' if point['in_use'] else ''}",
            *(number(point[name]) for name in ("threshold", "recall")),
            *map(number, point["recall_non_missing"].values()),
            number(point["fpr"]),
            at_most(point["quantities"]["alerts"]),
            f"{at_least(point['quantities']['precision'])}{_bounds(point['quantities']['precision'])}",
            at_most(point["quantities"]["hours"]),
        )
        for point in place["models"][model]
    ]
    yield _table(heads, rows)


def _segments(summary: Summary) -> Iterator[RenderableType]:
    """How the selected model does on parts of the test rows."""
    own = segments_of_selected(summary)
    if own:
        yield from _section("Segments", summary["segments"]["from"])
        heads = ("part", "segment", "rows", "positive", "accuracy", "recall", "FPR")
        rows = [
            (
                row.title,
                row.segment,
                f"{row.n:,}",
                f"{row.n_positive:,}",
                f"{number(row.accuracy.value)}{_bounds(plain_of(row.accuracy))}",
                *(number(score.value) for score in (row.recall, row.fpr)),
            )
            for row in own
        ]
        yield _table(heads, rows, left=2)


def _doubts(summary: Summary) -> Iterator[str]:
    if told := doubts(summary):
        yield from _section("Doubtful labels", summary["suspects"]["from"])
        yield told


def _score(entry: Mapping[str, Any], metric: str, *, best: bool = False) -> str:
    score = entry["evaluation"]["metrics"][metric]
    return f"{'* ' if best else ''}{number(score['value'])}{_bounds(score)}"


def _bounds(score: Mapping[str, Any]) -> str:
    low, high = score.get("low"), score.get("high")
    return "" if low is None or high is None else f" [{number(low)}, {number(high)}]"


def _cv(entry: Mapping[str, Any], metric: str) -> str:
    cv = entry["evaluation"]["cv"][metric]
    return number(None) if cv["mean"] is None else f"{number(cv['mean'])} ± {number(cv['std'])}"


def _model(summary: Summary, name: str) -> Iterator[RenderableType]:
    entry = summary["models"][name]
    mark = " (selected)" if name == summary["selection"]["model"] else ""
    yield from _section(name + mark, entry["from"]["evaluation"], entry["from"]["training"])
    yield _confusion(summary, entry)
    yield ""
    yield _table(
        ("", "test", "cross-validation"),
        [(m["label"], _score(entry, m["name"]), _cv(entry, m["name"])) for m in summary["metrics"]],
    )
    yield ""
    yield _per_class(entry)
    yield ""
    yield _pairs([*about_model(entry), *((f"  {key}", value) for key, value in parameters(entry))])


def _confusion(summary: Summary, entry: Mapping[str, Any]) -> Table:
    counts = entry["evaluation"]["confusion"]
    positive, negative = (summary["classes"][side]["name"] for side in ("positive", "negative"))
    return _table(
        ("", f"called {positive}", f"called {negative}"),
        [
            (f"is {positive}", f"{counts['tp']:,}", f"{counts['fn']:,}"),
            (f"is {negative}", f"{counts['fp']:,}", f"{counts['tn']:,}"),
        ],
    )


def _per_class(entry: Mapping[str, Any]) -> Table:
    return _table(
        ("", "precision", "recall", "f1", "support"),
        [
            (line["class"], *(number(line[key]) for key in ("precision", "recall", "f1")), f"{line['support']:,}")
            for line in entry["per_class"]
        ],
    )


def _failures(summary: Summary) -> Iterator[RenderableType]:
    if summary["failed"]:
        yield from _section("Models that could not be trained")
        yield _pairs(summary["failed"].items())


def _provenance(summary: Summary) -> Iterator[RenderableType]:
    told = summary["provenance"]
    yield from _section("How to make this run again")
    yield "The same data, configuration and versions give the same numbers."
    yield ""
    yield _pairs([("data (SHA-256)", told["data_sha256"])])
    for title, document in (("Versions", "versions"), ("Artifacts", "fingerprints"), ("Configuration", "config")):
        if told[document]:
            yield f"\n{title}"
            yield _pairs((f"  {key}", value) for key, value in dotted(told[document]))


def _pairs(facts: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 3, 0, 0))
    for name, value in facts:
        table.add_row(name, value)
    return table


def _table(heads: Row, rows: Iterable[Row], *, left: int = 1) -> Table:
    """Draw a table whose first ``left`` columns are words and the others numbers."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    for position, head in enumerate(heads):
        table.add_column(head, justify="left" if position < left else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
