"""The first sections of the page: the summary, and what the audit found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from phishcli.documents.findings import Finding
from phishcli.documents.gap import Gap, ScoredSplit, SkippedSplit
from phishcli.documents.summary import Summary
from phishcli.render.audit import explained, verdict
from phishcli.render.cautions import Caution, cautions
from phishcli.render.formats import interval, number, signed
from phishcli.render.page.parts import Cell, Head, Row, Section, Table, cells, heads, score
from phishcli.render.words import headline

TILES = {"accuracy": "Accuracy", "recall": "Detected: recall", "fpr": "False alarms: FPR", "roc_auc": "ROC-AUC"}


@dataclass(frozen=True)
class Tile:
    """A number to see first."""

    title: str
    value: str
    note: str


@dataclass(frozen=True)
class Opening(Section):
    """How good the selected model is, why it was selected, and what to watch out for."""

    id: ClassVar[str] = "summary"
    title: ClassVar[str] = "Summary"
    template: ClassVar[str] = "summary.html"

    headline: Sequence[str]
    tiles: Sequence[Tile]
    rationale: str
    cautions: Sequence[Caution]
    source: str


def opening(summary: Summary) -> Opening:
    """Show the summary."""
    selection, scores = summary.selection, summary.selected.evaluation.metrics
    on = "the test rows" if selection.on == "test" else "cross-validation"
    measured = [
        Tile(title, number(scores[name].value), interval(scores[name]) or "no interval")
        for name, title in TILES.items()
    ]
    return Opening(
        headline=headline(summary),
        tiles=[Tile("Selected model", selection.model, f"by {on}"), *measured],
        rationale=selection.rationale,
        cautions=cautions(summary),
        source=f"{selection.source}, {summary.selected.sources.evaluation}",
    )


@dataclass(frozen=True)
class GapView:
    """The optimism gap: what it says, how to read it, and its table."""

    verdict: str
    explained: str
    table: Table


@dataclass(frozen=True)
class Audit(Section):
    """The findings, most severe first, and the optimism gap if it was measured."""

    id: ClassVar[str] = "audit"
    title: ClassVar[str] = "Audit"
    template: ClassVar[str] = "audit.html"

    active: Sequence[Finding]
    ignored: Sequence[Finding]
    gap: GapView | None
    source: str


def audit(summary: Summary) -> Audit:
    """Show the audit."""
    gap, confidence = summary.gap, summary.selected.evaluation.bootstrap.confidence
    return Audit(
        active=summary.audit.active(),
        ignored=summary.audit.ignored(),
        gap=GapView(verdict(gap), explained(gap, confidence), _gap(gap)) if gap else None,
        source=f"{summary.audit.source}, {gap.source}" if gap else summary.audit.source,
    )


def _gap(gap: Gap) -> Table:
    rows = [*map(_split, gap.splits), *_skipped(gap.skipped)]
    return Table(heads("Split", "train", "test", "accuracy", "lost", "ROC-AUC"), rows)


def _split(split: ScoredSplit) -> Row:
    lost = score(split.lost, signed) if split.lost else Cell("")
    sizes = cells(f"{split.train_rows:,}", f"{split.test_rows:,}")
    return Row([*sizes, score(split.accuracy), lost, score(split.roc_auc)], Head(split.split))


def _skipped(splits: Iterable[SkippedSplit]) -> list[Row]:
    return [Row([Cell(f"skipped: {each.reason}", kind="text", span=5)], Head(each.split)) for each in splits]
