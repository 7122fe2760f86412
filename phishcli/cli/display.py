"""How a run looks while it goes on: live on a terminal, plain lines elsewhere, next to nothing when quiet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from phishcli import events
from phishcli.cli import console
from phishcli.cli.fitting import Pacer
from phishcli.cli.logs import sentence


class Display(Protocol):
    """Something that shows events."""

    def on_event(self, event: events.Event) -> None:
        """Show one event."""


class PlainDisplay:
    """One line an event, for logs and pipes."""

    def __init__(self) -> None:
        self._pacer = Pacer()

    def on_event(self, event: events.Event) -> None:
        """Show one event; of the fits under way now and then a line, and no other progress, which would fill a log."""
        if isinstance(event, events.Fitting) and not self._pacer.lets_through(event):
            return
        if not isinstance(event, events.Started | events.Progress):
            console.tell(sentence(event))


class QuietDisplay:
    """Nothing but warnings and failures."""

    def on_event(self, event: events.Event) -> None:
        """Show what must not be missed."""
        if isinstance(event, events.Failed) or (isinstance(event, events.Notice) and event.level == "warning"):
            console.tell(sentence(event))


@contextmanager
def displayed(steps: Sequence[str] = (), *, quiet: bool) -> Iterator[Display]:
    """Show the events of a run over ``steps``, or of work outside of the pipeline, in the way that fits."""
    target = console.notes()
    if quiet:
        yield QuietDisplay()
    elif target.is_terminal:
        from rich.live import Live

        from phishcli.cli.live import LiveDisplay

        display = LiveDisplay(steps, target)
        with Live(display, console=target, refresh_per_second=8):
            yield display
    else:
        yield PlainDisplay()
