"""``results/runs/*.json``: what is recorded of a run, so that runs can be compared when the cache is gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from phishcli.documents.base import Document, Part
from phishcli.documents.findings import Severity
from phishcli.documents.metrics import FoldSummary, Score
from phishcli.documents.sections import SplitFacts
from phishcli.documents.training import Value


class Resampling(Part, frozen=True, kw_only=True):
    """How the test rows were resampled: number of resamples, confidence level of the intervals, and seed."""

    n_boot: int
    confidence: float
    seed: int


class RunFinding(Part, frozen=True, kw_only=True):
    """An active finding of the audit; ``column`` is None for findings about the whole table."""

    code: str
    severity: Severity
    column: str | None

    @property
    def name(self) -> str:
        """``code``, or ``code:column``."""
        return self.code if self.column is None else f"{self.code}:{self.column}"


class RunModel(Part, frozen=True, kw_only=True):
    """One model: scores on the test rows and over the folds, and hyperparameters."""

    threshold: float
    metrics: Mapping[str, Score]
    cv: Mapping[str, FoldSummary]
    params: Mapping[str, Value]


class Run(Document, frozen=True, kw_only=True):
    """One run.

    ``id`` is the beginning of the fingerprint of its report, ``created`` an ISO time in UTC. ``origin`` is what the
    user called the source, ``sha256`` the hash of its content. ``config``, ``versions`` and ``fingerprints`` are those
    of `phishcli.documents.summary.Provenance`.
    """

    FORMAT: ClassVar[int] = 2

    id: str
    created: str
    origin: str
    sha256: str
    rows: int
    positives: int
    split: SplitFacts
    resampling: Resampling
    columns: tuple[str, ...]
    findings: tuple[RunFinding, ...]
    selected: str
    config: Mapping[str, Any]
    versions: Mapping[str, str]
    fingerprints: Mapping[str, str]
    models: Mapping[str, RunModel]

    @classmethod
    def upgrade(cls, plain: Mapping[str, Any], written: int) -> Mapping[str, Any]:
        """Read format 1, which had the facts of the resampling and of the groups in ``config`` only."""
        return _of_first_format(plain) if written == 1 else super().upgrade(plain, written)


class _FirstScore(msgspec.Struct):
    """A score of format 1; that of the ROC-AUC had DeLong's interval, too."""

    value: float | None
    low: float | None
    high: float | None


class _FirstMean(msgspec.Struct):
    mean: float | None
    std: float | None


class _FirstModel(msgspec.Struct):
    threshold: float
    metrics: Mapping[str, _FirstScore]
    cv: Mapping[str, _FirstMean]
    params: Mapping[str, Value]


class _FirstEvaluate(msgspec.Struct):
    n_boot: int
    confidence: float
    seed: int


class _FirstGroup(msgspec.Struct):
    group: str | None = None


class _FirstPreprocess(msgspec.Struct):
    split: _FirstGroup
    folds: int


class _FirstConfig(msgspec.Struct):
    evaluate: _FirstEvaluate
    preprocess: _FirstPreprocess


class _FirstRun(msgspec.Struct):
    config: _FirstConfig
    split: Mapping[str, int]
    models: Mapping[str, _FirstModel]


def _of_first_format(plain: Mapping[str, Any]) -> Mapping[str, Any]:
    first = msgspec.convert(plain, _FirstRun)
    preprocess = first.config.preprocess
    return {
        **plain,
        "split": {**first.split, "group": preprocess.split.group},
        "resampling": msgspec.to_builtins(first.config.evaluate),
        "models": {name: _model(model, preprocess.folds) for name, model in first.models.items()},
    }


def _model(first: _FirstModel, folds: int) -> Mapping[str, Any]:
    scores = {
        name: {"mean": each.mean, "std": each.std, "n_folds": 0 if each.mean is None else folds}
        for name, each in first.cv.items()
    }
    return {**msgspec.to_builtins(first), "cv": scores}
