"""Progress of a run: live on a terminal, plain lines elsewhere, only warnings and failures when quiet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
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


class AtTheEnd:
    """Holds back what is to be said at the end, and passes on everything else."""

    def __init__(self, shown_now: Display) -> None:
        self._shown_now = shown_now
        self.held: list[events.Notice] = []

    def on_event(self, event: events.Event) -> None:
        """Hold back a notice that can wait; show any other event."""
        if isinstance(event, events.Notice) and event.when != "now":
            self.held.append(event)
        else:
            self._shown_now.on_event(event)


@contextmanager
def displayed(
    steps: Callable[[], Sequence[str]] = tuple, *, quiet: bool, held: list[events.Notice] | None = None
) -> Iterator[Display]:
    """Show the events of a run over ``steps``, or of work outside the pipeline, as the terminal allows.

    Notices that can wait are shown once, at the end, also before an error; ``held`` receives them instead where the
    command has a place of its own for them.
    """
    shown_now, live = _display(steps, quiet=quiet)
    display = AtTheEnd(shown_now)
    try:
        with live:
            yield display
    except Exception:
        say_notices(display.held, quiet=quiet)
        raise
    if held is None:
        say_notices(display.held, quiet=quiet)
    else:
        held += display.held


def say_notices(notices: Sequence[events.Notice], *, quiet: bool) -> None:
    """Say each notice once on stderr, warnings first, and only them if ``quiet``."""
    found = [each for each in notices if each.level == "warning" or not quiet]
    if found:
        from phishcli.render.notices import labeled

        console.note_lines(labeled(found))


def _display(steps: Callable[[], Sequence[str]], *, quiet: bool) -> tuple[Display, AbstractContextManager[object]]:
    target = console.notes()
    if quiet:
        return QuietDisplay(), nullcontext()
    if not target.is_terminal:
        return PlainDisplay(), nullcontext()
    from rich.live import Live

    from phishcli.cli.live import LiveDisplay

    display = LiveDisplay(steps(), target)
    return display, Live(display, console=target, refresh_per_second=8)
