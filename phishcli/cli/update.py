"""``phish update``: a release goes on with new rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.common_options import Json, Quiet, Verbose
from phishcli.cli.opened import open_release
from phishcli.cli.predict import Results

Rows = Annotated[str, typer.Option("--source", metavar="FILE", help="New labeled rows: a file or URL.")]
Model = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="RELEASE", help="The parent: champion, latest, v1.2.0 or a folder.", show_default=False
    ),
]
How = Annotated[
    Literal["trees", "leaves"] | None,
    typer.Option(help="How boosters continue: with more trees, or with new leaf values.", show_default=False),
]
Rounds = Annotated[
    int | None,
    typer.Option(
        help="Trees to add; by default in proportion to the new rows.", min=1, max=100_000, show_default=False
    ),
]
Share = Annotated[float, typer.Option(help="Share of the new rows to hold out.", min=0.01, max=0.9)]
NoRetrain = Annotated[bool, typer.Option("--no-retrain", help="Do not compare with a full retraining.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("update")(update)


def update(
    source: Rows,
    *,
    model: Model = None,
    how: How = None,
    rounds: Rounds = None,
    test_size: Share = 0.2,
    no_retrain: NoRetrain = False,
    results_dir: Results = "results",
    quiet: Quiet = False,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Continue the models of a release on new rows, as a new version."""
    with boundary(verbose=verbose, as_json=json):
        import tempfile

        from phishcli.cli.display import displayed
        from phishcli.render.update import UpdateTable
        from phishcli.sources.locate import locate
        from phishcli.update import Asked
        from phishcli.update import update as go_on

        results = Path(results_dir)
        parent = open_release(model, results)
        asked = Asked(way=how, rounds=rounds, share=test_size, retrain=not no_retrain)
        with displayed(quiet=quiet or json) as display, tempfile.TemporaryDirectory(prefix="phish-update-") as copies:
            rows = locate(source, cache=Path(copies), on_event=display.on_event)
            done = go_on(parent, rows, results / "artifacts", asked, display.on_event)
        if json:
            console.show_json(done.to_plain())
        elif not quiet:
            console.show(UpdateTable(done))
