"""The audit for the terminal: findings by severity, and the optimism gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from phishcli.render.formats import interval, number

STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}

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
            yield _table(told)
        yield Text(f"{'' if not told else chr(10)}{counted(self.findings)}")
        for finding in self.findings:
            if "ignored" in finding:
                name = f"{finding['code']}{':' + finding['column'] if finding['column'] else ''}"
                yield Text(f"ignored   {name}: {finding['ignored']}", style="dim")


def _table(findings: Sequence[Finding]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, expand=True)
    table.add_column("Severity", no_wrap=True)
    table.add_column("Check", no_wrap=True)
    table.add_column("Finding, and what to do", ratio=1, overflow="fold")
    for position, finding in enumerate(findings):
        text = Text.assemble(str(finding["detail"]), "\n", (str(finding["advice"]), "dim"))
        last = position == len(findings) - 1
        table.add_row(
            Text(finding["severity"], STYLES[finding["severity"]]), finding["code"], text, end_section=not last
        )
    return table


def counted(findings: Sequence[Finding]) -> str:
    """Say in a sentence what there is."""
    counts = {severity: sum(f["severity"] == severity and "ignored" not in f for f in findings) for severity in STYLES}
    told = ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items() if count)
    ignored = sum("ignored" in finding for finding in findings)
    return f"{told or 'Nothing was found'}{f'; {ignored} ignored' if ignored else ''}."


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
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
        for name in ("Split", "Train", "Test", "Accuracy", "", "ROC-AUC", ""):
            table.add_column(name, justify="left" if name == "Split" else "right")
        for split in self.gap["splits"]:
            table.add_row(*_row(split))
        yield table
        yield Text(f"\n{explained(self.gap, self.confidence)}", style="dim")


def _row(split: Mapping[str, Any]) -> list[str | Text]:
    if "skipped" in split:
        return [split["split"], "", "", Text(f"not possible: {split['skipped']}", style="dim")]
    scores = [
        part for name in ("accuracy", "roc_auc") for part in (number(split[name]["value"]), interval(split[name]))
    ]
    return [split["split"], f"{split['train_rows']:,}", f"{split['test_rows']:,}", *scores]


def explained(gap: Mapping[str, Any], confidence: float) -> str:
    """Say how the table is to be read."""
    return (
        f"{gap['model']} with default parameters, {100 * confidence:g} % intervals. What a split takes away from the "
        "random one was not skill: it came from rows, groups or times that the model knew."
    )
