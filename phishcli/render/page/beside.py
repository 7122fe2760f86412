"""What stands beside the comparison of models on the page, where it was asked for: tiers, campaigns, attacks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from phishcli.documents.summary import Summary
from phishcli.render.beside import Beside
from phishcli.render.campaigns import campaigns_view
from phishcli.render.evasion import evasion_view
from phishcli.render.page.parts import Cell, Figure, Head, Row, Section, Table, drawn, heads
from phishcli.render.tiers import tiers_view


@dataclass(frozen=True)
class BesideSection(Section):
    """A table with its figures, and what they mean."""

    template: ClassVar[str] = "beside.html"

    view: Beside
    table: Table
    figures: Sequence[Figure]


@dataclass(frozen=True)
class Attacked(BesideSection):
    """The models under attack."""

    id: ClassVar[str] = "evasion"
    title: ClassVar[str] = "Evasion"


@dataclass(frozen=True)
class Tiered(BesideSection):
    """What is known when."""

    id: ClassVar[str] = "tiers"
    title: ClassVar[str] = "Tiers"


@dataclass(frozen=True)
class Grouped(BesideSection):
    """Rows that are nearly alike."""

    id: ClassVar[str] = "campaigns"
    title: ClassVar[str] = "Campaigns"


def beside(summary: Summary, charts: Collection[str]) -> Iterator[Section]:
    """The sections that were asked for."""
    if summary.tiers is not None:
        view = tiers_view(summary.tiers, summary.selection.confidence)
        yield Tiered(view=view, table=_table(view), figures=[])
    if summary.campaigns is not None:
        view = campaigns_view(summary.campaigns, summary.selection.confidence)
        yield Grouped(view=view, table=_table(view), figures=[])
    if summary.evasion is not None:
        view = evasion_view(summary.evasion.models)
        figure = Figure("evasion", "Remaining recall by attack budget", wide=True)
        yield Attacked(view=view, table=_table(view), figures=drawn(charts, figure))


def _table(view: Beside) -> Table:
    rows = [Row([Cell(*_parts(text)) for text in row[1:]], Head(row[0])) for row in view.rows]
    return Table(heads(*view.heads), rows, "sticky", label=view.title)


def _parts(text: str) -> tuple[str, str]:
    value, _, small = text.partition("\n")
    return value, small
