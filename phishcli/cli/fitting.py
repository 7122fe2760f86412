"""How the progress of fits is shown: as lines in a log, as a row with a bar per model on a terminal."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from phishcli.events import Fitting
from phishcli.render.formats import settings

INTERVAL = 10.0
"""Seconds between two lines about one model in a log."""
BAR = 24
"""Columns of a bar."""
SLOW = 0.5
"""Fits per second below which the seconds of one fit are shown instead."""


def sentence(event: Fitting) -> str:
    """Describe how far the fits of a model are, and the best result so far."""
    return ", ".join([f"{event.model}: {_count(event)}", *_pace(event), *_best(event)])


def duration(seconds: float) -> str:
    """Write a time for people: 0.3 s, 42 s, 3 min 05 s."""
    minute = 60
    if seconds < 10:  # noqa: PLR2004 (one decimal is of interest below ten seconds)
        return f"{seconds:.1f} s"
    if round(seconds) < minute:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), minute)
    return f"{minutes} min {rest:02d} s"


def _count(event: Fitting) -> str:
    return f"{event.done:,} of {event.total:,} fits"


def _pace(event: Fitting) -> list[str]:
    pace = [_rate(event.per_second, " a second", " a fit")] if event.per_second else []
    return [*pace, f"about {duration(event.seconds_left)} left"] if event.seconds_left else pace


def _rate(per_second: float, a_second: str, a_fit: str) -> str:
    """Give the fits per second; of slow fits, how long one takes."""
    return f"{per_second:.1f}{a_second}" if per_second >= SLOW else f"{duration(1 / per_second)}{a_fit}"


def _best(event: Fitting) -> list[str]:
    if event.best is None:
        return []
    return [f"best {event.scoring} {event.best:.4f} with {settings(event.params)}"]


@dataclass
class Pacer:
    """Limits the lines about each model to one every `INTERVAL` seconds."""

    shown: dict[str, float] = field(default_factory=dict)

    def lets_through(self, event: Fitting) -> bool:
        """Whether it is time for another line about that model."""
        now = time.monotonic()
        if now - self.shown.setdefault(event.model, now) < INTERVAL:
            return False
        self.shown[event.model] = now
        return True


@dataclass
class Bars:
    """The models that are being fitted, each with its bar, and the results of those that are done."""

    running: dict[str, Fitting] = field(default_factory=dict)
    ended: dict[str, Text] = field(default_factory=dict)

    def advance(self, event: Fitting) -> None:
        """Update how far a model is."""
        self.running[event.model] = event

    def end(self, model: str, result: Text) -> None:
        """Replace the bar of a model by its result."""
        if self.running.pop(model, None) is not None:
            self.ended[model] = result

    def clear(self) -> None:
        """Remove all rows: the stage is done."""
        self.running.clear()
        self.ended.clear()

    @property
    def seconds_left(self) -> float | None:
        """How long the slowest model is expected to take."""
        left = [event.seconds_left for event in self.running.values() if event.seconds_left is not None]
        return max(left, default=None)

    def __rich__(self) -> Table:
        """Draw a row per model that ends with the best result so far, cut off at the end of the line."""
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
