"""What a stage tells while it works: plain values that a terminal, a log file or a test may listen to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec


class Started(msgspec.Struct, frozen=True):
    """A step of the pipeline begins. ``step`` is its name: ``load``, ``train/XGBoost``."""

    step: str


class Finished(msgspec.Struct, frozen=True):
    """A step is done; ``summary`` says in a few words what came out, ``cached`` that nothing had to be computed."""

    step: str
    summary: str
    seconds: float
    cached: bool = False


class Failed(msgspec.Struct, frozen=True):
    """A step failed with ``reason``; the pipeline may go on without it (one model of several)."""

    step: str
    reason: str
    seconds: float


class Skipped(msgspec.Struct, frozen=True):
    """A step was passed over, because one before it came to nothing."""

    step: str
    reason: str


class Progress(msgspec.Struct, frozen=True):
    """``done`` of ``total`` units of ``what`` (bytes, rows, fits); ``total`` is None while it is unknown."""

    what: str
    done: int
    total: int | None
    unit: Literal["bytes", "rows", "fits", "models"]


class Fitting(msgspec.Struct, frozen=True):
    """How far the fits of one model are.

    ``total`` is what is expected by now, ``per_second`` the rate so far, ``seconds_left`` what that makes of the rest;
    ``best`` the best mean score of a search so far, with its ``params`` and its metric ``scoring``.
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
    """One sentence that the user should see; a warning when something may be wrong."""

    message: str
    level: Literal["info", "warning"] = "info"


Event = Started | Finished | Failed | Skipped | Progress | Fitting | Notice
OnEvent = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Listen to nothing: the default for library use."""
