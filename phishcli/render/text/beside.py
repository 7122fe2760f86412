"""What stands beside the comparison of models as text, where it was asked for: tiers, campaigns, attacks."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType

from phishcli.documents.summary import Summary
from phishcli.render.beside import Beside
from phishcli.render.campaigns import campaigns_view
from phishcli.render.evasion import evasion_view
from phishcli.render.text.layout import section, table
from phishcli.render.tiers import tiers_view


def beside(summary: Summary) -> Iterator[RenderableType]:
    """The sections that were asked for."""
    if summary.tiers is not None:
        yield from _written(tiers_view(summary.tiers, summary.selection.confidence))
    if summary.campaigns is not None:
        yield from _written(campaigns_view(summary.campaigns, summary.selection.confidence))
    if summary.evasion is not None:
        yield from _written(evasion_view(summary.evasion.models))


def _written(view: Beside) -> Iterator[RenderableType]:
    yield from section(view.title, view.source)
    yield table(view.heads, [[text.partition("\n")[0] for text in row] for row in view.rows])
    yield from ("", *view.findings, *view.explained)
