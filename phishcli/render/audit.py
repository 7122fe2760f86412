"""The audit for the terminal: findings by severity, and the optimism gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from phishcli.documents.findings import Finding, Findings
from phishcli.documents.gap import Estimate, Gap
from phishcli.render.formats import interval, number, signed
from phishcli.wording import counted, percent

STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}
READABLE = 110
"""Columns that text takes at most."""
HOW_TO_IGNORE = "To accept a finding: --set audit.ignore.CODE='why', or CODE:COLUMN for one column (see docs/audit.md)."


@dataclass(frozen=True)
class AuditView:
    """All findings, most severe first, with what to do; ignored ones with the reason."""

    findings: Findings

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        active = self.findings.active()
        if active:
            yield _table(active, min(options.max_width, READABLE))
            yield Text()
        for finding in self.findings.ignored():
            yield Text(f"ignored  {finding.name}: {finding.ignored}", style="dim")
        yield Text(totals(self.findings))
        if active:
            yield Text(HOW_TO_IGNORE, style="dim")


def _table(findings: Sequence[Finding], width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False, width=width)
    table.add_column("Severity", no_wrap=True)
    table.add_column("Check, finding, what to do", ratio=1, overflow="fold")
    for finding in findings:
        end = "" if finding is findings[-1] else "\n"
        block = Text.assemble((f"{finding.name}\n", "bold"), f"{finding.detail}\n", (f"{finding.advice}{end}", "dim"))
        table.add_row(Text(finding.severity, STYLES[finding.severity]), block)
    return table


def totals(findings: Findings) -> str:
    """Say in a sentence how many findings there are."""
    counts = ", ".join(counted(count, severity) for severity, count in findings.counts().items())
    ignored = len(findings.ignored())
    return f"{counts or 'Nothing was found'}{f'; {ignored:,} ignored' if ignored else ''}."


@dataclass(frozen=True)
class GapTable:
    """One model on several splits, side by side.

    Parameters
    ----------
    gap
        Its scores.
    confidence
        Level of the intervals.
    """

    gap: Gap
    confidence: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
        for name in ("Split", "Train", "Test", "Accuracy", "Lost", "ROC-AUC"):
            table.add_column(name, justify="right" if name in ("Train", "Test") else "left", no_wrap=name != "Split")
        for split in self.gap.splits:
            lost = _score(split.lost, signed) if split.lost else Text()
            sizes = f"{split.train_rows:,}", f"{split.test_rows:,}"
            table.add_row(Text(split.split), *sizes, _score(split.accuracy), lost, _score(split.roc_auc))
        yield table
        yield Text()
        for skipped in self.gap.skipped:
            yield Text(f"{skipped.split}: skipped ({skipped.reason.rstrip('.')}).")
        if summary := verdict(self.gap):
            yield Text(summary)
        yield Text(explained(self.gap, self.confidence), style="dim")


def _score(score: Estimate, written: Callable[[float], str] = number) -> Text:
    """The value, and its interval below."""
    below = interval(score)
    return Text.assemble(written(score.value), (f"\n{below}" if below else "", "dim"))


def verdict(gap: Gap) -> str:
    """Say which splits are less accurate than the random one beyond chance."""
    losing = [
        f"{split.split} {number(split.lost.value)} ({interval(split.lost)})"
        for split in gap.splits
        if split.lost and (split.lost.low or 0) > 0
    ]
    if losing:
        return f"Accuracy lost relative to the random split, beyond chance: {'; '.join(losing)}."
    known = any(lost.low is not None for lost in gap.losses)
    return "No split loses more accuracy than chance explains." if known else ""


def explained(gap: Gap, confidence: float) -> str:
    """Say how to read the table."""
    return (
        f"{gap.model} with default parameters, threshold {gap.threshold:g}, {percent(confidence, 0)} intervals "
        "(splits by group resample whole groups; losses treat the two test parts as independent). What a split loses "
        "beyond chance was not skill: it came from rows, groups or times that the model had already seen. Each split "
        "is drawn once."
    )
