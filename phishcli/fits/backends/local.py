"""The local backend: as many fits at once as there are cores, in threads, or in processes beside them.

A library that releases the interpreter lock while it fits runs in the threads of this process, which start at once. For
one that holds it each thread has a process of its own, started when it is first needed, which imports what its fits
need and stays until the end. Either way a thread makes one fit at a time, so that there are never more fits than slots.
So that they do not compete for cores, BLAS is limited to one thread for all fits, and OpenMP, whose limit belongs to a
thread, to what each task allows.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from threadpoolctl import ThreadpoolController

from phishcli.fits.backends import Finished, Placed
from phishcli.fits.matrices import Arrays, write_folder
from phishcli.fits.task import FitResult, FitTask
from phishcli.fits.warning_recorder import WarningRecorder
from phishcli.fits.worker import FitResults, attempt, attempt_alone

Job = Callable[["_Worker"], Placed | Finished]

LOST = (
    "the process that ran the fit was killed, most likely for lack of memory; "
    "ask for fewer fits at once with --jobs, or for smaller parameters"
)
PATIENCE = 1.0
"""Seconds to wait for a worker whose process was ended."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""The environment of the processes: libraries that are loaded there later start with one thread, too."""


def open_backend(slots: int, folder: Path) -> LocalBackend:
    """Start threads for so many fits at once; matrices are kept as files in the folder."""
    return LocalBackend(slots, folder)


class LocalBackend:
    """Threads of this process, and a process for each thread that needs one; see `phishcli.fits.backends.Backend`."""

    def __init__(self, slots: int, folder: Path) -> None:
        self.slots, self._folder = slots, folder
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._ended: SimpleQueue[Placed | Finished | None] = SimpleQueue()
        self._global_state = ExitStack()
        self._global_state.enter_context(ThreadpoolController().limit(limits=1, user_api="blas"))
        recorder = self._global_state.enter_context(WarningRecorder())
        self._workers = [_Worker(self._jobs, self._ended, recorder) for _ in range(slots)]
        for worker in self._workers:
            worker.start()

    def place(self, name: str, make: Callable[[], Arrays]) -> None:
        """Have arrays made in a thread, and written to files that all workers map into memory."""
        self._jobs.put(partial(_Worker.place, name=name, make=make, path=self._folder / name))

    def submit(self, key: int, task: FitTask) -> None:
        """Have a fit made in a thread, or in the process of a thread."""
        self._jobs.put(partial(_Worker.fit, key=key, task=task))

    def next(self) -> Placed | Finished | None:
        """Wait for whatever ends next; None after `wake`."""
        return self._ended.get()

    def wake(self) -> None:
        """Make `next` return; the queue is one that a signal handler may use."""
        self._ended.put(None)

    def close(self) -> None:
        """End idle threads and all processes; a fit in a thread cannot be stopped, so one that runs is left alone.

        The state of warnings and of BLAS is restored either way.
        """
        for _ in self._workers:
            self._jobs.put(None)
        for worker in self._workers:
            worker.end()
        self._global_state.close()


class _Worker(threading.Thread):
    """A thread that makes fits, and the process that belongs to it; a daemon, so that a fit does not delay exit."""

    def __init__(
        self,
        jobs: SimpleQueue[Job | None],
        ended: SimpleQueue[Placed | Finished | None],
        recorder: WarningRecorder,
    ) -> None:
        super().__init__(name="fit", daemon=True)
        self._jobs, self._ended, self._recorder = jobs, ended, recorder
        self._process: Any = None

    def run(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._ended.put(job(self))

    def place(self, *, name: str, make: Callable[[], Arrays], path: Path) -> Placed:
        """Make arrays and write them to files."""
        try:
            return Placed(name, write_folder(make(), path))
        except Exception as error:  # noqa: BLE001 (raised again by whoever asked for it)
            return Placed(name, error=error)

    def fit(self, *, key: int, task: FitTask) -> Finished:
        """Make a fit, here or in the process that belongs to this worker."""
        try:
            made = self._in_process(task) if task.separate_process else attempt(task, self._recorder)
        except BaseException as error:  # noqa: BLE001 (whoever waits for the result would wait forever)
            made = (FitResult(error=RuntimeError(repr(error))),)
        return Finished(key, made)

    def _in_process(self, task: FitTask) -> FitResults:
        from joblib.externals.loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

        if self._process is None:
            _leave_interrupts_to_the_main_thread()
            self._process = ProcessPoolExecutor(1, initializer=_begin, initargs=(os.getpid(),), env=ONE_THREAD)
        try:
            results: FitResults = self._process.submit(attempt_alone, task).result()
        except BrokenProcessPool:
            self._process = None
            return (FitResult(error=MemoryError(LOST)),)
        except Exception as error:  # noqa: BLE001 (a task or an estimator that cannot be pickled)
            return (FitResult(error=error),)
        return results

    def end(self) -> None:
        """End the process, so that nothing of it is left when the program ends abruptly, and wait for its thread."""
        process, self._process = self._process, None
        if process is not None:
            process.shutdown(wait=False, kill_workers=True)
            self.join(PATIENCE)


def _leave_interrupts_to_the_main_thread() -> None:
    """Block Ctrl-C in this thread: processes that it starts inherit that, from their first moment on.

    The trackers of shared resources are started before, since that unblocks it.
    """
    from multiprocessing import resource_tracker

    from joblib.externals.loky.backend import resource_tracker as loky_tracker

    for tracker in (resource_tracker, loky_tracker):
        tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _begin(parent: int) -> None:
    """Leave Ctrl-C to the parent process, and end with it, even when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process soon after its parent, when nobody waits for its fits any more."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
