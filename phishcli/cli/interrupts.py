"""Ctrl-C and SIGTERM on the command line: the program ends within two seconds, and leaves no process behind.

The first signal asks for an orderly end. If that takes too long, or a second one comes, a thread ends the
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
from collections.abc import Callable
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

_saying = threading.Lock()
_said = threading.Event()
_raised = threading.Lock()
_signals: list[int] = []
_terminated: list[int] = []


def install() -> None:
    """Watch for signals from now on; a program that was started with one of them ignored keeps ignoring it."""
    is_main = threading.current_thread() is threading.main_thread()
    wanted = [(number, ours) for number, (usual, ours) in _HANDLERS.items() if signal.getsignal(number) is usual]
    if not is_main or not wanted:
        return
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    for number, ours in wanted:
        signal.signal(number, ours)
    sys.unraisablehook = _unless_ended(sys.unraisablehook)
    threading.excepthook = _unless_ended(threading.excepthook)
    threading.Thread(target=_watch, args=(read,), name="interrupts", daemon=True).start()


def usual_termination() -> None:
    """Let SIGTERM end the process as the system does: for commands that look after it themselves, and at the end."""
    if signal.getsignal(signal.SIGTERM) is _terminate:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def were_asked_for() -> bool:
    """Whether a signal asked for an end: the main thread may know before the one that watches, or after it."""
    return bool(_signals or _terminated or _raised.locked())


def code_of(code: int) -> int:
    """Give the exit code of a program that would end with ``code`` if there had been no signal."""
    if not code or not were_asked_for():
        return code
    return ExitCode.TERMINATED if _terminated else ExitCode.INTERRUPTED


def say_once(write: Callable[[], object]) -> None:
    """Announce the end, unless that was done: words count when they are written, not when somebody means to."""
    with _saying:
        if not (were_asked_for() and _said.is_set()):
            write()
            _said.set()


def _unless_ended(hook: Callable[[Any], object]) -> Callable[[Any], None]:
    """Show no traceback of what a signal breaks: a finalizer that it reaches, a thread that loses a process."""

    def quiet(problem: Any) -> None:
        if not were_asked_for() and problem.exc_type is not KeyboardInterrupt:
            hook(problem)

    return quiet


def _raise_once(number: int, frame: Any) -> None:
    """Raise `KeyboardInterrupt` on the first Ctrl-C; the thread answers the second."""
    if _raised.acquire(blocking=False):
        signal.default_int_handler(number, frame)


def _terminate(number: int, frame: Any) -> None:
    """Do what Ctrl-C does at this moment, also where Ctrl-C itself is ignored."""
    _terminated.append(number)
    on_interrupt = signal.getsignal(signal.SIGINT)
    (on_interrupt if callable(on_interrupt) else _raise_once)(signal.SIGINT, frame)


_HANDLERS: dict[signal.Signals, tuple[Any, Callable[[int, Any], None]]] = {
    signal.SIGINT: (signal.default_int_handler, _raise_once),
    signal.SIGTERM: (signal.SIG_DFL, _terminate),
}
"""How Python answers a signal, and how this program does."""


def _watch(pipe: int) -> None:
    _wait_for(pipe, None)
    _wait_for(pipe, time.monotonic() + PATIENCE)
    _wait_for(pipe, time.monotonic() + GRACE)
    end_now()


def _wait_for(pipe: int, until: float | None) -> None:
    """Wait for a signal that asks for an end, or until a time; others do not count."""
    while until is None or time.monotonic() < until:
        left = None if until is None else max(until - time.monotonic(), 0)
        if select.select([pipe], [], [], left)[0] and _asks_for_end(number := os.read(pipe, 1)[0]):
            _signals.append(number)
            return


def _asks_for_end(number: int) -> bool:
    """Whether it is Ctrl-C, or SIGTERM, unless somebody else answers that by now."""
    return number == signal.SIGINT or (number == signal.SIGTERM and signal.getsignal(number) is _terminate)


def end_now() -> None:
    """End the process with all its children, whatever the main thread does."""
    with suppress(OSError):
        if sys.stderr is not None and sys.stderr.isatty():
            os.write(2, SHOW_CURSOR)
        _saying.acquire(timeout=GRACE)  # never released: nobody says anything after this
        if not _said.is_set():
            os.write(2, f"\n{KEPT}\n".encode())
    end_children()
    os._exit(code_of(ExitCode.INTERRUPTED))


def end_children() -> None:
    """End what this process has started, and remove what their trackers would complain about."""
    for child in _children(os.getpid()):
        with suppress(OSError):
            os.kill(child, signal.SIGKILL)
    for semaphore in Path("/dev/shm").glob(f"sem.loky-{os.getpid()}-*"):  # noqa: S108 (where Linux keeps them)
        with suppress(OSError):  # their tracker would do it, and complain
            semaphore.unlink()


def _children(parent: int) -> list[int]:
    """The processes that this one has started; none where the system does not tell: they notice its end themselves."""
    found: list[int] = []
    with suppress(OSError, ValueError):
        for task in Path(f"/proc/{parent}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found
