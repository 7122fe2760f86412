"""The sections of ``summary.json`` about the table and about all models together, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from phishcli.documents.base import Part
from phishcli.documents.findings import Findings
from phishcli.documents.gap import Gap
from phishcli.documents.operation import Operation, SheetLine
from phishcli.documents.schema import Label, Role
from phishcli.documents.segments import Segment
from phishcli.documents.selection import Selection


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
    """One feature as in `phishcli.documents.schema.Column`, with the number of its categories.

    ``meaning`` says in plain words what it is; None where it is simply a column of the source.
    """

    name: str
    role: Role
    dtype: str
    missing: int
    categories: int
    indicator_of: str | None
    meaning: str | None = None


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
    unlabelled: int = 0
    merged: Mapping[str, Mapping[str, int]] = msgspec.field(default_factory=dict)


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


class MetricInfo(Part, frozen=True, kw_only=True):
    """The declaration of a metric; ``kind`` says whether it needs the predicted classes or the scores."""

    name: str
    label: str
    higher_is_better: bool
    explanation: str
    kind: Literal["confusion", "scores"]


class Baseline(Part, frozen=True, kw_only=True):
    """The accuracy of always predicting the majority class of the training rows, whose name is ``answer``."""

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
