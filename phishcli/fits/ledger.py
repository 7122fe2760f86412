"""The trial ledger: what became of each fit on a fold, found again by what it depended on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from phishcli.fits.fit import FoldFit, Outcome, Stopped
from phishcli.models.spec import EarlyStopping, ModelSpec, first_line, plain
from phishcli.search.pruning import Guard
from phishcli.types import FitRecord


class Ledger(Protocol):
    """Where records are kept. Data, folds and library versions are the business of whoever opens one."""

    def get(self, key: str) -> FitRecord | None:
        """Look a record up."""

    def put(self, records: Mapping[str, FitRecord]) -> None:
        """Keep records, all or none of them."""


class Memory(dict[str, FitRecord]):
    """A ledger that lasts as long as the process."""

    def put(self, records: Mapping[str, FitRecord]) -> None:
        """Keep records."""
        self.update(records)


def written(spec: ModelSpec, params: Mapping[str, Any]) -> str:
    """All parameters other than the library's own, as canonical JSON."""
    return json.dumps(plain({**spec.defaults, **params}), sort_keys=True)


def key_of(
    spec: ModelSpec,
    params: Mapping[str, Any],
    seed: int,
    fold: int,
    *,
    early: EarlyStopping | None = None,
    guard: Guard | None = None,
) -> str:
    """Name a fit by what it depends on beside data, folds and versions: 64 hex digits."""
    told = [written(spec, params), seed, fold, repr(early)]
    if guard is not None:
        told.append(guard.digest())
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def recall(ledger: Ledger, key: str, verdict: str | None) -> Outcome | None:
    """Give what became of a fit; of a guarded one (``verdict`` is its key with the guard) what became of it then."""
    record = ledger.get(verdict or key)
    if record is not None and verdict is not None and not record.stopped and record.error is None:
        record = ledger.get(key)
    if record is None:
        return None
    if record.error is not None:
        return Outcome(error=RuntimeError(record.error), warnings=record.warnings)
    if record.stopped:
        return Outcome(Stopped(record.stopped, record.seconds), warnings=record.warnings)
    if record.probability is None:
        return None
    return Outcome(FoldFit(record.probability, record.seconds), warnings=record.warnings)


def records(
    key: str, verdict: str | None, params: str, fold: int, outcome: Outcome, scored: tuple[str, float | None]
) -> dict[str, FitRecord]:
    """What is to be kept of a fit, by key: the fit itself, and how it stood its guard.

    Nothing of one that failed for want of memory: that may go better next time.
    """
    scoring, score = scored
    base = FitRecord(params, fold, seconds=0.0, warnings=outcome.warnings)
    if isinstance(outcome.value, FoldFit):
        passed = replace(base, seconds=outcome.value.seconds)
        fit = replace(passed, probability=outcome.value.probability, scoring=scoring, score=score)
        return {key: fit, **({verdict: passed} if verdict else {})}
    if isinstance(outcome.value, Stopped):
        return {verdict or key: replace(base, seconds=outcome.value.seconds, stopped=outcome.value.rounds)}
    if outcome.error is None or isinstance(outcome.error, MemoryError):
        return {}
    return {verdict or key: replace(base, error=first_line(outcome.error))}
