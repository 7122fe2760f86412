"""Progress of the fits of each model on a terminal: a row with a bar."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from phishcli.cli.fitting import count, duration, rate
from phishcli.events import Fitting
from phishcli.render.formats import settings

BAR = 24
"""Width of a bar in columns."""


@dataclass
class Bars:
    """The models being fitted, each with its bar, and the results of those that are done."""

    running: dict[str, Fitting] = field(default_factory=dict)
    ended: dict[str, Text] = field(default_factory=dict)

    def advance(self, event: Fitting) -> None:
        """Update the progress of a model."""
        self.running[event.model] = event

    def end(self, model: str, result: Text) -> None:
        """Replace the bar of a model with its result."""
        if self.running.pop(model, None) is not None:
            self.ended[model] = result

    def clear(self) -> None:
        """Remove all bars and results: the stage is done."""
        self.running.clear()
        self.ended.clear()

    @property
    def seconds_left(self) -> float | None:
        """The expected time until the last of them is done."""
        left = [event.seconds_left for event in self.running.values() if event.seconds_left is not None]
        return max(left, default=None)

    def __rich__(self) -> Table:
        """Draw one row per model, ending with its best result so far, truncated to the width."""
        rows = [
            *((Text(model, "dim"), Text("✓", "green"), *[Text()] * 3, result) for model, result in self.ended.items()),
            *(_row(event) for event in self.running.values()),
        ]
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=1)
        for position, justify in enumerate(("left", "left", "right", "right", "right")):
            width = BAR if position == 1 else max(len(row[position]) for row in rows)  # type: ignore[arg-type]  # texts
            table.add_column(min_width=width, justify=justify, no_wrap=True)  # type: ignore[arg-type]  # a literal
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        for row in rows:
            table.add_row("", *row)
        return table


def _row(event: Fitting) -> tuple[Text | ProgressBar, ...]:
    pace = rate(event.per_second, "/s", "/fit") if event.per_second else ""
    left = f"{duration(event.seconds_left)} left" if event.seconds_left else ""
    best = Text()
    if event.best is not None:
        best = Text.assemble((f"{event.best:.4f}", "bold"), f"  {settings(event.params)}")
    bar = ProgressBar(total=max(event.total, 1), completed=event.done, width=BAR, complete_style="cyan")
    return Text(event.model), bar, Text(count(event)), Text(pace, "dim"), Text(left, "dim"), best
