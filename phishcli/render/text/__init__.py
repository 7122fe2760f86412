"""The report as plain text of 100 columns, for people and for diff tools."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

from rich.console import Console, RenderableType

from phishcli.documents.summary import Summary
from phishcli.render.text.beside import beside
from phishcli.render.text.comparison import comparison
from phishcli.render.text.layout import WIDTH
from phishcli.render.text.models import models
from phishcli.render.text.operation import operation, segments
from phishcli.render.text.overview import audit, data, opening
from phishcli.render.text.run import failures, reproduction, suspects

__all__ = ["WIDTH", "classification_report"]


def classification_report(summary: Summary) -> str:
    """Write the report as text.

    Returns
    -------
    str
        Lines of at most 100 characters, without colors or trailing blanks; the same summary gives the same text.
    """
    stream = StringIO()
    console = Console(
        file=stream,
        width=WIDTH,
        height=WIDTH,
        color_system=None,
        force_terminal=False,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    for part in _parts(summary):
        console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in stream.getvalue().splitlines())


def _parts(summary: Summary) -> Iterator[RenderableType]:
    yield from opening(summary)
    yield from data(summary)
    yield from audit(summary)
    yield from comparison(summary)
    yield from operation(summary)
    yield from segments(summary)
    yield from beside(summary)
    yield from suspects(summary)
    yield from models(summary)
    yield from failures(summary)
    yield from reproduction(summary)
