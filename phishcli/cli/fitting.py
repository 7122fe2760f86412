"""Progress of the fits of each model: a line in a log, a row with a bar on a terminal."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from phishcli.events import Fitting
from phishcli.render.formats import settings

INTERVAL = 10.0
"""Seconds between two log lines about one model."""
BAR = 24
"""Width of a bar in columns."""
SLOW = 0.5
"""Fits per second below which seconds per fit are shown instead."""


def sentence(event: Fitting) -> str:
    """Describe the progress of a model's fits and its best result so far."""
    return ", ".join([f"{event.model}: {_count(event)}", *_pace(event), *_best(event)])


def duration(seconds: float) -> str:
    """Format a duration: 0.3 s, 42 s, 3 min 05 s."""
    minute = 60
    if seconds < 10:  # noqa: PLR2004 (one decimal matters below ten seconds)
        return f"{seconds:.1f} s"
    if round(seconds) < minute:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), minute)
    return f"{minutes} min {rest:02d} s"


def _count(event: Fitting) -> str:
    return f"{event.done:,} of {event.total:,} fits"


def _pace(event: Fitting) -> list[str]:
    pace = [_rate(event.per_second, " fits per second", " per fit")] if event.per_second else []
    return [*pace, f"about {duration(event.seconds_left)} left"] if event.seconds_left else pace


def _rate(per_second: float, fits_unit: str, seconds_unit: str) -> str:
    """Give the fits per second, or the seconds per fit where fits are slow."""
    return f"{per_second:.1f}{fits_unit}" if per_second >= SLOW else f"{duration(1 / per_second)}{seconds_unit}"


def _best(event: Fitting) -> list[str]:
    if event.best is None:
        return []
    return [f"best {event.scoring} {event.best:.4f} with {settings(event.params)}"]


@dataclass
class RateLimit:
    """Allows one log line per model every `INTERVAL` seconds."""

    last: dict[str, float] = field(default_factory=dict)

    def allows(self, event: Fitting) -> bool:
        """Whether another line about that model is due."""
        now = time.monotonic()
        if now - self.last.setdefault(event.model, now) < INTERVAL:
            return False
        self.last[event.model] = now
        return True


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
    pace = _rate(event.per_second, "/s", "/fit") if event.per_second else ""
    left = f"{duration(event.seconds_left)} left" if event.seconds_left else ""
    best = Text()
    if event.best is not None:
        best = Text.assemble((f"{event.best:.4f}", "bold"), f"  {settings(event.params)}")
    bar = ProgressBar(total=max(event.total, 1), completed=event.done, width=BAR, complete_style="cyan")
    return Text(event.model), bar, Text(_count(event)), Text(pace, "dim"), Text(left, "dim"), best
