"""Gather what a report says, and name for every number the artifact that it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from phishcli.documents.base import recast
from phishcli.documents.campaigns import Campaigns, CampaignsSection
from phishcli.documents.evasion import Evasion, EvasionSection
from phishcli.documents.explanations import Explanations
from phishcli.documents.findings import Findings
from phishcli.documents.gap import Gap
from phishcli.documents.metrics import Metrics
from phishcli.documents.schema import Column, Schema
from phishcli.documents.sections import (
    AuditSection,
    Baseline,
    Classes,
    ColumnInfo,
    DataSection,
    GapSection,
    MetricInfo,
    OperationSection,
    SegmentSection,
    SelectionSection,
    SplitFacts,
    SplitSection,
    SuspectSection,
)
from phishcli.documents.selection import Selection
from phishcli.documents.summary import (
    Evaluation,
    ExplanationSection,
    ModelSection,
    ModelSources,
    Provenance,
    Summary,
    TrainingFacts,
)
from phishcli.documents.tiers import Tiers, TiersSection
from phishcli.documents.training import Training
from phishcli.evaluation.metrics import METRICS
from phishcli.evaluation.operation import QUANTITIES, operating_sheet, operation_of
from phishcli.evaluation.segments import of_frame
from phishcli.evaluation.suspects import CONFLICTING, CONTRADICTED, REASON
from phishcli.features.derive import in_words
from phishcli.render.beside import CAMPAIGNS, EVASION, TIERS
from phishcli.render.classes import name_classes, per_class

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.config.schema import OperationConfig, ReportConfig


@dataclass(frozen=True)
class ReportData:
    """All that a report shows, before it is drawn.

    ``summary`` is ``summary.json``; ``metrics`` have the curves of each model, for charts; ``suspects`` the rows with a
    doubtful label. ``charts`` and ``figures`` say whether charts, and files of them, were asked for.
    """

    summary: Summary
    metrics: Mapping[str, Metrics]
    suspects: pd.DataFrame | None = None
    charts: bool = True
    figures: bool = False


def assemble(
    settings: ReportConfig,
    operation: OperationConfig,
    *,
    origin: str,
    schema: Schema,
    audit: Findings,
    selection: Selection,
    metrics: Mapping[str, Metrics],
    training: Mapping[str, Training],
    split: SplitFacts,
    provenance: Provenance,
    explanations: Mapping[str, Explanations] = MappingProxyType({}),
    segments: pd.DataFrame | None = None,
    suspects: pd.DataFrame | None = None,
    gap: Gap | None = None,
    failed: Mapping[str, str] = MappingProxyType({}),
    evasion: Mapping[str, Evasion] = MappingProxyType({}),
    tiers: Tiers | None = None,
    campaigns: Campaigns | None = None,
) -> ReportData:
    """Bring the artifacts of a run together.

    Parameters
    ----------
    origin
        What the user called the source: a path, an address, ``sample``.
    operation
        Where the selected model will work.
    segments, suspects
        ``segments.parquet`` and ``suspects.csv`` of ``evaluate``.
    metrics, training
        By model, the same models in both.
    provenance
        What is needed to reproduce the run. Nothing else enters the report: no clock, no path, no environment.
    explanations
        By model; empty where they were not asked for.
    failed
        Models that could not be trained, each with its reason.
    evasion
        By model, how far it withstands an attacker; empty where that was not asked for.
    tiers, campaigns
        What is known when, and rows that are nearly alike; None where that was not asked for.
    """
    classes = name_classes(schema, origin)
    summary = Summary(
        title=settings.title,
        classes=classes,
        data=_data(schema, origin, provenance.data_sha256),
        audit=recast(AuditSection, audit, source="audit/audit.json"),
        gap=recast(GapSection, gap, source="gap/gap.json") if gap else None,
        split=recast(SplitSection, split, source="preprocess/split.parquet, preprocess/features.json"),
        metrics=tuple(recast(MetricInfo, metric) for metric in METRICS),
        selection=recast(SelectionSection, selection, source="evaluate/selection.json"),
        baseline=_baseline(selection, classes),
        operation=_operation(operation, metrics, selection),
        segments=_segments(segments),
        suspects=_suspects(suspects),
        models={name: _model(each, training[name], classes, explanations.get(name)) for name, each in metrics.items()},
        failed=dict(failed),
        provenance=provenance,
        evasion=EvasionSection(source=EVASION, models=tuple(evasion.values())) if evasion else None,
        tiers=recast(TiersSection, tiers, source=TIERS) if tiers else None,
        campaigns=recast(CampaignsSection, campaigns, source=CAMPAIGNS) if campaigns else None,
    )
    return ReportData(summary, metrics, suspects, charts=settings.charts, figures=settings.figures)


def _data(schema: Schema, origin: str, sha256: str) -> DataSection:
    columns = tuple(_column(column) for column in schema.columns)
    return recast(DataSection, schema, source="load/schema.json", origin=origin, sha256=sha256, columns=columns)


def _column(column: Column) -> ColumnInfo:
    return recast(ColumnInfo, column, categories=len(column.categories), meaning=in_words(column))


def _baseline(selection: Selection, classes: Classes) -> Baseline:
    constant = selection.constant
    answer = classes.positive if constant.positive else classes.negative
    return Baseline(answer=answer.name, accuracy=constant.scores["accuracy"] or 0.0)


def _operation(settings: OperationConfig, metrics: Mapping[str, Metrics], selection: Selection) -> OperationSection:
    operation = operation_of(settings)
    return OperationSection(
        source="evaluate/<model>/metrics.json",
        settings=operation,
        quantities=QUANTITIES,
        models={name: operating_sheet(operation, each, selection.missingness) for name, each in metrics.items()},
    )


def _segments(segments: pd.DataFrame | None) -> SegmentSection:
    rows = () if segments is None else tuple(of_frame(segments))
    return SegmentSection(source="evaluate/segments.parquet", rows=rows)


def _suspects(suspects: pd.DataFrame | None) -> SuspectSection:
    reasons = [] if suspects is None else [str(reason) for reason in suspects[REASON]]
    return SuspectSection(
        source="evaluate/suspects.csv",
        rows=len(reasons),
        contradicted=sum(CONTRADICTED in reason for reason in reasons),
        twins=sum(CONFLICTING in reason for reason in reasons),
    )


def _model(metrics: Metrics, training: Training, classes: Classes, explanations: Explanations | None) -> ModelSection:
    name = metrics.model
    source = f"explain/{name}/explanations.json"
    return ModelSection(
        sources=ModelSources(evaluation=f"evaluate/{name}/metrics.json", training=f"train/{name}/training.json"),
        evaluation=recast(Evaluation, metrics),
        per_class=per_class(metrics.confusion, classes.positive.name, classes.negative.name),
        training=recast(TrainingFacts, training),
        explanation=recast(ExplanationSection, explanations, source=source) if explanations else None,
    )
