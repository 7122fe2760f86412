"""``phish scan``: from a page, or from addresses, to verdicts with reasons."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.predict import Model, Results, open_release
from phishcli.cli.verify import PublicKey
from phishcli.errors import DataError

if TYPE_CHECKING:
    from phishcli.features.pages.extract import Extracted
    from phishcli.render.reasons import Explained
    from phishcli.serving.bundle import Bundle

What = Annotated[str, typer.Argument(help="A saved page, a file with an address a line, or an address.")]
Url = Annotated[str | None, typer.Option(help="Address of the page.", show_default=False)]
Reasons = Annotated[int, typer.Option(metavar="N", help="Reasons to show.", min=1, max=50)]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the traceback of an unexpected error.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document to stdout.")]
PAGES = (".html", ".htm", ".xhtml", ".shtml", ".php")
MOST = 10_000
"""Addresses of a file; more are a table for ``phish predict``."""


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("scan")(scan)


def scan(
    what: What,
    *,
    url: Url = None,
    model: Model = None,
    reasons: Reasons = 5,
    require_signature: PublicKey = None,
    results_dir: Results = "results",
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Judge a saved page or addresses; say what could not be seen, and how much that might change."""
    with boundary(verbose=verbose, as_json=json):
        bundle = open_release(model, Path(results_dir), require_signature)
        found = [_explained(bundle, address, page, reasons) for address, page in _asked(what, url)]
        about = bundle.metadata
        if json:
            from phishcli.render.reasons import as_document

            console.show_json(as_document(found, about.model, about.version))
            return
        from phishcli.render.reasons import RowsView

        console.show(RowsView(found, f"{about.model} v{about.version}"))


def _asked(what: str, url: str | None) -> Iterator[tuple[str | None, Extracted | None]]:
    """Addresses and pages; a page alone has no address unless it is given."""
    path = Path(what)
    if "://" in what and not path.exists():
        yield what, None
        return
    if not path.is_file():
        raise DataError("There is no such page, file of addresses, or address.", where=what)
    if url is not None or path.suffix.lower() in PAGES:
        yield url, _read(path, url)
        return
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    if not lines or len(lines) > MOST:
        hint = "Write an address a line; many are a table for `phish predict`."
        raise DataError(f"The file holds {len(lines):,} addresses.", where=what, hint=hint)
    yield from ((line, None) for line in lines)


def _read(path: Path, url: str | None) -> Extracted:
    from phishcli.features.pages.crew import read_page
    from phishcli.sources.readers.extras import library

    library("selectolax", "pages", "Pages", str(path))
    found = read_page(path, url)
    if found.status == "skipped":
        raise DataError(f"The page cannot be judged: {found.reason}.", where=str(path))
    return found


def _explained(bundle: Bundle, url: str | None, page: Extracted | None, n: int) -> Explained:
    from phishcli.render.reasons import Explained
    from phishcli.serving.changes import said, smallest_changes
    from phishcli.serving.scan import scanned_row
    from phishcli.serving.unknowns import reach_of

    row, unknown = scanned_row(bundle, url, page)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of categories that are new, which the verdict knows
        verdict, why = bundle.verdicts([row])[0], bundle.explain([row], n)[0]
    notes = [f"the page: {page.reason}"] if page and page.reason else []
    if unknown:
        notes.append(f"not shown by it: {', '.join(unknown)}")
    if (reach := reach_of(bundle, row, unknown)) is not None:
        how = "all combinations" if reach.together else "one at a time"
        notes.append(f"with usual values there ({how}): probability {reach.low:.4f} to {reach.high:.4f}")
        notes += [f"{name} alone: {low:.4f} to {high:.4f}" for name, (low, high) in list(reach.by_column.items())[:n]]
    changes = [said(bundle, row, change) for change in smallest_changes(bundle, row)]
    return Explained(verdict, why, changes, notes=tuple(notes), name=url or "")
