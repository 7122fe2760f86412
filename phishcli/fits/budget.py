"""The budget of a run: when it has to be over, what is still to come after the fits, and which fit is worth its time.

A run with a budget makes fits as long as there is time for what has to follow: the final fits, the ensemble, and the
stages after training. Expected times are those that models declare (`ModelSpec.effort`), corrected by what the fits of
this run have taken, so that they hold on slow and on busy machines as well.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phishcli.fits.protocols import Standing
    from phishcli.fits.workload import PendingFit, Workload

PER_MODEL, ONCE, RELEASE, ENDING = 0.6, 3.0, 3.0, 0.3
"""Seconds on a usual core after training: to evaluate a model, to compare and report, to write a release, to end."""
PER_VALUE = 1.5e-6
"""Seconds more to evaluate a model, for a value of the training matrix."""
EXPLAINED, COMBINED = 0.1, 0.1
"""Shares of the budget that are kept for explanations, and at most for fits of members of an ensemble."""
CAUTION = 1.3
"""Expected times are taken for so much longer."""
ALL_ROWS = 1.25
"""A fit on all training rows takes so much longer than one on four of five folds."""
DOUBT = 3.0
"""Seconds of fits after which what they took counts as much as what was expected; the first ones load libraries."""
PATIENCE = 8
"""Trials without a better one that halve what a model promises."""


@dataclass
class Deadline:
    """When a run has to be over.

    Parameters
    ----------
    seconds
        The budget.
    started
        When it began, by ``now``.
    releases, combines, explains
        Whether the run ends with a release, whether an ensemble follows the fits, and whether models are explained.
    refits
        Final fits of each model.
    now
        A clock in seconds.
    slowness
        How much longer fits take than on a usual core, as far as it is known.
    """

    seconds: float
    started: float
    releases: bool = False
    combines: bool = False
    explains: bool = True
    refits: int = 1
    now: Callable[[], float] = time.perf_counter
    slowness: float = 1.0

    def left(self) -> float:
        """Seconds until the end; negative afterwards."""
        return self.started + self.seconds - self.now()

    def ending(self) -> float:
        """Seconds for what follows all evaluations."""
        return max(self.slowness, 1.0) * (ENDING + ONCE + (RELEASE if self.releases else 0.0))

    def after(self, models: int, values: int) -> float:
        """Seconds for what follows all fits of so many models on a matrix of so many values."""
        evaluations = max(self.slowness, 1.0) * models * (PER_MODEL + PER_VALUE * values)
        return self.ending() + evaluations + (EXPLAINED * self.seconds if self.explains else 0.0)


@dataclass
class Allocation:
    """Decides under a deadline which fit is next, and whether there is time for any.

    Parameters
    ----------
    deadline
        The end of the run.
    rows, columns
        The shape of the training matrix.
    """

    deadline: Deadline
    rows: int
    columns: int
    _usual: dict[Workload[Any], float] = field(default_factory=lambda: defaultdict(float), init=False)

    def record(self, fit: PendingFit) -> None:
        """Learn from a fit that has ended how fast this machine is at present."""
        self._usual[fit.workload] += self.usual(fit)
        measured, usual = sum(each.busy_seconds for each in self._usual), sum(self._usual.values())
        self.deadline.slowness = (measured + DOUBT) / (usual + DOUBT)

    def usual(self, fit: PendingFit) -> float:
        """Seconds that a fit would take on a usual core."""
        spec = fit.workload.spec
        rounds, count = spec.round_count({}), spec.round_count(fit.request.params)
        whole = ALL_ROWS if fit.request.fold is None else 1.0
        return whole * self._with_defaults(fit.workload) * (count / rounds if rounds and count else 1.0)

    def _with_defaults(self, workload: Workload[Any]) -> float:
        """Seconds of a fit with the defaults, on the sample of the rows where memory allows no more."""
        rows = min(self.rows, workload.most_rows or self.rows)
        return workload.spec.expected_seconds(rows, self.columns)

    def expected(self, fit: PendingFit) -> float:
        """Seconds that a fit will take: by the fits of its model so far, or else by those of others."""
        usual = self._usual.get(fit.workload)
        slowness = fit.workload.busy_seconds / usual if usual else self.deadline.slowness
        return CAUTION * slowness * self.usual(fit)

    def left_to_search(self, active: Collection[Workload[Any]], ended: int, slots: int) -> float:
        """Seconds until no further fit of a search may run: what is left without what has to follow.

        Parameters
        ----------
        active
            The workloads whose final fits are still to come.
        ended
            How many have ended with a model.
        slots
            Fits at once.
        """
        finals = [self._final(each) for each in active if each.standing() is not None]
        to_fit = max(sum(finals) / slots, max(finals, default=0.0))
        members = min(COMBINED * self.deadline.seconds, to_fit) if self.deadline.combines else 0.0
        models = ended + max(len(finals), 1) + self.deadline.combines
        return self.deadline.left() - to_fit - members - self.deadline.after(models, self.rows * self.columns)

    def _final(self, workload: Workload[Any]) -> float:
        return self.deadline.refits * CAUTION * ALL_ROWS * (workload.mean_seconds() or 0.0)

    def choose(self, waiting: Collection[Workload[Any]], left: float) -> PendingFit | None:
        """Choose the next fit; None if there is time for none.

        Models without a complete trial come first, the quickest of them; then the one that has had the least time for
        what it promises.
        """
        able = {each: fit for each in waiting if (fit := self._within(each, left)) is not None}
        new = [each for each in able if each.standing() is None]
        if new:
            return able[min(new, key=self._with_defaults)]
        known = [standing for each in waiting if (standing := each.standing()) is not None]
        best = max(known, key=lambda standing: standing.score, default=None)
        return min(able.values(), key=lambda fit: self._spent(fit, best), default=None)

    def _within(self, workload: Workload[Any], left: float) -> PendingFit | None:
        return next((fit for fit in workload.pending if fit.request.essential or self.expected(fit) <= left), None)

    def _spent(self, fit: PendingFit, best: Standing | None) -> float:
        return (fit.workload.busy_seconds + self.expected(fit)) / promise(fit.workload.standing(), best)


def promise(standing: Standing | None, best: Standing | None) -> float:
    """What a model may still give: less, the more it is behind the best one, and the longer it has not got better.

    The distance is in standard errors of the mean over the folds.
    """
    if standing is None or best is None:
        return 1.0
    error = max(standing.error, best.error)
    behind = (best.score - standing.score) / error if error else 0.0
    return 1 / (1 + behind) ** 2 / (1 + standing.since / PATIENCE)
