"""``summary.json``: all that a report says, each section with the artifact that it was read from under ``from``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import msgspec

from phishcli.documents.base import Document, Part
from phishcli.documents.calibration import Calibration
from phishcli.documents.explanations import Explanations
from phishcli.documents.findings import Findings
from phishcli.documents.gap import Gap
from phishcli.documents.metrics import Bootstrap, ConfusionMatrix, FoldScores, OperatingPoint, Score, ThresholdRule
from phishcli.documents.operation import Operation, SheetLine
from phishcli.documents.schema import Label, Role
from phishcli.documents.segments import Segment
from phishcli.documents.selection import Selection
from phishcli.documents.training import SearchSummary, Seconds, Value


class ClassInfo(Part, frozen=True, kw_only=True):
    """One class: its name for people, its label in the source, and its rows."""

    name: str
    label: Label
    rows: int


class Classes(Part, frozen=True, kw_only=True):
    """Both classes, and what a row is called."""

    positive: ClassInfo
    negative: ClassInfo
    noun: Literal["sites", "rows"]


class ColumnInfo(Part, frozen=True, kw_only=True):
    """One feature as in `phishcli.documents.schema.Column`, with the number of its categories."""

    name: str
    role: Role
    dtype: str
    missing: int
    categories: int
    indicator_of: str | None


class DataSection(Part, frozen=True, kw_only=True):
    """The table; ``origin`` is what the user called its source."""

    source: str = msgspec.field(name="from")
    origin: str
    synthetic: bool
    table: str | None
    rows: int
    target: str
    sha256: str
    columns: tuple[ColumnInfo, ...]
    set_aside: Mapping[str, str]
    cleaned: Mapping[str, int]


class SplitFacts(Part, frozen=True, kw_only=True):
    """What ``preprocess`` made of the table: the rows of either part, and the number of processed features.

    ``group`` is the column whose values stay together; None where rows were split one by one.
    """

    train_rows: int
    test_rows: int
    features: int
    group: str | None


class SplitSection(SplitFacts, frozen=True, kw_only=True):
    """The split, with its source."""

    source: str = msgspec.field(name="from")


class AuditSection(Findings, frozen=True, kw_only=True):
    """The findings of the audit, with their source."""

    source: str = msgspec.field(name="from")


class GapSection(Gap, frozen=True, kw_only=True):
    """The optimism gap, with its source."""

    source: str = msgspec.field(name="from")


class SelectionSection(Selection, frozen=True, kw_only=True):
    """The comparison of models, with its source."""

    source: str = msgspec.field(name="from")


class ExplanationSection(Explanations, frozen=True, kw_only=True):
    """What one model relies on, with its source."""

    source: str = msgspec.field(name="from")


class MetricInfo(Part, frozen=True, kw_only=True):
    """The declaration of a metric; ``kind`` says whether it needs the predicted classes or the scores."""

    name: str
    label: str
    higher_is_better: bool
    explanation: str
    kind: Literal["confusion", "scores"]


class Baseline(Part, frozen=True, kw_only=True):
    """The accuracy of always predicting the majority class of the test rows, whose name is ``answer``."""

    answer: str
    accuracy: float


class OperationSection(Part, frozen=True, kw_only=True):
    """The operating sheet of each model; ``quantities`` has the label of each field of a line's quantities."""

    source: str = msgspec.field(name="from")
    settings: Operation
    quantities: Mapping[str, str]
    models: Mapping[str, tuple[SheetLine, ...]]


class SegmentSection(Part, frozen=True, kw_only=True):
    """The scores of all models on parts of the test rows."""

    source: str = msgspec.field(name="from")
    rows: tuple[Segment, ...]


class SuspectSection(Part, frozen=True, kw_only=True):
    """The number of rows with a doubtful label, and of those for either reason."""

    source: str = msgspec.field(name="from")
    rows: int
    contradicted: int
    twins: int


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
    release of each distribution, ``fingerprints`` the artifact of each step (``train/XGBoost``).
    """

    data_sha256: str
    config: Mapping[str, Any]
    versions: Mapping[str, str]
    fingerprints: Mapping[str, str]


class Summary(Document, frozen=True, kw_only=True):
    """All sections.

    ``gap`` is None where it was not asked for. ``metrics`` are in display order. ``models`` has those that were
    evaluated, in the order of the configuration, ``failed`` the reason for each of the others.
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

    @property
    def selected(self) -> ModelSection:
        """The selected model."""
        return self.models[self.selection.model]

    @property
    def selected_segments(self) -> list[Segment]:
        """The scores of the selected model on parts of the test rows."""
        return [segment for segment in self.segments.rows if segment.model == self.selection.model]

    @property
    def operating_sheet(self) -> tuple[SheetLine, ...]:
        """The operating sheet of the selected model, the threshold in use first."""
        return self.operation.models[self.selection.model]
