"""The last sections of the page: the table, and what is needed to reproduce the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from phishcli.documents.sections import ColumnInfo
from phishcli.documents.summary import Summary
from phishcli.render.facts import Facts, about_data
from phishcli.render.formats import dotted
from phishcli.render.page.parts import Head, Row, Section, Table, cells, heads
from phishcli.render.words import doubts


@dataclass(frozen=True)
class Data(Section):
    """Where the table came from, its doubtful labels, and its features."""

    id: ClassVar[str] = "data"
    title: ClassVar[str] = "Data"
    template: ClassVar[str] = "data.html"

    facts: Facts
    doubts: str
    features: Table
    source: str


def data(summary: Summary) -> Data:
    """Show the data."""
    columns = heads("Column", "role", "stored as", "categories", "missing")
    return Data(
        facts=about_data(summary),
        doubts=doubts(summary),
        features=Table(columns, [_column(column) for column in summary.data.columns]),
        source=f"{summary.data.source}, {summary.split.source}",
    )


def _column(column: ColumnInfo) -> Row:
    counts = (f"{count:,}" if count else "" for count in (column.categories, column.missing))
    return Row(cells(column.role, column.dtype, *counts), Head(column.name))


@dataclass(frozen=True)
class RunDetails(Section):
    """The hash of the data, and the versions, artifacts and settings of the run."""

    id: ClassVar[str] = "run"
    title: ClassVar[str] = "Run details"
    template: ClassVar[str] = "run.html"

    data_sha256: str
    details: Sequence[tuple[str, Facts]]


def run_details(summary: Summary) -> RunDetails:
    """Show the run details."""
    found = summary.provenance
    details = {"Versions": found.versions, "Artifacts": found.fingerprints, "Configuration": found.config}
    return RunDetails(
        data_sha256=found.data_sha256,
        details=[(title, list(dotted(values))) for title, values in details.items() if values],
    )
