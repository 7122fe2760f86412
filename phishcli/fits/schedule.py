"""One scheduler for the fits of all models: who wants which fit, who gets it next, and who is told what came of it.

A course is what one model goes through: a generator that yields the fits it needs next and is sent their outcomes. What
it asks for depends on those outcomes alone, never on the clock, so that any number of workers, and a run that was
killed and begun again, come to the same end. The scheduler looks each fit up in the course's ledger, makes those that
are not there, and lets one fit answer several where it can (equal ones, and smaller numbers of rounds).

Within a course the longest fits go first. Between courses half of the workers take from the one that is nearest to its
end, so that first results are there soon, and the others from the one that is farthest, so that none is left over when
all else is done.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from phishcli.errors import PhishError
from phishcli.events import Fitting, Notice, OnEvent
from phishcli.fits.course import Course, Ended, Task
from phishcli.fits.fit import SKIPPED, Fit, FoldFit, Outcome, Work, count_of
from phishcli.fits.interrupts import Asked, Interrupted, listening
from phishcli.fits.ledger import key_of, recall, records, written
from phishcli.fits.local import Pool
from phishcli.models.spec import plain

if TYPE_CHECKING:
    from phishcli.fits.matrices import Matrices

T = TypeVar("T")
BIG = 8_000_000
"""Values in the training matrix from which on a fit gets all cores, and has the memory to itself."""
SMALL = 100_000
"""Values in the training matrix below which threads would cost more than they gain."""


def drive(courses: Sequence[Course[T]], matrices: Matrices, *, jobs: int, on_event: OnEvent) -> Iterator[Ended[T]]:
    """Lead courses to their ends, and give each as it gets there.

    Parameters
    ----------
    courses
        Their order settles who goes first where nothing else does.
    matrices
        What is fitted on.
    jobs
        Fits at once; it changes no result.
    on_event
        Is told `Fitting` after each fit.

    Raises
    ------
    Interrupted
        After Ctrl-C, once the fits under way have ended and are in the ledger.
    """
    with Pool(jobs) as pool, listening(pool.wake) as asked:
        driver = _Driver(courses, matrices, pool, asked, on_event)
        yield from driver.run()


class _Driver(Generic[T]):
    """The state of one run of the scheduler."""

    def __init__(
        self, courses: Sequence[Course[T]], matrices: Matrices, pool: Pool, asked: Asked, on_event: OnEvent
    ) -> None:
        self.active, self.matrices, self.pool = list(courses), matrices, pool
        self.asked, self.on_event = asked, on_event
        self.running: set[Task] = set()
        self.free = pool.jobs
        self.is_big = matrices.data.x.size >= BIG

    def run(self) -> Iterator[Ended[T]]:
        self._make_matrices()
        self.start = time.perf_counter()
        while self.active:
            for course in list(self.active):
                yield from self._lead_on(course)
            self._heed_interrupt()
            self._hand_out()
            if self.running:
                ended = self.pool.next()
                if ended is not None:
                    self._keep(*ended)  # type: ignore[arg-type]  # the keys of `_hand_out`

    def _make_matrices(self) -> None:
        """Make all matrices side by side, so that no fit waits for them and their errors keep their names."""
        folds = (None, *range(self.matrices.data.n_folds))
        for fold in folds:
            self.pool.call(fold, partial(self.matrices.path, fold))
        open_ = len(folds)
        while open_:
            ended = self.pool.next()
            self._heed_interrupt()
            if ended is not None:
                open_ -= 1
                if error := ended[1][0].error:
                    raise error

    def _heed_interrupt(self) -> None:
        """Wait for the fits under way after Ctrl-C, keep what they give, and leave."""
        if not self.asked.to_stop:
            return
        count = len(self.running)
        if count:
            fits = f"{count} running fit{'' if count == 1 else 's'}"
            self.on_event(Notice(f"Interrupted: finishing {fits} (Ctrl-C again to stop now)", "warning"))
        while self.running:
            ended = self.pool.next()
            if ended is not None:
                self._keep(*ended)  # type: ignore[arg-type]  # the keys of `_hand_out`
        kept = sum(course.done for course in self.active)
        searches = any(course.board for course in self.active)
        budget = " (with --time-budget 1s it takes the best found so far)" if searches else ""
        raise Interrupted(
            f"Interrupted; {kept:,} fits of what was under way are kept, "
            f"and the same command goes on from there{budget}."
        )

    # Courses.

    def _lead_on(self, course: Course[T]) -> Iterator[Ended[T]]:
        """Send a course what it asked for, until it asks for something that has to be made or comes to its end."""
        try:
            while len(course.answers) == len(course.wanted):
                answers = [course.answers[position] for position in range(len(course.wanted))]
                wanted = course.steps.send(answers) if course.begun_asking else next(course.steps)
                course.wanted, course.answers, course.begun_asking = list(wanted), {}, True
                course.pending = self._tasks(course)
        except StopIteration as stop:
            yield self._end(course, stop.value, None)
        except PhishError as error:
            yield self._end(course, None, error)

    def _end(self, course: Course[T], result: T | None, error: PhishError | None) -> Ended[T]:
        self.active.remove(course)
        return Ended(course, result, error, course.busy / self.pool.jobs)

    def _tasks(self, course: Course[T]) -> list[Task]:
        """The fits that have to be made: those that the ledger does not know, one for all that it can answer."""
        groups: dict[str, Task] = {}
        for position, fit in enumerate(course.wanted):
            known = self._recall(course, fit)
            if known is not None:
                self._answer(course, [position], known)
                continue
            count = count_of(course.spec, fit.params) if fit.fold is not None and not course.early else None
            group = self._group(course, fit, count)
            task = groups.setdefault(group, Task(course, fit, {}))
            if count is not None and count > (count_of(course.spec, task.fit.params) or 0):
                task.fit = fit
            task.answers.setdefault(count, []).append(position)
        return _longest_first(groups.values())

    def _group(self, course: Course[T], fit: Fit, count: int | None) -> str:
        """What fits have in common that one fit can answer."""
        name = course.spec.rounds.parameter if course.spec.rounds and count is not None else None
        rest = {key: value for key, value in fit.params.items() if key != name}
        guard = fit.guard.digest() if fit.guard else ""
        return json.dumps([plain(rest), fit.fold, guard, count if guard else None], sort_keys=True)

    def _recall(self, course: Course[T], fit: Fit) -> Outcome | None:
        if fit.fold is None:
            return None
        return recall(course.ledger, *self._keys(course, fit))

    def _keys(self, course: Course[T], fit: Fit) -> tuple[str, str | None]:
        assert fit.fold is not None  # noqa: S101 (told to the type checker)
        given = (course.spec, fit.params, course.seed, fit.fold)
        key = key_of(*given, early=course.early)
        return key, key_of(*given, early=course.early, guard=fit.guard) if fit.guard else None

    def _answer(self, course: Course[T], positions: Sequence[int], outcome: Outcome) -> None:
        for position in positions:
            fit = course.wanted[position]
            course.answers[position] = outcome
            course.done += not outcome.skipped
            if course.board is not None and fit.trial is not None and fit.fold is not None:
                course.board.add(fit.trial, fit.fold, outcome)

    # Fits.

    def _hand_out(self) -> None:
        """Start fits as long as there are free cores."""
        self._give_up_what_is_late()
        while self.free and (task := self._next()) is not None:
            threads = self._threads(task)
            if threads > self.free:
                break
            task.course.pending.remove(task)
            task.threads, task.started = threads, time.perf_counter()
            task.course.begun = task.course.begun or task.started
            self.free -= threads
            self.running.add(task)
            self.pool.start(task, self._work(task))

    def _next(self) -> Task | None:
        """The longest fit of the course whose turn it is."""
        waiting = [course for course in self.active if course.pending]
        if not waiting:
            return None
        unknown = [course for course in waiting if course.mean_seconds() is None and not self._runs(course)]
        if unknown:
            return unknown[0].pending[0]
        ahead = {course: course.left() * (course.mean_seconds() or 0.0) for course in waiting}
        farthest = max(waiting, key=ahead.__getitem__)
        if self.pool.jobs > 1 and 2 * self._runs(farthest) < self.pool.jobs:
            return farthest.pending[0]
        return min(waiting, key=ahead.__getitem__).pending[0]

    def _runs(self, course: Course[T]) -> int:
        return sum(task.threads for task in self.running if task.course is course)

    def _threads(self, task: Task) -> int:
        """One thread a fit, but all cores for a big one, and those that nobody needs for the last ones of a run.

        Only for models whose results do not depend on it. The file of a model that is kept may show how it was fitted
        (LightGBM's does), so it gets more than one thread for big data only.
        """
        if not task.course.spec.takes_threads(task.fit.params) or self.matrices.data.x.size < SMALL:
            return 1
        if self.is_big:
            return self.pool.jobs
        waiting = sum(len(course.pending) for course in self.active)
        return max(self.free // waiting, 1) if task.fit.fold is not None else 1

    def _work(self, task: Task) -> Work:
        course, fit = task.course, task.fit
        counts = sorted(count for count in task.answers if count is not None)
        return Work(
            course.spec,
            dict(fit.params),
            course.seed,
            self.matrices.path(fit.fold),
            fit.fold,
            shorter=tuple(counts[:-1]),
            early=course.early,
            guard=fit.guard,
            apart=course.spec.workers == "processes" and course.board is not None,  # a process pays for many fits only
            threads=task.threads,
        )

    def _give_up_what_is_late(self) -> None:
        """Answer what a course has no time left for."""
        for course in self.active:
            if course.budget is not None and time.perf_counter() - self.start > course.budget:
                late = [task for task in course.pending if not task.fit.essential]
                for task in late:
                    course.pending.remove(task)
                    for positions in task.answers.values():
                        self._answer(course, positions, SKIPPED)

    def _keep(self, task: Task, outcomes: Sequence[Outcome]) -> None:
        """Enter the outcomes of a fit into the ledger, and tell the course and the listener."""
        course = task.course
        self.running.discard(task)
        self.free += task.threads
        course.busy += (time.perf_counter() - task.started) * task.threads
        course.made += 1
        counts = sorted(task.answers, key=lambda count: count or 0)
        if len(outcomes) < len(counts):  # it failed, which says nothing of those with fewer rounds
            longest = counts[-1]
            course.pending = _longest_first([*course.pending, task.without(longest)])
            counts = [longest]
        for count, outcome in zip(counts, outcomes, strict=True):
            self._answer(course, task.answers[count], outcome)
            self._record(course, course.wanted[task.answers[count][0]], outcome)
        self.on_event(self._progress(course))

    def _record(self, course: Course[T], fit: Fit, outcome: Outcome) -> None:
        if fit.fold is None:
            return
        scored: tuple[str, float | None] = ("", None)
        if course.board is not None and fit.trial is not None and isinstance(outcome.value, FoldFit):
            scored = course.board.scoring, float(course.board.scores[fit.trial, fit.fold])
        params = written(course.spec, fit.params)
        course.ledger.put(records(*self._keys(course, fit), params, fit.fold, outcome, scored))

    def _progress(self, course: Course[T]) -> Fitting:
        elapsed = time.perf_counter() - (course.begun or self.start)
        rate = course.made / elapsed if elapsed > 0 else None
        left = course.left()
        best = course.board.leading() if course.board else None
        return Fitting(
            course.spec.name,
            course.done,
            course.done + round(left),
            rate,
            left / rate if rate else None,
            course.board.scoring if course.board else "",
            *(best or (None, {})),
        )


def _longest_first(tasks: Iterable[Task]) -> list[Task]:
    return sorted(tasks, key=lambda task: -task.weight)
