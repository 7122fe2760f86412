"""``summary.json``: all that a report shows, each section with the artifact that it was read from under ``from``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from phishcli.documents.base import Document, Part
from phishcli.documents.calibration import Calibration
from phishcli.documents.campaigns import CampaignsSection
from phishcli.documents.evasion import EvasionSection
from phishcli.documents.explanations import Explanations
from phishcli.documents.features import DEFAULT, Strategy
from phishcli.documents.metrics import Bootstrap, ConfusionMatrix, FoldScores, OperatingPoint, Score, ThresholdRule
from phishcli.documents.operation import SheetLine
from phishcli.documents.sections import (
    AuditSection,
    Baseline,
    Classes,
    DataSection,
    GapSection,
    MetricInfo,
    OperationSection,
    SegmentSection,
    SelectionSection,
    SplitSection,
    SuspectSection,
)
from phishcli.documents.segments import Segment
from phishcli.documents.tiers import TiersSection
from phishcli.documents.training import CurvePoint, MemberSummary, SearchSummary, Seconds, Value


class Evaluation(Part, frozen=True, kw_only=True):
    """`phishcli.documents.metrics.Metrics` without the model's name and what is for charts only."""

    n: int
    n_positive: int
    n_negative: int
    threshold: float
    bootstrap: Bootstrap
    confusion: ConfusionMatrix
    metrics: Mapping[str, Score]
    delong: tuple[float, float] | None
    notes: tuple[str, ...]
    resolution: str | None
    cv: Mapping[str, FoldScores]
    threshold_rule: ThresholdRule
    operating_points: tuple[OperatingPoint, ...]
    calibration: Calibration


class TrainingFacts(Part, frozen=True, kw_only=True):
    """`phishcli.documents.training.Training` without the model's name and scores, which `Evaluation` has."""

    title: str
    params: Mapping[str, Value]
    seed: int
    seconds: Seconds
    warnings: tuple[str, ...]
    n_train: int
    n_features: int
    libraries: Mapping[str, str | None]
    tuned: SearchSummary | None
    strategy: Strategy = DEFAULT
    members: tuple[MemberSummary, ...] = ()
    curve: tuple[CurvePoint, ...] = ()


class ClassScores(Part, frozen=True, kw_only=True):
    """Precision, recall, F1 and rows of one class, or a mean over both."""

    name: str = msgspec.field(name="class")
    precision: float
    recall: float
    f1: float
    support: int


class ModelSources(Part, frozen=True, kw_only=True):
    """The artifacts that a model's numbers were read from."""

    evaluation: str
    training: str


class ExplanationSection(Explanations, frozen=True, kw_only=True):
    """What one model relies on, with its source."""

    source: str = msgspec.field(name="from")


class ModelSection(Part, frozen=True, kw_only=True):
    """One model; ``explanation`` is None where it was not asked for, or failed."""

    sources: ModelSources = msgspec.field(name="from")
    evaluation: Evaluation
    per_class: tuple[ClassScores, ...]
    training: TrainingFacts
    explanation: ExplanationSection | None


class Provenance(Part, frozen=True, kw_only=True):
    """What is needed to reproduce a run.

    ``config`` is the resolved configuration without ``run``, which changes no result; ``versions`` has the installed
    release of each distribution, ``fingerprints`` the artifact of each step (``train/XGBoost``). ``trained`` is the day
    (ISO, UTC) on which the selected model was trained.
    """

    data_sha256: str
    trained: str
    config: Mapping[str, Any]
    versions: Mapping[str, str]
    fingerprints: Mapping[str, str]


class Summary(Document, frozen=True, kw_only=True):
    """All sections.

    ``gap``, ``evasion``, ``tiers`` and ``campaigns`` are None where they were not asked for. ``metrics`` are in display
    order. ``models`` has those that were evaluated, in the order of the configuration, ``failed`` the reason for each
    of the others.
    """

    FORMAT: ClassVar[int] = 4

    title: str
    classes: Classes
    data: DataSection
    audit: AuditSection
    gap: GapSection | None
    split: SplitSection
    metrics: tuple[MetricInfo, ...]
    selection: SelectionSection
    baseline: Baseline
    operation: OperationSection
    segments: SegmentSection
    suspects: SuspectSection
    models: Mapping[str, ModelSection]
    failed: Mapping[str, str]
    provenance: Provenance
    evasion: EvasionSection | None = None
    tiers: TiersSection | None = None
    campaigns: CampaignsSection | None = None

    @property
    def selected(self) -> ModelSection:
        """The selected model."""
        return self.models[self.selection.model]

    @property
    def ranked(self) -> dict[str, ModelSection]:
        """The models that were evaluated, best first."""
        return {name: self.models[name] for name in self.selection.ranking}

    @property
    def selected_segments(self) -> list[Segment]:
        """The scores of the selected model on parts of the test rows."""
        return [segment for segment in self.segments.rows if segment.model == self.selection.model]

    @property
    def operating_sheet(self) -> tuple[SheetLine, ...]:
        """The operating sheet of the selected model, the threshold in use first."""
        return self.operation.models[self.selection.model]
