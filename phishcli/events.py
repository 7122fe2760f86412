"""The events of a run: plain values for a terminal, a log file or a test to listen to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec


class Started(msgspec.Struct, frozen=True):
    """A step of the pipeline has started. ``step`` is its name: ``load``, ``train/XGBoost``."""

    step: str


class Finished(msgspec.Struct, frozen=True):
    """A step is done. ``summary`` is its result in a few words; ``cached`` means that nothing had to be computed."""

    step: str
    summary: str
    seconds: float
    cached: bool = False


class Failed(msgspec.Struct, frozen=True):
    """A step failed for ``reason``; the pipeline may continue without it (one model of several)."""

    step: str
    reason: str
    seconds: float


class Skipped(msgspec.Struct, frozen=True):
    """A step was skipped because one that it depends on failed."""

    step: str
    reason: str


class Progress(msgspec.Struct, frozen=True):
    """``done`` of ``total`` units of ``what`` (bytes, rows, fits); ``total`` is None while unknown."""

    what: str
    done: int
    total: int | None
    unit: Literal["bytes", "rows", "fits", "models", "pages"]


class Fitting(msgspec.Struct, frozen=True):
    """The progress of the fits of one model.

    ``total`` is the current estimate, ``per_second`` the rate so far, ``seconds_left`` the remaining time at that rate.
    ``best`` is the best mean score of a search so far, with its ``params`` and its metric ``scoring``.
    """

    model: str
    done: int
    total: int
    per_second: float | None = None
    seconds_left: float | None = None
    scoring: str = ""
    best: float | None = None
    params: Mapping[str, Any] = msgspec.field(default_factory=dict)


class Notice(msgspec.Struct, frozen=True):
    """A message to the user; a warning if something may be wrong.

    ``when`` says when a terminal shows it: at once, where it is about what happens right now; at the end of the run,
    where it is about the data or the result; ``finding`` is the same for what the audit's findings hold as well.
    """

    message: str
    level: Literal["info", "warning"] = "info"
    when: Literal["now", "end", "finding"] = "now"


Event = Started | Finished | Failed | Skipped | Progress | Fitting | Notice
OnEvent = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Ignore events: the default for library use."""
