"""Ctrl-C on the command line: the program ends with 130 within two seconds, and leaves no process behind.

The first Ctrl-C asks for an orderly end. If that takes too long, or Ctrl-C comes a second time, a thread ends the
process: artifacts and ledgers are written so that they survive a kill at any moment, so nothing is lost by that. The
thread learns of signals from the system by a pipe, however busy the main thread is.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from phishcli.errors import ExitCode

PATIENCE = 1.6
"""Seconds that an orderly end may take."""
GRACE = 0.3
"""Seconds that it may still take after that, or after the second Ctrl-C."""
KEPT = "Interrupted; finished work is kept. Run the same command again to resume."
SHOW_CURSOR = b"\x1b[?25h"

_said = threading.Lock()
_raised = threading.Lock()
_signals: list[int] = []


def install() -> None:
    """Watch for Ctrl-C from now on; a program that was started with Ctrl-C ignored keeps ignoring it."""
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, _raise_once)
    threading.Thread(target=_watch, args=(read,), name="interrupts", daemon=True).start()


def was_interrupted() -> bool:
    """Whether Ctrl-C was pressed since `install`."""
    return bool(_signals)


def say_once() -> bool:
    """Whether the end is still to be announced; true for the first caller alone."""
    return not _signals or _said.acquire(blocking=False)


def _raise_once(number: int, frame: Any) -> None:
    """Raise `KeyboardInterrupt` on the first Ctrl-C; the thread answers the second."""
    if _raised.acquire(blocking=False):
        signal.default_int_handler(number, frame)


def _watch(pipe: int) -> None:
    _wait_for(pipe, None)
    _wait_for(pipe, time.monotonic() + PATIENCE)
    _wait_for(pipe, time.monotonic() + GRACE)
    end_now()


def _wait_for(pipe: int, until: float | None) -> None:
    """Wait for Ctrl-C, or until a time; other signals do not count."""
    while until is None or time.monotonic() < until:
        left = None if until is None else max(until - time.monotonic(), 0)
        if select.select([pipe], [], [], left)[0] and signal.SIGINT in os.read(pipe, 1):
            _signals.append(signal.SIGINT)
            return


def end_now() -> None:
    """End the process with all its children, whatever the main thread does."""
    with suppress(OSError):
        if sys.stderr is not None and sys.stderr.isatty():
            os.write(2, SHOW_CURSOR)
        if say_once():
            os.write(2, f"\n{KEPT}\n".encode())
    for child in _children(os.getpid()):
        with suppress(OSError):
            os.kill(child, signal.SIGKILL)
    for semaphore in Path("/dev/shm").glob(f"sem.loky-{os.getpid()}-*"):  # noqa: S108 (where Linux keeps them)
        with suppress(OSError):  # their tracker would do it, and complain
            semaphore.unlink()
    os._exit(ExitCode.INTERRUPTED)


def _children(parent: int) -> list[int]:
    """The processes that this one has started; none where the system does not tell: they notice its end themselves."""
    found: list[int] = []
    with suppress(OSError, ValueError):
        for task in Path(f"/proc/{parent}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found
