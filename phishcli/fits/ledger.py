"""The trial ledger: the result of each fit on a fold, found again by what it depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from phishcli.documents.base import plain_of
from phishcli.documents.features import DEFAULT, Strategy
from phishcli.documents.fit_record import FitRecord
from phishcli.errors import first_line
from phishcli.fits.protocols import Pruner
from phishcli.fits.task import FitResult, FoldFit, PrunedFit
from phishcli.models.abilities import EarlyStopping
from phishcli.models.spec import ModelSpec, plain


class Ledger(Protocol):
    """Where records are kept. It belongs to certain data, folds and library versions, which its owner ensures."""

    def get(self, key: str) -> FitRecord | None:
        """Look up a record."""

    def put(self, records: Mapping[str, FitRecord]) -> None:
        """Store records, all or none of them."""


class MemoryLedger(dict[str, FitRecord]):
    """A ledger that lasts as long as the process."""

    def put(self, records: Mapping[str, FitRecord]) -> None:
        """Store records."""
        self.update(records)


def params_json(spec: ModelSpec, params: Mapping[str, Any]) -> str:
    """Write all parameters that differ from the library's defaults as canonical JSON."""
    return json.dumps(plain({**spec.defaults, **params}), sort_keys=True)


def fit_key(
    spec: ModelSpec,
    params: Mapping[str, Any],
    seed: int,
    fold: int,
    *,
    early: EarlyStopping | None = None,
    pruner: Pruner | None = None,
    strategy: Strategy = DEFAULT,
    rows: int | None = None,
) -> str:
    """Hash what a fit depends on besides data, folds and versions; gives 64 hex digits."""
    parts = [params_json(spec, params), seed, fold, repr(early)]
    if pruner is not None:
        parts.append(pruner.digest())
    if strategy != DEFAULT:
        parts.append(plain_of(strategy))
    if rows is not None:
        parts.append({"rows": rows})
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def look_up(ledger: Ledger, key: str, pruner_key: str | None = None) -> FitResult | None:
    """Give the result of an earlier fit; None where there is none.

    A fit that passed its pruner has a record without probabilities under its key with the pruner, which points to the
    record of the whole fit. Whether a pruner would have stopped a fit that was made without it is not known.
    """
    record = ledger.get(pruner_key or key)
    if record is not None and pruner_key is not None and not record.stopped and record.error is None:
        record = ledger.get(key)
    return None if record is None else _result(record)


def _result(record: FitRecord) -> FitResult | None:
    if record.error is not None:
        return FitResult(error=RuntimeError(record.error), warnings=record.warnings)
    if record.stopped:
        return FitResult(PrunedFit(record.stopped, record.seconds), warnings=record.warnings)
    if record.probability is None:
        return None
    return FitResult(FoldFit(record.probability, record.seconds), warnings=record.warnings)


def records_of(result: FitResult, record: FitRecord, key: str, pruner_key: str | None = None) -> dict[str, FitRecord]:
    """Give what to store of a fit on a fold, by key.

    Nothing of a fit that failed for lack of memory, since it may succeed next time.

    Parameters
    ----------
    result
        The result of the fit.
    record
        What is known of the fit besides its result.
    key, pruner_key
        Its `fit_key` without the pruner, and with it if there is one.
    """
    record = replace(record, warnings=result.warnings)
    if isinstance(result.value, FoldFit):
        passed = replace(record, seconds=result.value.seconds, scoring="", score=None)
        whole = replace(record, seconds=result.value.seconds, probability=result.value.probability)
        return {key: whole, **({pruner_key: passed} if pruner_key else {})}
    if isinstance(result.value, PrunedFit):
        return {pruner_key or key: replace(record, seconds=result.value.seconds, stopped=result.value.rounds)}
    if result.error is None or isinstance(result.error, MemoryError):
        return {}
    return {pruner_key or key: replace(record, error=first_line(result.error))}
