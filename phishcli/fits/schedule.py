"""One scheduler for the fits of all models: which fit is made next, with how many threads, and until when.

What a model needs is a `Workload`: a generator of requests that depend on the results of earlier ones alone, never on
the clock, so that any number of workers, and a run that was killed and started again, end with the same result. The
scheduler makes the fits that the ledger does not know on a backend, of which it knows nothing but its protocol.

Within a workload the longest fits go first. Between workloads half of the slots take from the one that is nearest to
its end, so that there are results early, and the others from the one that is farthest, so that it is not left over when
all others are done.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from math import ceil
from typing import Generic, TypeVar

from phishcli.errors import PhishError
from phishcli.events import Notice, OnEvent
from phishcli.fits.backends import Backend, Finished, Placed
from phishcli.fits.budget import Allocation
from phishcli.fits.interrupts import Interrupt, Interrupted, deferred_interrupt
from phishcli.fits.matrices import MatrixRef, TrainingData
from phishcli.fits.task import FitTask
from phishcli.fits.workload import PendingFit, Workload, WorkloadResult
from phishcli.wording import counted

T = TypeVar("T")
BIG = 8_000_000
"""Values in the training matrix from which on a fit gets all cores, and has the memory to itself."""
GRACE = 1.0
"""Seconds that running fits get to end after Ctrl-C."""
PROCESSES = 120.0
"""Seconds on a usual core that must be left for a process to be started under a budget."""
SMALL = 100_000
"""Values in the training matrix below which threads would cost more than they gain."""


def run(
    workloads: Sequence[Workload[T]],
    data: TrainingData,
    backend: Backend,
    *,
    on_event: OnEvent,
    folds: bool = True,
    allocation: Allocation | None = None,
) -> Iterator[WorkloadResult[T]]:
    """Make all fits of some workloads, and give the result of each workload as soon as it ends.

    Parameters
    ----------
    workloads
        Their order decides which goes first where nothing else does.
    data
        What is fitted on.
    backend
        Where fits are made; it changes no result. It is left open.
    on_event
        Receives `Fitting` after each fit.
    folds
        Whether there are fits on folds.
    allocation
        Of the budget of the run, if it has one.

    Raises
    ------
    Interrupted
        After Ctrl-C, once the running fits have ended and are in the ledger, or `GRACE` is over.
    """
    with deferred_interrupt(backend.wake) as interrupt:
        yield from _Scheduler(workloads, data, backend, interrupt, on_event, allocation).run(folds=folds)


class _Scheduler(Generic[T]):
    """The state of one run."""

    def __init__(
        self,
        workloads: Sequence[Workload[T]],
        data: TrainingData,
        backend: Backend,
        interrupt: Interrupt,
        on_event: OnEvent,
        allocation: Allocation | None,
    ) -> None:
        self.allocation, self.ended = allocation, 0
        self.active, self.data, self.backend = list(workloads), data, backend
        self.interrupt, self.on_event = interrupt, on_event
        self.matrices: dict[str, MatrixRef] = {}
        self.running: dict[int, PendingFit] = {}
        self.numbers = count()
        self.free = backend.slots

    def run(self, *, folds: bool) -> Iterator[WorkloadResult[T]]:
        self._place_matrices(range(self.data.n_folds) if folds else ())
        self.start = time.perf_counter()
        while self.active:
            for workload in list(self.active):
                yield from self._advance(workload)
            self._stop_if_interrupted()
            self._submit_fits()
            if self.running:
                self._wait()

    def _advance(self, workload: Workload[T]) -> Iterator[WorkloadResult[T]]:
        """Let a workload request fits; gives its result when it has ended."""
        try:
            workload.advance()
        except StopIteration as stop:
            yield self._end(workload, stop.value, None)
        except PhishError as error:
            yield self._end(workload, None, error)

    def _end(self, workload: Workload[T], result: T | None, error: PhishError | None) -> WorkloadResult[T]:
        self.active.remove(workload)
        self.ended += result is not None
        return WorkloadResult(workload, result, error, workload.busy_seconds / self.backend.slots)

    def _place_matrices(self, numbers: Iterable[int]) -> None:
        """Make all matrices side by side, so that no fit waits for them and their errors keep their types."""
        folds = (None, *numbers)
        for fold in folds:
            self.backend.place(_name(fold), partial(self.data.arrays, fold))
        while len(self.matrices) < len(folds):
            self._wait()
            self._stop_if_interrupted()

    def _wait(self) -> None:
        """Wait for whatever ends next."""
        ended = self.backend.next()
        if isinstance(ended, Finished):
            self._finish(ended)
        elif isinstance(ended, Placed):
            if ended.matrices is None:
                raise ended.error or RuntimeError(ended.name)
            self.matrices[ended.name] = ended.matrices

    def _finish(self, ended: Finished) -> None:
        fit = self.running.pop(ended.key)
        self.free += fit.threads
        fit.workload.finish(fit, ended.results)
        if self.allocation:
            self.allocation.record(fit)
        self.on_event(fit.workload.progress(self._left()))

    def _stop_if_interrupted(self) -> None:
        """After Ctrl-C wait a moment for the running fits, store the results of those that end, and end the run."""
        if not self.interrupt.requested:
            return
        if self.running:
            fits = counted(len(self.running), "running fit")
            self.on_event(Notice(f"Interrupted: finishing {fits} if that takes no longer than a second", "warning"))
        until = time.monotonic() + GRACE
        alarm = threading.Timer(GRACE, self.backend.wake)
        alarm.daemon = True
        alarm.start()
        while self.running and time.monotonic() < until:
            self._wait()
        alarm.cancel()
        done = counted(sum(workload.n_done for workload in self.active), "fit")
        searches = any(workload.trials is not None for workload in self.active)
        budget = " (with --time-budget 1s it ends with the best result so far)" if searches else ""
        raise Interrupted(f"Interrupted; {done} of unfinished models are kept, and the same command resumes{budget}.")

    # The next fit.

    def _submit_fits(self) -> None:
        """Start fits as long as there are free slots."""
        for workload in self.active:
            if workload.budget is not None and time.perf_counter() - self.start > workload.budget:
                workload.skip_pending()
        if self.allocation:
            self._keep_within_budget()
        while self.free and (fit := self._next_fit()) is not None:
            fit.threads = self._threads(fit)
            if fit.threads > self.free:
                break
            self._submit(fit)

    def _submit(self, fit: PendingFit) -> None:
        fit.workload.pending.remove(fit)
        fit.started = time.perf_counter()
        fit.workload.started = fit.workload.started or fit.started
        self.free -= fit.threads
        key = next(self.numbers)
        self.running[key] = fit
        self.backend.submit(key, self._task(fit))

    def _left(self) -> float | None:
        """Seconds until no further fit of a search may run; None without a budget."""
        if self.allocation is None:
            return None
        return self.allocation.left_to_search(self.active, self.ended, self.backend.slots)

    def _keep_within_budget(self) -> None:
        """End the searches when there is no time for any of their fits; the quickest model is always tried."""
        assert self.allocation is not None  # noqa: S101 (for the type checker)
        waiting = [workload for workload in self.active if workload.pending]
        left = self._left() or 0.0
        if left > 0 and (self.running or not waiting or self.allocation.choose(waiting, left)):
            return
        first = self._indispensable()
        for workload in self.active:
            if workload is not first:
                workload.skip_pending()
        if first is not None:
            first.make_essential()

    def _indispensable(self) -> Workload[T] | None:
        """The model that is trained however long it takes: the quickest, if there is no other."""
        assert self.allocation is not None  # noqa: S101 (for the type checker)
        if self.ended or any(each.standing() is not None for each in self.active):
            return None
        shape = self.allocation.rows, self.allocation.columns
        return min(self.active, key=lambda each: each.spec.expected_seconds(*shape))

    def _next_fit(self) -> PendingFit | None:
        """Choose the longest fit of the workload whose turn it is."""
        waiting = [workload for workload in self.active if workload.pending]
        if not waiting:
            return None
        if self.allocation:
            return self.allocation.choose(waiting, self._left() or 0.0)
        unknown = [each for each in waiting if each.mean_seconds() is None and not self._threads_of(each)]
        if unknown:
            return unknown[0].pending[0]
        left = {each: each.expected_fits() * (each.mean_seconds() or 0.0) for each in waiting}
        farthest = max(waiting, key=left.__getitem__)
        if self.backend.slots > 1 and 2 * self._threads_of(farthest) < self.backend.slots:
            return farthest.pending[0]
        return min(waiting, key=left.__getitem__).pending[0]

    def _threads_of(self, workload: Workload[T]) -> int:
        return sum(fit.threads for fit in self.running.values() if fit.workload is workload)

    def _threads(self, fit: PendingFit) -> int:
        """Give a fit one thread, all of them if it is big, and free ones if it is among the last of a run.

        More than one only for models whose results do not depend on it. The file of a model that is kept may show how
        it was fitted (LightGBM's does), so the final fit gets more than one thread for big data only. A fit that takes
        a part of the memory takes that part of the slots: no more fits run at once than there is memory for.
        """
        if fit.workload.spread:
            return self.backend.slots
        reserved = max(ceil(fit.workload.memory_share * self.backend.slots), 1)
        if not fit.workload.spec.takes_threads(fit.request.params) or self.data.x.size < SMALL:
            return reserved
        if self.data.x.size >= BIG:
            return self.backend.slots
        waiting = sum(len(workload.pending) for workload in self.active)
        return max(self.free // waiting, reserved) if fit.request.fold is not None else reserved

    def _task(self, fit: PendingFit) -> FitTask:
        workload, request = fit.workload, fit.request
        is_search = workload.trials is not None and self._time_for_processes()  # a process pays for many fits only
        return FitTask(
            workload.spec,
            dict(request.params),
            (workload.seed + request.refit) % 2**31,
            self.matrices[_name(request.fold)],
            request.fold,
            shorter=tuple(rounds for rounds in fit.counts[:-1] if rounds is not None),
            early=None if workload.spread else workload.early,
            pruner=None if workload.spread else request.pruner,
            resampled=request.resampled,
            separate_process=workload.spec.workers == "processes" and is_search,
            threads=fit.threads if workload.spec.takes_threads(request.params) else 1,
            most_rows=request.rows or workload.most_rows,
            spread=workload.spread,
            view=workload.view,
            balance=workload.strategy.balance,
        )

    def _time_for_processes(self) -> bool:
        """Whether there is time to start processes, which load libraries first."""
        left = self._left()
        return left is None or left > PROCESSES * max(
            self.allocation.deadline.slowness if self.allocation else 1.0, 1.0
        )


def _name(fold: int | None) -> str:
    return "all" if fold is None else f"fold_{fold}"
