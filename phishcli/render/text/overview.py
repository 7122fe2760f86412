"""The opening of the text, the data, and what the audit found."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from phishcli.documents.findings import Finding
from phishcli.documents.gap import Gap, ScoredSplit
from phishcli.documents.summary import Summary
from phishcli.render.audit import verdict
from phishcli.render.cautions import cautions
from phishcli.render.facts import about_data
from phishcli.render.formats import signed
from phishcli.render.text.layout import WIDTH, Row, pairs, section, table, with_bounds
from phishcli.render.words import headline


def opening(summary: Summary) -> Iterator[RenderableType]:
    """Title, headline, selection, and what to watch out for."""
    selection = summary.selection
    yield summary.title
    yield "=" * WIDTH
    yield from headline(summary)
    yield f"\nSelected by {'the test rows' if selection.on == 'test' else 'cross-validation'}: {selection.model}"
    yield selection.rationale
    if found := cautions(summary):
        yield from section("What to watch out for")
    for place, caution in enumerate(found):
        if place:
            yield ""
        yield f"{'!' if caution.level == 'warning' else '-'} {caution.title}"
        yield Padding(Text(caution.text), (0, 0, 0, 2))


def data(summary: Summary) -> Iterator[RenderableType]:
    """Where the table came from, and how it was split."""
    yield from section("Data", summary.data.source, summary.split.source)
    yield pairs(about_data(summary))


def audit(summary: Summary) -> Iterator[RenderableType]:
    """The findings, and the optimism gap if it was measured."""
    yield from section("What the audit found", summary.audit.source)
    if findings := summary.audit.findings:
        yield table(("Severity", "Code", "Finding"), [_finding(finding) for finding in findings], left=3)
    else:
        yield "Nothing."
    if gap := summary.gap:
        yield ""
        yield _gap(gap)
        yield verdict(gap)


def _finding(finding: Finding) -> Row:
    described = f"{finding.title}: {finding.detail}"
    if finding.ignored is None:
        return finding.severity, finding.code, described
    return "ignored", finding.code, f"{described} (ignored: {finding.ignored})"


def _gap(gap: Gap) -> Table:
    return table((f"{gap.model} on splits", "accuracy", "lost", "ROC-AUC"), [_split(split) for split in gap.splits])


def _split(split: ScoredSplit) -> Row:
    lost = with_bounds(split.lost, signed) if split.lost else ""
    return split.split, with_bounds(split.accuracy), lost, with_bounds(split.roc_auc)
