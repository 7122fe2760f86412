"""``phish explain --row``: one row's verdict, the reasons for it, and the training rows most like it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phishcli.cli import console
from phishcli.cli.opened import open_release

if TYPE_CHECKING:
    from phishcli.cli.options import Shared
    from phishcli.render.reasons import Explained
    from phishcli.serving.bundle import Bundle
    from phishcli.serving.neighbors import Neighbor

RowOption = Annotated[
    str | None,
    typer.Option("--row", metavar="FILE|JSON", help="Explain this row instead.", show_default=False),
]
Release = Annotated[
    str | None,
    typer.Option(
        "--model",
        "--release",
        metavar="RELEASE",
        help="With --row: champion, latest, v1.2.0 or a folder; :NAME behind it for one of its models.",
        show_default=False,
    ),
]
Reasons = Annotated[int, typer.Option(metavar="N", help="With --row: reasons to show.", min=1)]


def explain_row(shared: Shared, given: str, *, release: str | None, model: str | None, reasons: int) -> None:
    """Show verdict and reasons of the rows that are given."""
    from phishcli.serving.given_rows import given_rows

    rows = given_rows(given)
    bundle = open_release(release, Path(shared.resolve().config.run.results_dir), model=model)
    show_rows(shared, bundle, rows, reasons)


def show_rows(
    shared: Shared,
    bundle: Bundle,
    rows: Sequence[Mapping[str, Any]],
    reasons: int,
    *,
    names: Sequence[str] = (),
    places: Sequence[int] = (),
) -> None:
    """Show verdict, reasons, changes and nearest training rows of rows; ``places`` are theirs in the training table."""
    from phishcli.render.reasons import RowsView, as_document

    about = bundle.metadata
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        explained = _explained(bundle, rows, reasons)
        explained = [
            replace(each, name=name or "", neighbors=_neighbors(bundle, row, place))
            for each, row, name, place in zip_longest(explained, rows, names, places)
        ]
    if shared.json:
        console.show_json(as_document(explained, about.model, about.version))
        return
    for message in dict.fromkeys(str(each.message) for each in caught):
        console.note(message, "yellow")
    console.show(RowsView(explained, f"{about.model} v{about.version}"))


def _neighbors(bundle: Bundle, row: Mapping[str, Any], place: int | None) -> list[Neighbor]:
    from phishcli.serving.neighbors import nearest_rows

    return nearest_rows(bundle, row, but=place)


def _explained(bundle: Bundle, rows: Sequence[Mapping[str, Any]], n: int) -> list[Explained]:
    from phishcli.render.reasons import Explained
    from phishcli.serving.changes import said, smallest_changes

    triples = zip(rows, bundle.verdicts(rows), bundle.explain(rows, n), strict=True)
    return [
        Explained(verdict, why, [said(bundle, row, change) for change in smallest_changes(bundle, row)])
        for row, verdict, why in triples
    ]
