"""What ``phish update`` did, as a table: the versions on the same held-out rows, and the paired tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from phishcli.documents.update import Continued, Judgment, PairedTest, Update
from phishcli.wording import counted

SHOWN = (("accuracy", "Accuracy"), ("recall", "Recall"), ("fpr", "FPR"), ("roc_auc", "ROC-AUC"), ("pr_auc", "PR-AUC"))
LEVEL = 0.05
"""P-values below it count as a difference."""


@dataclass(frozen=True)
class UpdateTable:
    """The versions side by side."""

    update: Update

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(self._rows())
        for each in self.update.models:
            yield Text(f"{each.model}: {_how(each)}")
        for name, reason in self.update.left_out.items():
            yield Text(f"{name} is left out: {reason}", "yellow")
        yield self._scores()
        for test in self.update.tests:
            yield Text(_said(test))
        yield Text(f"Wrote v{self.update.version} (parent: v{self.update.parent})", "bold")

    def _rows(self) -> str:
        done = self.update
        earlier = f" and {done.earlier_held_out:,} test rows of v{done.parent}" if done.earlier_held_out else ""
        parts = f"{done.fitted:,} for training, {done.held_out:,} held out"
        return f"{counted(done.rows, 'new row')}: {parts}. Scores are on the held-out rows{earlier}."

    def _scores(self) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
        table.add_column("Version")
        for _, label in SHOWN:
            table.add_column(label, justify="right")
        for name in ("Old rows", "New rows", "Fit"):
            table.add_column(name, justify="right")
        for judgment in self.update.judgments:
            table.add_row(*self._cells(judgment))
        return table

    def _cells(self, judgment: Judgment) -> Iterator[str]:
        names = {"parent": f"parent v{self.update.parent}", "updated": f"updated v{self.update.version}"}
        yield f"{names.get(judgment.version, 'retrained')} ({judgment.model})"
        for name, _ in SHOWN:
            score = judgment.metrics.get(name)
            yield "" if score is None or score.value is None else f"{score.value:.4f}"
        for values in (judgment.earlier, judgment.newer):
            yield f"{values['accuracy']:.4f}" if "accuracy" in values else ""
        yield "" if judgment.seconds is None else f"{judgment.seconds:.1f} s"


def _how(each: Continued) -> str:
    rounds = f"{counted(each.rounds, 'tree')}; " if each.rounds else ""
    return f"{each.way} ({rounds}{each.note})"


def _said(test: PairedTest) -> str:
    """The two paired tests in a sentence: errors on single rows, and the ranking."""
    names = {"parent": "the parent", "retrained": "a full retraining"}
    other = names.get(test.against, test.against)
    rows = f"right where {other} is wrong on {test.won:,} rows, wrong where it is right on {test.lost:,}"
    said = f"Against {other}: {rows} (p = {test.p:.2g}{_verdict(test.p, test.won - test.lost)})"
    if test.difference is None or test.p_roc_auc is None:
        return said
    between = f"{test.low:+.4f} to {test.high:+.4f}"
    return f"{said}; ROC-AUC {test.difference:+.4f} ({between}, p = {test.p_roc_auc:.2g})"


def _verdict(p: float, ahead: int) -> str:
    if p >= LEVEL:
        return ": statistically indistinguishable"
    return ": better" if ahead > 0 else ": worse"
