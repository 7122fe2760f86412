"""Progress of the fits of each model, in words."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from phishcli.events import Fitting
from phishcli.render.formats import settings

INTERVAL = 10.0
"""Seconds between two log lines about one model."""
SLOW = 0.5
"""Fits per second below which seconds per fit are shown instead."""


def sentence(event: Fitting) -> str:
    """Describe the progress of a model's fits and its best result so far."""
    return ", ".join([f"{event.model}: {count(event)}", *_pace(event), *_best(event)])


def duration(seconds: float) -> str:
    """Format a duration: 0.3 s, 42 s, 3 min 05 s."""
    minute = 60
    if seconds < 10:  # noqa: PLR2004 (one decimal matters below ten seconds)
        return f"{seconds:.1f} s"
    if round(seconds) < minute:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), minute)
    return f"{minutes} min {rest:02d} s"


def count(event: Fitting) -> str:
    """Count the fits of a model that are done."""
    return f"{event.done:,} of {event.total:,} fits"


def _pace(event: Fitting) -> list[str]:
    pace = [rate(event.per_second, " fits per second", " per fit")] if event.per_second else []
    return [*pace, f"about {duration(event.seconds_left)} left"] if event.seconds_left else pace


def rate(per_second: float, fits_unit: str, seconds_unit: str) -> str:
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
