"""Ctrl-C in two steps: the first asks for a quiet end, the second stops at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


class Interrupted(KeyboardInterrupt):
    """A run that was asked to end and has done so quietly; the message says what is kept and how to go on."""


@dataclass
class Asked:
    """Whether Ctrl-C was pressed."""

    to_stop: bool = False


@contextmanager
def listening(on_first: Callable[[], object]) -> Iterator[Asked]:
    """Take note of the first Ctrl-C instead of being thrown out of what goes on; let the second one do that.

    Signals reach the main thread only, so elsewhere nothing is changed.
    """
    asked = Asked()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def handle(number: int, frame: Any) -> None:
        if asked.to_stop:
            signal.default_int_handler(number, frame)
        asked.to_stop = True
        on_first()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
