"""The last sections of the page: the table, and what is needed to reproduce the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from phishcli.documents.sections import ColumnInfo
from phishcli.documents.summary import Summary
from phishcli.render.facts import Facts, about_data
from phishcli.render.formats import dotted
from phishcli.render.page.parts import Cell, Head, Row, Section, Table, cells, heads
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
    columns, derived = summary.data.columns, any(column.meaning for column in summary.data.columns)
    named = ("Feature", "Role", "Stored as", "Categories", "Missing", *(["What it is"] if derived else []))
    return Data(
        facts=about_data(summary),
        doubts=doubts(summary),
        features=Table(heads(*named), [_column(column, derived=derived) for column in columns], "sticky explained"),
        source=f"{summary.data.source}, {summary.split.source}",
    )


def _column(column: ColumnInfo, *, derived: bool) -> Row:
    """One feature; ``derived`` adds what it is in words."""
    counts = (f"{count:,}" if count else "" for count in (column.categories, column.missing))
    meaning = [Cell(column.meaning or "", kind="text")] if derived else []
    return Row([*cells(column.role.replace("_", " "), column.dtype, *counts), *meaning], Head(column.name))


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
