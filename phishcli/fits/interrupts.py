"""Ctrl-C in two steps: the first asks for an orderly end, the second stops at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


class Interrupted(KeyboardInterrupt):
    """A run ended in order after Ctrl-C; the message says what is kept and how to go on."""


@dataclass
class Interrupt:
    """Whether Ctrl-C was pressed."""

    requested: bool = False


@contextmanager
def deferred_interrupt(on_first: Callable[[], object]) -> Iterator[Interrupt]:
    """Note the first Ctrl-C instead of raising `KeyboardInterrupt`; the second one raises it.

    Signals reach the main thread only, so elsewhere nothing is changed.
    """
    interrupt = Interrupt()
    if threading.current_thread() is not threading.main_thread():
        yield interrupt
        return

    def handle(number: int, frame: Any) -> None:
        if interrupt.requested and callable(before):
            before(number, frame)
        interrupt.requested = True
        on_first()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)
