"""``phish runs`` and ``phish compare``: what was run before, and how two runs differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.options import Shared, shares_options

if TYPE_CHECKING:
    from phishcli.project import Project

Old = Annotated[str, typer.Argument(metavar="RUN", help="Name of a run, its beginning, latest, or latest~2.")]
New = Annotated[str, typer.Argument(metavar="RUN", help="The run to compare with it.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("runs")(runs)
    app.command("compare")(compare)


@shares_options
def runs(shared: Shared) -> None:
    """List the runs so far, and what each changed."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        found = _project(shared).runs.all()
        if shared.json:
            console.show_json(found)
            return
        from phishcli.render.runs import RunsTable

        console.show(RunsTable(found))


@shares_options
def compare(shared: Shared, old: Old = "latest~1", new: New = "latest") -> None:
    """Say how two runs differ: settings, data, scores."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        project = _project(shared)
        before, after = project.runs.find(old), project.runs.find(new)
        document = project.compare(before, after)
        if shared.json:
            console.show_json(document)
            return
        from phishcli.render.runs import ComparisonView

        console.show(ComparisonView(before, after, document))


def _project(shared: Shared) -> Project:
    from phishcli.project import Project

    return Project(shared.resolve().config)
