"""The pool of workers: so many fits at once as there are cores, in threads, or in processes beside them.

A library that lets go of the interpreter lock while it fits runs in the threads of this process: they start at once.
One that holds it runs apart, in a process: each thread of the pool has one of its own, started when it is first needed,
which imports what its fits need and stays until the pool ends. Either way a thread of the pool makes one fit at a time,
so that there are never more fits than asked for. So that they do not compete, BLAS is held to one thread for the whole
pool, and OpenMP, whose limit belongs to a thread, to what each fit was given.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Hashable
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Self

from threadpoolctl import ThreadpoolController

from phishcli.fits.fit import Outcome, Work, perform
from phishcli.fits.warning_recorder import Recorder

if TYPE_CHECKING:
    from types import TracebackType

Outcomes = tuple[Outcome, ...]
LOST = (
    "the process that made the fit was killed, most likely for want of memory; "
    "ask for fewer fits at once with --jobs, or for smaller parameters"
)
PATIENCE = 1.0
"""Seconds to wait for a worker whose process was ended."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""The environment of the processes: libraries that are loaded there later start with one thread, too."""


class Pool:
    """``jobs`` workers; ``start`` never blocks, ``next`` waits for whatever ends first."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._tasks: SimpleQueue[tuple[Hashable, Callable[[_Worker], Outcomes]] | None] = SimpleQueue()
        self._ended: SimpleQueue[tuple[Hashable, Outcomes] | None] = SimpleQueue()
        self._recorder = Recorder()
        self._workers = [_Worker(self._tasks, self._ended, self._recorder) for _ in range(jobs)]

    def __enter__(self) -> Self:
        self._blas = ThreadpoolController().limit(limits=1, user_api="blas")
        self._blas.__enter__()
        self._recorder.__enter__()
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End idle workers and all processes; a fit in a thread cannot be broken off, so one that runs is left alone.

        The state of warnings and of BLAS is restored either way.
        """
        for _ in self._workers:
            self._tasks.put(None)
        for worker in self._workers:
            worker.end()
        self._recorder.__exit__(kind, error, trace)
        self._blas.__exit__(kind, error, trace)

    def start(self, key: Hashable, work: Work) -> None:
        """Have a fit made; ``next`` will give its outcome under this key."""
        self._tasks.put((key, lambda worker: worker.make(work)))

    def call(self, key: Hashable, function: Callable[[], object]) -> None:
        """Have something else done in a thread; ``next`` will give its error, if any, under this key."""
        self._tasks.put((key, lambda worker: worker.call(function)))

    def next(self) -> tuple[Hashable, Outcomes] | None:
        """Wait for the next outcome: one per rounds asked for, or one with the error; None when woken by `wake`."""
        return self._ended.get()

    def wake(self) -> None:
        """Let ``next`` return; may be called by the handler of a signal."""
        self._ended.put(None)


class _Worker(threading.Thread):
    """One thread of the pool, and the process that belongs to it; a daemon, so that a fit does not hold up exit."""

    def __init__(
        self,
        tasks: SimpleQueue[Any],
        ended: SimpleQueue[Any],
        recorder: Recorder,
    ) -> None:
        super().__init__(name="fit", daemon=True)
        self._tasks, self._ended, self._recorder = tasks, ended, recorder
        self._process: Any = None

    def run(self) -> None:
        while (task := self._tasks.get()) is not None:
            key, do = task
            try:
                self._ended.put((key, do(self)))
            except BaseException as error:  # noqa: BLE001 (whoever waits in `next` would wait for ever)
                self._ended.put((key, (Outcome(error=RuntimeError(repr(error))),)))

    def make(self, work: Work) -> Outcomes:
        """Make a fit, here or in the process that belongs to this worker."""
        return self._elsewhere(work) if work.apart else attempt(work, self._recorder)

    def call(self, function: Callable[[], object]) -> Outcomes:
        """Do something that gives nothing."""
        try:
            function()
        except Exception as error:  # noqa: BLE001 (told to whoever asked for it)
            return (Outcome(error=error),)
        return (Outcome(),)

    def _elsewhere(self, work: Work) -> Outcomes:
        from joblib.externals.loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

        if self._process is None:
            self._process = ProcessPoolExecutor(1, initializer=_begin, initargs=(os.getpid(),), env=ONE_THREAD)
        try:
            outcomes: Outcomes = self._process.submit(attempt_alone, work).result()
        except BrokenProcessPool:
            self._process = None
            return (Outcome(error=MemoryError(LOST)),)
        except Exception as error:  # noqa: BLE001 (a fit or an estimator that cannot be sent)
            return (Outcome(error=error),)
        return outcomes

    def end(self) -> None:
        """End the process, and with it what waits for it: so nothing of it is left when the program ends abruptly."""
        process, self._process = self._process, None
        if process is not None:
            process.shutdown(wait=False, kill_workers=True)
            self.join(PATIENCE)


def attempt(work: Work, recorder: Recorder) -> Outcomes:
    """Make a fit and catch what it raises."""
    recorder.start()
    try:
        found = perform(work)
    except Exception as error:  # noqa: BLE001 (libraries raise what they like; the caller decides what it means)
        return (Outcome(error=_of_memory(error), warnings=recorder.stop()),)
    warned = recorder.stop()
    return tuple(Outcome(value=value, warnings=warned) for value in found)


def _of_memory(error: Exception) -> Exception:
    """A `MemoryError` where the error of a library means one: XGBoost and LightGBM pass on what C++ says."""
    return MemoryError(str(error)) if isinstance(error, MemoryError) or "bad_alloc" in str(error) else error


def attempt_alone(work: Work) -> Outcomes:
    """Make a fit in a process that makes one at a time."""
    with Recorder() as recorder:
        outcomes = attempt(work, recorder)
    return tuple(
        Outcome(error=_portable(outcome.error), warnings=outcome.warnings) if outcome.error else outcome
        for outcome in outcomes
    )


def _portable(error: Exception) -> Exception:
    """An error that can be sent to another process: some libraries' own cannot be rebuilt there."""
    return error if type(error) is MemoryError else RuntimeError(str(error) or type(error).__name__)


def _begin(parent: int) -> None:
    """Leave Ctrl-C to the process that knows what is going on, and end with it, even when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process soon after its parent: nothing else tells it that nobody waits for its fits any more."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
