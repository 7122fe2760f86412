"""Progress of a run: live on a terminal, plain lines elsewhere, only warnings and failures when quiet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from phishcli import events
from phishcli.cli import console
from phishcli.cli.fitting import RateLimit
from phishcli.cli.logs import sentence


class Display(Protocol):
    """Something that shows events."""

    def on_event(self, event: events.Event) -> None:
        """Show one event."""


class PlainDisplay:
    """One line per event, for logs and pipes."""

    def __init__(self) -> None:
        self._rate_limit = RateLimit()

    def on_event(self, event: events.Event) -> None:
        """Show one event; the progress of fits at a limited rate and no other progress, which would flood a log."""
        if isinstance(event, events.Fitting) and not self._rate_limit.allows(event):
            return
        if not isinstance(event, events.Started | events.Progress):
            console.note(sentence(event))


class QuietDisplay:
    """Warnings and failures only."""

    def on_event(self, event: events.Event) -> None:
        """Show warnings and failures."""
        if isinstance(event, events.Failed) or (isinstance(event, events.Notice) and event.level == "warning"):
            console.note(sentence(event))


@contextmanager
def displayed(steps: Callable[[], Sequence[str]] = tuple, *, quiet: bool) -> Iterator[Display]:
    """Show the events of a run over ``steps``, or of work outside the pipeline, as the terminal allows."""
    target = console.notes()
    if quiet:
        yield QuietDisplay()
    elif target.is_terminal:
        from rich.live import Live

        from phishcli.cli.live import LiveDisplay

        display = LiveDisplay(steps(), target)
        with Live(display, console=target, refresh_per_second=8):
            yield display
    else:
        yield PlainDisplay()
