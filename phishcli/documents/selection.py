"""``selection.json``: all models side by side, the one that is selected, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from phishcli.documents.base import Document, Part
from phishcli.documents.metrics import FoldSummary, Score
from phishcli.documents.schema import Label
from phishcli.documents.segments import Segment

On = Literal["cv", "test"]
Prefer = Literal["best", "simple", "fast"]
Test = Literal["folds", "mcnemar", "bootstrap"]
"""The tests for a difference between two models: on the folds, on the errors at the threshold, on resamples."""


class PairedDifference(Part, frozen=True, kw_only=True):
    """How much higher the best model scores than another one, with interval and p-values.

    ``p_adjusted`` is adjusted for the number of pairs of models by Holm's method.
    """

    value: float
    low: float
    high: float
    p: float
    p_adjusted: float


class McNemar(Part, frozen=True, kw_only=True):
    """McNemar's exact test: test rows that only the best model gets right, and that only the other one does."""

    won: int
    lost: int
    p: float
    p_adjusted: float


class Comparison(Part, frozen=True, kw_only=True, omit_defaults=True):
    """One model against the best one.

    ``decided_by`` names the test whose adjusted p-value counts, ``significant`` its answer. ``folds`` is None where the
    folds cannot resolve the metric, ``bootstrap`` where it was not resampled.
    """

    model: str
    against: str
    decided_by: Test
    significant: bool
    folds: PairedDifference | None = None
    mcnemar: McNemar
    bootstrap: PairedDifference | None = None


class NonMissingScores(Part, frozen=True, kw_only=True):
    """Scores of one model on the test rows where a column has a value, at the same thresholds as on all rows.

    ``recall`` gives the recall for each threshold by the name of its rule.
    """

    n: int
    n_positive: int
    metrics: Mapping[str, Score]
    recall: Mapping[str, float]


class ConstantAnswer(Part, frozen=True, kw_only=True):
    """Always answering the more frequent label of the training rows, with its share as the probability.

    ``label`` is as the source has it, ``positive`` whether it is the positive one. ``scores`` go by metric, on the test
    rows (None where not defined or resolvable), ``cv`` over the folds of the training part.
    """

    label: Label
    positive: bool
    scores: Mapping[str, float | None]
    cv: Mapping[str, FoldSummary]


class Skill(Part, frozen=True, kw_only=True):
    """One model against the constant answer, on the test rows.

    ``difference`` of the accuracy with its interval, the one-sided p-values that the model is more accurate and that
    it ranks positive rows above negative ones, adjusted for all models by Holm's method, and the two answers.
    """

    difference: float
    low: float | None
    high: float | None
    p_accuracy: float
    p_ranking: float
    more_accurate: bool
    ranks: bool


class Selection(Document, frozen=True, kw_only=True):
    """The comparison of models.

    ``on`` and ``by`` say which scores select, ``prefer`` which of the models in ``top_group``: the best one and those
    that are statistically indistinguishable from it, best first. ``ranking`` has all models, best first; ``tests`` all
    but the best. ``table`` (test rows) and ``cv`` go by model, then metric; ``best`` has the best models on the test
    rows by metric. ``scores`` and ``segments`` are those of the selected model; ``confidence`` is the level of all
    intervals. ``missingness`` goes by column, then model: columns whose missing values give the label away.
    ``constant`` is the answer that a model has to beat, ``skill`` says by model whether it does, and ``verdict`` what
    that means for the selected one; empty where it does.
    """

    model: str
    on: On
    by: str
    prefer: Prefer
    top_group: tuple[str, ...]
    rationale: str
    ranking: tuple[str, ...]
    tests: tuple[Comparison, ...]
    table: Mapping[str, Mapping[str, float | None]]
    best: Mapping[str, tuple[str, ...]]
    cv: Mapping[str, Mapping[str, FoldSummary]]
    scores: Mapping[str, Score]
    confidence: float
    segments: tuple[Segment, ...]
    missingness: Mapping[str, Mapping[str, NonMissingScores]] = msgspec.field(default_factory=dict)
    constant: ConstantAnswer
    skill: Mapping[str, Skill]
    verdict: str

    @property
    def best_cv(self) -> list[str]:
        """The models with the highest cross-validated accuracy."""
        means = {model: scores["accuracy"].mean for model, scores in self.cv.items()}
        highest = max((mean for mean in means.values() if mean is not None), default=None)
        return [model for model, mean in means.items() if mean == highest]

    @property
    def without_a_leak(self) -> list[Segment]:
        """Segments of rows that have a value whose absence gives the label away, if they are large enough."""
        return [segment for segment in self.segments if segment.without_a_leak]
