"""All fits of one model: which it requests, which of them have to be made, and what comes back."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Generic, TypeVar

from phishcli.documents.features import DEFAULT, Strategy
from phishcli.documents.fit_record import FitRecord
from phishcli.errors import PhishError
from phishcli.events import Fitting
from phishcli.fits.ledger import Ledger, fit_key, look_up, params_json, records_of
from phishcli.fits.protocols import Standing, Trials
from phishcli.fits.task import SKIPPED, FitRequest, FitResult, FoldFit
from phishcli.models.abilities import EarlyStopping
from phishcli.models.spec import ModelSpec, plain

T = TypeVar("T")
Requests = Generator[Sequence[FitRequest], Sequence[FitResult], T]


@dataclass(eq=False)
class PendingFit:
    """One fit to be made, and the positions of the requests that it answers, by number of rounds (None: any)."""

    workload: Workload[Any]
    request: FitRequest
    answers: dict[int | None, list[int]]
    started: float = 0.0
    threads: int = 1

    @property
    def counts(self) -> list[int | None]:
        """The numbers of rounds whose predictions are wanted, ascending."""
        return sorted(self.answers, key=lambda count: count or 0)

    @property
    def size(self) -> float:
        """How long it takes compared with other fits of its workload."""
        return (1e9 if self.request.fold is None else 0) + (self.workload.spec.round_count(self.request.params) or 0)

    def without_longest(self) -> PendingFit:
        """Give the same fit without the greatest number of rounds."""
        answers = {count: self.answers[count] for count in self.counts[:-1]}
        longest = self.workload.requested[answers[self.counts[-2]][0]]
        return PendingFit(self.workload, longest, answers)


@dataclass(eq=False)
class Workload(Generic[T]):
    """All fits of one model.

    Parameters
    ----------
    spec, seed, early
        What is fitted.
    requests
        A generator that yields the fits it needs next and is sent their results, in order; what it returns is the
        result of the workload.
    ledger
        Where fits on folds are looked up and stored.
    trials
        Where the results of trials are entered, in a search.
    budget
        Seconds after which only essential fits are started.
    most_rows
        How many rows a fit gets at most; the ledger belongs to this number.
    memory_share
        The part that a fit takes of the memory for fits.
    spread
        Whether each fit is made by all workers of a cluster together.
    strategy
        How columns become features for the model, and whether classes are balanced.
    view
        As of `phishcli.fits.task.FitTask`.
    """

    spec: ModelSpec
    seed: int
    requests: Requests[T]
    ledger: Ledger
    early: EarlyStopping | None = None
    trials: Trials | None = None
    budget: float | None = None
    most_rows: int | None = None
    memory_share: float = 0.0
    spread: bool = False
    strategy: Strategy = DEFAULT
    view: int | None = None

    requested: list[FitRequest] = field(default_factory=list, init=False)
    results: dict[int, FitResult] = field(default_factory=dict, init=False)
    pending: list[PendingFit] = field(default_factory=list, init=False)
    started: float | None = field(default=None, init=False)
    busy_seconds: float = field(default=0.0, init=False)
    n_made: int = field(default=0, init=False)
    n_done: int = field(default=0, init=False)
    _is_new: bool = field(default=True, init=False)

    def advance(self) -> None:
        """Exchange results for further requests, until one of them has to be made.

        Raises
        ------
        StopIteration
            With the result, when there are no more requests.
        """
        while len(self.results) == len(self.requested):
            results = [self.results[position] for position in range(len(self.requested))]
            following = next(self.requests) if self._is_new else self.requests.send(results)
            self.requested, self.results, self._is_new = list(following), {}, False
            self.pending = self._missing()

    def _missing(self) -> list[PendingFit]:
        """Group the requests that the ledger cannot answer, so that one fit answers as many as it can."""
        groups: dict[str, PendingFit] = {}
        for position, request in enumerate(self.requested):
            known = look_up(self.ledger, *self._keys(request)) if request.fold is not None else None
            if known is not None:
                self._deliver([position], known)
                continue
            count = self.spec.round_count(request.params) if request.fold is not None and not self.early else None
            group = groups.setdefault(self._group(request, count), PendingFit(self, request, {}))
            if count is not None and count > (self.spec.round_count(group.request.params) or 0):
                group.request = request
            group.answers.setdefault(count, []).append(position)
        return longest_first(groups.values())

    def _group(self, request: FitRequest, count: int | None) -> str:
        """Describe what requests have in common that one fit can answer."""
        rounds = self.spec.rounds.parameter if self.spec.rounds and count is not None else None
        rest = {name: value for name, value in request.params.items() if name != rounds}
        pruner = request.pruner.digest() if request.pruner else ""
        parts = [plain(rest), request.fold, pruner, count if pruner else None, request.refit, request.rows]
        return json.dumps(parts, sort_keys=True)

    def _keys(self, request: FitRequest) -> tuple[str, str | None]:
        assert request.fold is not None  # noqa: S101 (for the type checker)
        fit = (self.spec, request.params, self.seed, request.fold)
        key = partial(fit_key, *fit, early=self.early, strategy=self.strategy, rows=request.rows)
        return key(), key(pruner=request.pruner) if request.pruner else None

    def _deliver(self, positions: Sequence[int], result: FitResult) -> None:
        for position in positions:
            request = self.requested[position]
            self.results[position] = result
            self.n_done += not result.skipped
            if self.trials is not None and request.trial is not None and request.fold is not None:
                self.trials.record(request.trial, request.fold, result)

    def finish(self, pending: PendingFit, results: Sequence[FitResult]) -> None:
        """Deliver the results of a fit that was made, and store them."""
        self.busy_seconds += (time.perf_counter() - pending.started) * pending.threads
        self.n_made += 1
        counts = pending.counts
        if len(results) < len(counts):  # it failed, which says nothing about fewer rounds
            self.pending = longest_first([*self.pending, pending.without_longest()])
            counts = counts[-1:]
        for count, result in zip(counts, results, strict=True):
            positions = pending.answers[count]
            self._deliver(positions, result)
            self._store(self.requested[positions[0]], result)

    def _store(self, request: FitRequest, result: FitResult) -> None:
        if request.fold is None:
            return
        record = FitRecord(params_json(self.spec, request.params), request.fold, seconds=0.0)
        if self.trials is not None and request.trial is not None and isinstance(result.value, FoldFit):
            score = self.trials.score(request.trial, request.fold)
            record = replace(record, scoring=self.trials.scoring, score=score)
        self.ledger.put(records_of(result, record, *self._keys(request)))

    def skip_pending(self) -> None:
        """Answer all requests that are not essential as skipped."""
        for pending in [pending for pending in self.pending if not pending.request.essential]:
            self.pending.remove(pending)
            for positions in pending.answers.values():
                self._deliver(positions, SKIPPED)

    def make_essential(self) -> None:
        """Make what is pending essential, so that it is made after the time is up as well."""
        for pending in self.pending:
            pending.request = replace(pending.request, essential=True)

    def expected_fits(self) -> float:
        """Estimate how many fits are still to come."""
        open_requests = len(self.requested) - len(self.results)
        if self.trials is None:
            return open_requests
        has_final = any(request.fold is None for request in self.requested)
        return max(self.trials.expected_fits(), open_requests) + (not has_final)

    def standing(self) -> Standing | None:
        """Describe how the search stands; None without one."""
        return self.trials.standing() if self.trials else None

    def mean_seconds(self) -> float | None:
        """Give the mean time of a fit so far."""
        return self.busy_seconds / self.n_made if self.n_made else None

    def progress(self, within: float | None = None) -> Fitting:
        """Describe how far the fits are; ``within`` so many seconds no more will be made."""
        elapsed = time.perf_counter() - self.started if self.started is not None else 0.0
        rate = self.n_made / elapsed if elapsed > 0 else None
        left = self.expected_fits()
        if within is not None and rate:
            left = min(left, max(within, 0.0) * rate)
        best = self.trials.leader() if self.trials else None
        return Fitting(
            self.spec.name,
            self.n_done,
            self.n_done + round(left),
            rate,
            left / rate if rate else None,
            self.trials.scoring if self.trials else "",
            *(best or (None, {})),
        )


@dataclass(frozen=True)
class WorkloadResult(Generic[T]):
    """A workload that has ended with a result or an error, and its share of the time of the run."""

    workload: Workload[T]
    result: T | None
    error: PhishError | None
    seconds: float


def longest_first(pending: Iterable[PendingFit]) -> list[PendingFit]:
    """Sort fits so that the longest comes first."""
    return sorted(pending, key=lambda fit: -fit.size)
