"""The audit for the terminal: findings by severity, and the optimism gap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from phishcli.render.formats import interval, number, signed

STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}
READABLE = 110
"""Columns that text takes at most."""
HOW_TO_IGNORE = (
    "What is known and accepted: --set audit.ignore.CODE='why', or CODE:COLUMN for one column (docs/audit.md)."
)

Finding = Mapping[str, Any]


@dataclass(frozen=True)
class AuditView:
    """All findings, the gravest first, with what to do; ignored ones with the reason.

    Parameters
    ----------
    findings
        ``audit.json``.
    """

    findings: Sequence[Finding]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        told = [finding for finding in self.findings if "ignored" not in finding]
        if told:
            yield _table(told, min(options.max_width, READABLE))
            yield Text()
        for finding in self.findings:
            if "ignored" in finding:
                yield Text(f"ignored  {_name(finding)}: {finding['ignored']}", style="dim")
        yield Text(counted(self.findings))
        if told:
            yield Text(HOW_TO_IGNORE, style="dim")


def _table(findings: Sequence[Finding], width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False, width=width)
    table.add_column("Severity", no_wrap=True)
    table.add_column("Check, finding, what to do", ratio=1, overflow="fold")
    for position, finding in enumerate(findings):
        severity = finding["severity"]
        end = "" if position == len(findings) - 1 else "\n"
        told = Text.assemble(
            (f"{_name(finding)}\n", "bold"), f"{finding['detail']}\n", (f"{finding['advice']}{end}", "dim")
        )
        table.add_row(Text(severity, STYLES[severity]), told)
    return table


def _name(finding: Finding) -> str:
    """The name under which a finding can be ignored: of the check, and of the column it is about."""
    return f"{finding['code']}{':' + finding['column'] if finding['column'] else ''}"


def counted(findings: Sequence[Finding]) -> str:
    """Say in a sentence what there is."""
    counts = {severity: sum(f["severity"] == severity and "ignored" not in f for f in findings) for severity in STYLES}
    told = ", ".join(f"{count:,} {name}{'' if count == 1 else 's'}" for name, count in counts.items() if count)
    ignored = sum("ignored" in finding for finding in findings)
    return f"{told or 'Nothing was found'}{f'; {ignored:,} ignored' if ignored else ''}."


@dataclass(frozen=True)
class GapTable:
    """One model on several splits, side by side.

    Parameters
    ----------
    gap
        ``gap.json``.
    confidence
        Level of the intervals.
    """

    gap: Mapping[str, Any]
    confidence: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        made = [split for split in self.gap["splits"] if "skipped" not in split]
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
        for name in ("Split", "Train", "Test", "Accuracy", "Lost", "ROC-AUC"):
            table.add_column(name, justify="right" if name in ("Train", "Test") else "left", no_wrap=name != "Split")
        for split in made:
            sizes = (f"{split[part]:,}" for part in ("train_rows", "test_rows"))
            lost = _score(split["lost"], signed) if "lost" in split else Text()
            table.add_row(Text(split["split"]), *sizes, _score(split["accuracy"]), lost, _score(split["roc_auc"]))
        yield table
        yield Text()
        for split in self.gap["splits"]:
            if "skipped" in split:
                yield Text(f"{split['split']}: not made ({split['skipped'].rstrip('.')}).")
        if said := verdict(self.gap):
            yield Text(said)
        yield Text(explained(self.gap, self.confidence), style="dim")


def _score(score: Mapping[str, Any], written: Callable[[float], str] = number) -> Text:
    """The value, and its interval below."""
    bounds = interval(score)
    return Text.assemble(written(score["value"]), (f"\n{bounds}" if bounds else "", "dim"))


def verdict(gap: Mapping[str, Any]) -> str:
    """Say which splits take something away from the random one that chance does not explain."""
    made = [split for split in gap["splits"] if "lost" in split]
    taken = [
        f"{split['split']} {number(split['lost']['value'])} ({interval(split['lost'])})"
        for split in made
        if (split["lost"]["low"] or 0) > 0
    ]
    if taken:
        return f"Of the accuracy on the random split is lost, beyond chance: {'; '.join(taken)}."
    known = any(split["lost"]["low"] is not None for split in made)
    return "No split loses more of the accuracy than chance explains." if known else ""


def explained(gap: Mapping[str, Any], confidence: float) -> str:
    """Say how the table is to be read."""
    return (
        f"{gap['model']} with default parameters, threshold {gap['threshold']:g}, {100 * confidence:g} % intervals "
        "(of a split by groups: of whole groups; of what is lost: those of two independent test parts). "
        "What a split loses beyond chance was not skill: it came from rows, groups or times that the model knew. "
        "Each split is drawn once."
    )
