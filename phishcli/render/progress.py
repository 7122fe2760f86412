"""Progress of a run in a notebook: a small table of stages, redrawn in place, and the warnings."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from html import escape
from importlib import import_module

from phishcli.events import Event, Failed, Finished, Fitting, Notice, Skipped, Started
from phishcli.render.notices import labeled
from phishcli.wording import counted, percent

PAUSE = 0.25
"""Seconds between two drawings, so that thousands of fits do not flood the notebook."""
LEFT = "text-align:left"

Show = Callable[[str], None]


def notebook_display() -> Show | None:
    """Give what replaces one piece of HTML in the output of the current cell; None outside a notebook."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or not getattr(shell, "kernel", None):
        return None
    ipython = import_module("IPython.display")
    handle = ipython.display(ipython.HTML(""), display_id=True)
    return lambda html: handle.update(ipython.HTML(html))


class NotebookProgress:
    """Draws the stages of a run as HTML.

    Parameters
    ----------
    show
        Receives the whole drawing each time.
    clock
        Gives the time in seconds; replaced by tests.
    """

    def __init__(self, show: Show, clock: Callable[[], float] = time.monotonic) -> None:
        self._show, self._clock = show, clock
        self._stages: dict[str, str] = {}
        self._notices: list[Notice] = []
        self._drawn = float("-inf")

    def on_event(self, event: Event) -> None:
        """Take in one event; draw at once when a stage begins or ends, else a few times a second."""
        match event:
            case Started(step):
                self._stages[_stage(step)] = "running"
            case Finished(step, summary, _, cached):
                self._stages[_stage(step)] = f"{summary} (cached)" if cached else summary
            case Failed(step, reason) | Skipped(step, reason):
                self._stages[step] = f"failed: {reason}" if isinstance(event, Failed) else f"skipped: {reason}"
            case Fitting():
                self._stages["train"] = _fitting(event)
            case Notice():
                self._notices.append(event)
        if not isinstance(event, Fitting) or self._clock() - self._drawn >= PAUSE:
            self.draw()

    def draw(self) -> None:
        """Show the stages as they are now, and warnings."""
        self._drawn = self._clock()
        lines = [*self._stages.items(), *(line for line in labeled(self._notices) if line[0] == "warning")]
        rows = "".join(
            f"<tr><td style='{LEFT}'>{escape(label)}</td><td style='{LEFT}'>{escape(text)}</td></tr>"
            for label, text in lines
        )
        self._show(f"<table>{rows}</table>")


def _stage(step: str) -> str:
    return step.partition("/")[0]


def _fitting(event: Fitting) -> str:
    share = percent(event.done / event.total, 0) if event.total else "0%"
    return f"{event.model}: {event.done:,} of {counted(event.total, 'fit')} ({share})"
