"""Progress of a run on a terminal: one line per stage and a bar below, redrawn in place."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from phishcli import events
from phishcli.cli.bars import Bars
from phishcli.cli.fitting import duration
from phishcli.wording import counted

State = Literal["pending", "running", "done", "cached", "failed"]

MARKS: dict[State, Text] = {
    "pending": Text("·", style="dim"),
    "done": Text("✓", style="green"),
    "cached": Text("✓", style="cyan"),
    "failed": Text("✗", style="red"),
}


@dataclass
class StageLine:
    """The state of one stage: its steps, and the results of those that ended."""

    name: str
    steps: Sequence[str]
    state: State = "pending"
    summary: str = ""
    seconds: float = 0.0
    computed: int = 0
    failed: int = 0
    ended: set[str] = field(default_factory=set)
    started: float | None = None

    @property
    def models(self) -> list[str]:
        """The steps of single models."""
        return [step for step in self.steps if "/" in step]

    def start(self) -> None:
        """Record that a step of the stage is running."""
        self.state, self.started = "running", self.started or time.monotonic()

    def end(self, event: events.Finished | events.Failed | events.Skipped) -> None:
        """Record that a step of the stage has ended."""
        self.ended.add(event.step)
        if not isinstance(event, events.Finished):
            self.failed += 1
        else:
            self.summary = event.summary
            if not event.cached:
                self.computed += 1
        if isinstance(event, events.Failed) or (isinstance(event, events.Finished) and not event.cached):
            self.seconds += event.seconds
        if len(self.ended) >= len(self.steps):
            self.state = "failed" if self.failed == len(self.steps) else "done" if self.computed else "cached"

    def detail(self) -> str:
        """Describe the result of the stage so far: its own summary if it has one, otherwise the number of models."""
        if len(self.steps) == 1 or self.name in self.ended:
            return self.summary
        if self.state == "pending":
            return ""
        done = len(self.ended) - self.failed
        cached = done - self.computed
        parts = [
            f"{done:,} of {counted(len(self.models), 'model')}"
            if self.state == "running"
            else counted(done, "model")
            if done
            else "",
            f"{cached} cached" if cached and self.computed else "",
            f"{self.failed} failed" if self.failed else "",
        ]
        return ", ".join(part for part in parts if part)


class LiveDisplay:
    """The stages and the current bar, redrawn in place."""

    def __init__(self, steps: Sequence[str], target: Console) -> None:
        self.console = target
        self.stages = {stage: StageLine(stage, names) for stage, names in group(steps).items()}
        self.bar = Progress(
            TextColumn("  {task.description}"),
            BarColumn(bar_width=30, complete_style="cyan", finished_style="cyan"),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("[dim]{task.fields[detail]},"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=False),
            TextColumn("[dim]left"),
            console=target,
        )
        self.fits = Bars()
        self.spinner = Spinner("dots", style="cyan")

    def on_event(self, event: events.Event) -> None:
        """Show one event."""
        match event:
            case events.Started(step):
                self._stage(step).start()
            case events.Finished(step) | events.Failed(step) | events.Skipped(step):
                self._stage(step).end(event)
                self._end_bar(step, event)
                if isinstance(event, events.Failed):
                    self._print(f"{step} failed: {event.reason}", "red")
            case events.Progress():
                self._advance(event)
            case events.Fitting():
                self.fits.advance(event)
            case events.Notice(message, level):
                self._print(message, "yellow" if level == "warning" else "dim")

    def _stage(self, step: str) -> StageLine:
        return self.stages[step.partition("/")[0]]

    def _print(self, message: str, style: str) -> None:
        self.console.print(Text(message, style=style), soft_wrap=False)

    def _advance(self, event: events.Progress) -> None:
        """Update the bar: in models where the stage has several, otherwise in the units of the event."""
        line = next((line for line in self.stages.values() if line.state == "running"), None)
        done, total, what = float(event.done), event.total, event.what
        detail = f"{event.done:,} of {event.total:,} {event.unit}" if total else f"{event.done:,} {event.unit}"
        if line is not None and line.models and total:
            done, total = len(line.ended) + done / total, len(line.models)
            what = f"{what} ({len(line.ended) + 1} of {total})"
        if not self.bar.task_ids:
            self.bar.add_task(what, total=total, detail=detail)
        self.bar.update(self.bar.task_ids[0], completed=done, total=total, description=what, detail=detail)

    def _end_bar(self, step: str, event: events.Finished | events.Failed | events.Skipped) -> None:
        result = Text(event.summary, "dim") if isinstance(event, events.Finished) else Text(event.reason, "red")
        self.fits.end(step.partition("/")[2], result)
        if self._stage(step).state != "running":
            self.fits.clear()
            for task in list(self.bar.task_ids):
                self.bar.remove_task(task)

    def __rich__(self) -> RenderableType:
        """Draw the stages as they are now."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(width=1)
        grid.add_column(min_width=10)
        grid.add_column(min_width=7)
        grid.add_column(ratio=1)
        grid.add_column(justify="right")
        for line in self.stages.values():
            grid.add_row(*self._row(line))
        below: list[RenderableType] = [self.fits] if self.fits.running else []
        below += [self.bar] if self.bar.task_ids else []
        return Group(grid, *below) if below else grid

    def _row(self, line: StageLine) -> tuple[RenderableType, ...]:
        running = line.state == "running"
        seconds = time.monotonic() - (line.started or 0) if running else line.seconds
        return (
            self.spinner if running else MARKS[line.state],
            Text(line.name, style="bold" if running else "dim" if line.state == "pending" else ""),
            Text(line.state, style="dim"),
            Text(self._detail(line)),
            Text(duration(seconds) if running or line.computed or line.failed else "", style="dim"),
        )

    def _detail(self, line: StageLine) -> str:
        left = self.fits.seconds_left if line.state == "running" and self.fits.running else None
        return f"{line.detail()}, about {duration(left)} left" if left else line.detail()


def group(steps: Sequence[str]) -> dict[str, list[str]]:
    """Group step names by stage, in order: ``{"load": ["load"], "train": ["train/XGBoost", ...]}``."""
    stages: dict[str, list[str]] = {}
    for step in steps:
        stages.setdefault(step.partition("/")[0], []).append(step)
    return stages
