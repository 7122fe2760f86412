"""What ``phish predict`` has done, as a table."""

from __future__ import annotations

from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from phishcli.documents.prediction import Predicted

SHOWN = ("accuracy", "precision", "recall", "f1", "fpr", "roc_auc", "pr_auc")


@dataclass(frozen=True)
class PredictionTable:
    """Rows in and out, and the metrics where the labels are known."""

    done: Predicted

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(self.done.sentence())
        if self.done.metrics:
            yield Text(f"\n{self.done.labelled:,} rows with a label, threshold {self.done.threshold:g}:", "bold")
            yield self._metrics()
        yield Text(f"\ndata    {self.done.source}\noutput  {self.done.output}", "dim")

    def _metrics(self) -> Table:
        from phishcli.evaluation.metrics import BY_NAME

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False)
        for name, justify in (("Metric", "left"), ("Value", "right"), ("95% interval", "left")):
            table.add_column(name, justify=justify)  # type: ignore[arg-type]  # a literal
        for name in SHOWN:
            if score := self.done.metrics.get(name):
                known = score.low is not None and score.high is not None
                interval = f"{score.low:.4f} to {score.high:.4f}" if known else ""
                table.add_row(BY_NAME[name].label, f"{score.value:.4f}", interval)
        return table
