"""``phish runs`` and ``phish compare``: earlier runs, and how two of them differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.options import Shared, shares_options

if TYPE_CHECKING:
    from phishcli.project import Project

Old = Annotated[str, typer.Argument(metavar="RUN", help="ID of a run (or its first characters), latest, or latest~2.")]
New = Annotated[str, typer.Argument(metavar="RUN", help="Run to compare it with.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("runs")(runs)
    app.command("compare")(compare)


@shares_options
def runs(shared: Shared) -> None:
    """List earlier runs and what each changed."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        history = _project(shared).runs
        found = history.all()
        for path in history.damaged():
            console.note(f"{path} is not shown: it cannot be read, or was changed since it was written.", "yellow")
        if shared.json:
            console.show_json([run.to_plain() for run in found])
            return
        from phishcli.render.runs import RunsTable

        console.show(RunsTable(found))


@shares_options
def compare(shared: Shared, old: Old = "latest~1", new: New = "latest") -> None:
    """Compare two runs: settings, data, scores."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        project = _project(shared)
        before, after = project.runs.find(old), project.runs.find(new)
        comparison = project.compare(before, after)
        if shared.json:
            from phishcli.documents.base import plain_of

            console.show_json(plain_of(comparison))
            return
        from phishcli.render.runs import ComparisonView

        console.show(ComparisonView(before, after, comparison))


def _project(shared: Shared) -> Project:
    from phishcli.project import Project

    return Project(shared.resolve().config)
