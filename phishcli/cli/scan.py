"""``phish scan``: from a page, or from addresses, to verdicts with reasons."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.common_options import Json, Verbose
from phishcli.cli.opened import open_release
from phishcli.cli.predict import Model, Results
from phishcli.cli.verify import PublicKey
from phishcli.errors import CheckFailed, ConfigError, DataError, suggestion
from phishcli.wording import bounded, counted, plural

if TYPE_CHECKING:
    from phishcli.features.pages.extract import Extracted
    from phishcli.render.reasons import Explained
    from phishcli.serving.bundle import Bundle

What = Annotated[str, typer.Argument(help="A saved page, a file with one address per line, or an address.")]
Url = Annotated[str | None, typer.Option(help="Address of the page.", show_default=False)]
Values = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN=VALUE",
        help="What you know of a column that the page does not show; repeatable.",
        show_default=False,
    ),
]
FailOn = Annotated[
    Literal["block", "review"] | None,
    typer.Option(help="Exit with 8 if a verdict is block (with review: block, review or unknown)."),
]
Reasons = Annotated[int, typer.Option(metavar="N", help="Reasons to show.", min=1, max=50)]
PAGES = (".html", ".htm", ".xhtml", ".shtml", ".php")
FAILING = {"block": ("block",), "review": ("block", "review", "unknown")}
MOST = 1_000
"""Addresses of a file; more are a table for ``phish predict``."""


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("scan")(scan)


def scan(
    what: What,
    *,
    url: Url = None,
    model: Model = None,
    value: Values = None,
    reasons: Reasons = 5,
    fail_on: FailOn = None,
    require_signature: PublicKey = None,
    results_dir: Results = "results",
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Judge a saved page or addresses; say what could not be seen, and how much that might change."""
    with boundary(verbose=verbose, as_json=json):
        bundle = open_release(model, Path(results_dir), require_signature)
        known = _given(bundle, value or [])
        found = [_explained(bundle, address, page, known, reasons) for address, page in _asked(what, url)]
        _show(found, bundle, json=json)
        _check(found, fail_on)


def _show(found: list[Explained], bundle: Bundle, *, json: bool) -> None:
    from phishcli.render.reasons import RowsView, as_document

    about = bundle.metadata
    if json:
        console.show_json(as_document(found, about.model, about.version))
    else:
        console.show(RowsView(found, f"{about.model} v{about.version}"))


def _asked(what: str, url: str | None) -> Iterator[tuple[str | None, Extracted | None]]:
    """Addresses and pages; a page alone has no address unless it is given."""
    from phishcli.features.pages.sniff import is_page

    path = Path(what)
    if "://" in what and not path.exists():
        yield what, None
    elif not path.is_file():
        raise DataError("There is no such page, file of addresses, or address.", where=what)
    elif url is not None or path.suffix.lower() in PAGES or is_page(path):
        yield url, _read(path, url)
    else:
        yield from ((line, None) for line in _lines(path))


def _lines(path: Path) -> list[str]:
    from phishcli.features.pages.addresses import addresses_in

    lines = list(islice(addresses_in(path), MOST + 1))
    if not lines or lines[MOST:]:
        what = f"The file holds {'no address' if not lines else f'more than {MOST:,} addresses'}."
        hint = "Write one address per line; for many: `phish features extract --urls FILE`, then `phish predict`"
        raise DataError(what, where=str(path), hint=hint)
    return lines


def _read(path: Path, url: str | None) -> Extracted:
    from phishcli.features.pages.crew import read_page
    from phishcli.sources.readers.extras import library

    library("selectolax", "pages", "Pages", str(path))
    found = read_page(path, url)
    if found.status == "skipped":
        raise DataError(f"The page cannot be scored: {found.reason}.", where=str(path))
    return found


def _explained(bundle: Bundle, url: str | None, page: Extracted | None, given: dict[str, Any], n: int) -> Explained:
    from phishcli.features.pages import registry
    from phishcli.features.tiers import usual_tiers
    from phishcli.render.reasons import Explained
    from phishcli.serving.changes import said, smallest_changes
    from phishcli.serving.scan import scanned_row
    from phishcli.serving.settled import settled
    from phishcli.serving.unknowns import reach_of

    row, unknown = scanned_row(bundle, url, page, given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of categories that are new, which the verdict knows
        verdict, why = bundle.verdicts([row])[0], bundle.explain([row], n)[0]
        reach = reach_of(bundle, row, unknown)
        when = settled(bundle, row, unknown, bundle.tiers or usual_tiers(bundle.schema, registry()))
    notes = [f"the page: {page.reason}"] if page and page.reason else []
    notes += [f"not seen: {', '.join(unknown)}", *reach.notes(n)] if unknown else []
    notes += when.notes()
    changes = [said(bundle, row, change) for change in smallest_changes(bundle, row)]
    further = {
        "limited": page.reason if page else "",
        "unknown": unknown,
        "reach": reach.to_plain(),
        "settled": when.to_plain(),
    }
    return Explained(verdict, why, changes, notes=tuple(notes), name=url or "", further=further)


def _given(bundle: Bundle, values: list[str]) -> dict[str, Any]:
    """Values of columns that somebody has looked up."""
    columns = {column.name: column for column in bundle.schema.given()}
    found: dict[str, Any] = {}
    for each in values:
        name, mark, value = each.partition("=")
        if not mark or name not in columns:
            hint = suggestion(name, columns, "columns")
            raise ConfigError(f"{each!r} does not set a column of the release", where="--value", hint=hint)
        found[name] = _number(name, value) if columns[name].role == "numeric" else value
    return found


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise ConfigError(f"{name} takes a number, not {value!r}", where="--value") from error


def _check(rows: list[Explained], fail_on: str | None) -> None:
    bad = [row for row in rows if fail_on and row.verdict.verdict in FAILING[fail_on]]
    if bad:
        names = bounded([row.name or "the page" for row in bad], 5)
        raise CheckFailed(
            f"{len(bad):,} of {counted(len(rows), 'verdict')} {plural(len(bad), 'is', 'are')} {fail_on} or worse",
            where=names,
        )
