"""``phish replay``: a prediction log judged again by another release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.common_options import Json, Verbose
from phishcli.cli.predict import Model

if TYPE_CHECKING:
    from rich.table import Table

    from phishcli.serving.replay import Replay

Log = Annotated[Path, typer.Argument(metavar="LOG", help="Folder or file of a prediction log.")]
Results = Annotated[Path, typer.Option("--results-dir", metavar="PATH", help="Folder with the releases.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("replay")(replay)


def replay(
    log: Log,
    *,
    model: Model = None,
    results_dir: Results = Path("results"),
    json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Judge a prediction log again; show verdicts that flip."""
    with boundary(verbose=verbose, as_json=json):
        from phishcli.serving.reference import default_reference, find_named
        from phishcli.serving.replay import replay as judge_again
        from phishcli.serving.served import Served

        root = results_dir / "artifacts"
        reference = model or default_reference(root)
        folder, name = find_named(reference, root)
        served = Served.open(folder, reference, name)
        found = judge_again(log, served)
        if json:
            console.show_json({"version": served.version, "bundle_sha256": served.sha256, **found.to_plain()})
        else:
            console.show(_table(found))
            console.say(_summary(found, served.version))


def _summary(found: Replay, version: str) -> str:
    from phishcli.wording import counted

    same = f"; {found.same_release:,} had been scored by it before" if found.same_release else ""
    unread = f"; {found.unreadable:,} could not be read" if found.unreadable else ""
    return f"v{version} changes the verdict of {found.flipped:,} of {counted(found.rows, 'row')}{same}{unread}."


def _table(found: Replay) -> Table:
    from rich.table import Table

    table = Table("Id", "From", "To", "Before", "After", title=f"Largest changes (of {found.flipped:,})")
    for change in found.largest:
        table.add_row(change.id, change.was, change.becomes, f"{change.before:.4f}", f"{change.after:.4f}")
    return table
