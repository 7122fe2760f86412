"""What is recorded of a run, and how two runs differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import hypot
from typing import Any

from phishcli.documents.base import Part, plain_of, recast
from phishcli.documents.metrics import Score
from phishcli.documents.run import Resampling, Run, RunFinding, RunModel
from phishcli.documents.sections import SplitFacts
from phishcli.documents.summary import ModelSection, Summary
from phishcli.evaluation.metrics import METRICS

SHOWN = ("accuracy", "recall", "fpr", "f1", "mcc", "roc_auc", "brier", "tpr@fpr=0.01")
"""Metrics that are shown in a comparison; ``--json`` has all of them."""


class Changes(Part, frozen=True, kw_only=True):
    """Names that only the new run has, and names that only the old one has."""

    new: tuple[str, ...]
    gone: tuple[str, ...]


class ModelChanges(Changes, frozen=True, kw_only=True):
    """The same of models, and those that both runs have."""

    both: tuple[str, ...]


class ScoreDifference(Part, frozen=True, kw_only=True):
    """A score in two runs; the difference is new minus old, None where either has no value, its interval likewise."""

    old: float | None
    new: float | None
    difference: float | None
    low: float | None
    high: float | None

    @property
    def is_significant(self) -> bool:
        """Whether the interval of the difference excludes 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    @property
    def is_none(self) -> bool:
        """Whether the scores are the same, on every resample too."""
        return self.old == self.new and self.low in (None, 0) and self.high in (None, 0)


class RunDifferences(Part, frozen=True, kw_only=True):
    """How two runs differ.

    ``config``, ``data`` and ``versions`` map what differs to its old and its new value, None where a run has none;
    ``data`` has the hash, rows, positives, columns, and facts of the split (``split.test_rows``). ``findings`` are
    those of the audit.
    """

    config: Mapping[str, tuple[Any, Any]]
    data: Mapping[str, tuple[Any, Any]]
    versions: Mapping[str, tuple[Any, Any]]
    findings: Changes
    models: ModelChanges


class RunComparison(RunDifferences, frozen=True, kw_only=True):
    """The same with scores by model, then metric; ``method`` says in a sentence where the intervals come from."""

    scores: Mapping[str, Mapping[str, ScoreDifference]]
    method: str


def run_of(summary: Summary, *, identity: str, created: str) -> Run:
    """Pick from a summary what is needed to compare runs.

    Parameters
    ----------
    identity, created
        The name of the run, and when its report was made.
    """
    data, provenance = summary.data, summary.provenance
    return Run(
        id=identity,
        created=created,
        origin=data.origin,
        sha256=data.sha256,
        rows=data.rows,
        positives=summary.classes.positive.rows,
        split=recast(SplitFacts, summary.split),
        resampling=recast(Resampling, summary.selected.evaluation.bootstrap),
        columns=tuple(column.name for column in data.columns),
        findings=tuple(recast(RunFinding, finding) for finding in summary.audit.active()),
        selected=summary.selection.model,
        config=provenance.config,
        versions=provenance.versions,
        fingerprints=provenance.fingerprints,
        models={name: _model(model) for name, model in summary.models.items()},
    )


def _model(model: ModelSection) -> RunModel:
    scores = model.evaluation
    return RunModel(
        threshold=scores.threshold,
        metrics=scores.metrics,
        cv={name: each.summary for name, each in scores.cv.items()},
        params=model.training.params,
    )


def differences(old: Run, new: Run) -> RunDifferences:
    """Find out how two runs differ, but for their scores."""
    return RunDifferences(
        config=_changed(dict(_flat(old.config)), dict(_flat(new.config))),
        data=_changed(_data(old), _data(new)),
        versions=_changed(old.versions, new.versions),
        findings=Changes(
            new=_without(sorted(_findings(new)), _findings(old)), gone=_without(sorted(_findings(old)), _findings(new))
        ),
        models=ModelChanges(
            new=_without(new.models, old.models),
            gone=_without(old.models, new.models),
            both=tuple(name for name in new.models if name in old.models),
        ),
    )


def unpaired(old: Score, new: Score) -> ScoreDifference:
    """Give the difference of a score between two runs whose test rows are not the same.

    The half widths of both intervals are combined as those of independent normal estimates.
    """
    if old.value is None or new.value is None:
        return ScoreDifference(old=old.value, new=new.value, difference=None, low=None, high=None)
    difference, halves = new.value - old.value, [_half(score) for score in (old, new)]
    half = hypot(*(each for each in halves if each is not None))
    known = None not in halves
    return ScoreDifference(
        old=old.value,
        new=new.value,
        difference=difference,
        low=difference - half if known else None,
        high=difference + half if known else None,
    )


def _half(score: Score) -> float | None:
    return None if score.low is None or score.high is None else (score.high - score.low) / 2


def compared_metrics() -> list[tuple[str, str]]:
    """Name and label of the metrics that are shown, in display order."""
    return [(each.name, each.label) for each in METRICS if each.name in SHOWN]


def _findings(run: Run) -> set[str]:
    return {finding.name for finding in run.findings}


def _data(run: Run) -> dict[str, Any]:
    facts = {"sha256": run.sha256, "rows": run.rows, "positives": run.positives, "columns": list(run.columns)}
    return facts | dict(_flat({"split": plain_of(run.split)}))


def _without(names: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    known = set(others)
    return tuple(name for name in names if name not in known)


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    keys = [*old, *(key for key in new if key not in old)]
    return {key: (old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)}


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested settings by their dotted names; an empty section has none."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
