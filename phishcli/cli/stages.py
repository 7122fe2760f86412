"""The commands that run the pipeline: one per stage, and ``run-all``."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.opened import open_project
from phishcli.cli.options import Shared, shares_options
from phishcli.stages import names, registry

if TYPE_CHECKING:
    from phishcli.events import Event
    from phishcli.project import Project, Run

USUAL_THRESHOLD = gc.get_threshold()
"""How often Python collects garbage by default: this module is imported before `phishcli.cli.app.main` changes it."""

Force = Annotated[bool, typer.Option("--force", "-f", help="Run even if nothing is stale.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would run, and why.")]
Upstream = Annotated[
    bool,
    typer.Option("--upstream/--no-upstream", help="Bring stale inputs up to date first."),
]
By = Annotated[
    list[str] | None,
    typer.Option(metavar="COLUMN", help="Report scores per value of this column; repeatable.", show_default=False),
]
Open = Annotated[bool, typer.Option("--open", help="Open the report in a browser.")]
Figures = Annotated[bool, typer.Option("--figures", help="Also write the charts as SVG and PNG.")]
Persist = Annotated[bool, typer.Option("--persist", help="Write a release at the end.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    own = {"evaluate": evaluate, "report": report}
    for name, title in {stage.name: stage.title for stage in registry() if stage.command}.items():
        app.command(name, help=title)(own.get(name) or _stage_command(name))
    app.command("run-all")(run_all)


def _stage_command(stage: str) -> Callable[..., None]:
    @shares_options
    def command(shared: Shared, *, force: Force = False, dry_run: DryRun = False, upstream: Upstream = True) -> None:
        _run_stage(stage, shared, force=force, dry_run=dry_run, upstream=upstream)

    return command


@shares_options
def evaluate(
    shared: Shared, *, by: By = None, force: Force = False, dry_run: DryRun = False, upstream: Upstream = True
) -> None:
    """Score and compare the models; select one."""
    _run_stage("evaluate", shared.with_settings({"evaluate.by": by}), force=force, dry_run=dry_run, upstream=upstream)


@shares_options
def report(
    shared: Shared,
    *,
    open_: Open = False,
    figures: Figures = False,
    force: Force = False,
    dry_run: DryRun = False,
    upstream: Upstream = True,
) -> None:
    """Write the report, and open it with ``--open``."""
    settings = shared.with_settings({"report.figures": figures or None})
    run = _run_stage("report", settings, force=force, dry_run=dry_run, upstream=upstream)
    if run and open_:
        page = str((run.results / "report.html").resolve())
        if typer.launch(page):
            console.note(f"No browser was found; open the report yourself: {page}", "yellow")


def _run_stage(stage: str, shared: Shared, *, force: bool, dry_run: bool, upstream: bool) -> Run | None:
    with boundary(verbose=shared.verbose, as_json=shared.json):
        project = open_project(shared, sample_by_default=stage != "persist")
        if dry_run:
            show_plan(project, (stage,), shared)
            return None
        run = run_goals(project, (stage,), shared, force=(stage,) if force else (), upstream=upstream)
        _show_stage(run, stage, shared)
        return run
    return None


@shares_options
def run_all(shared: Shared, *, force: Force = False, dry_run: DryRun = False, persist: Persist = False) -> None:
    """Run all stages; only stale ones are computed."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        project = open_project(shared)
        goals = ("report", "persist") if persist or project.config.persist.enabled else ("report",)
        if dry_run:
            show_plan(project, goals, shared)
        else:
            _show_stage(run_goals(project, goals, shared, force=names() if force else ()), "evaluate", shared)


def run_goals(
    project: Project,
    goals: tuple[str, ...],
    shared: Shared,
    *,
    force: tuple[str, ...] = (),
    upstream: bool = True,
    keep: bool = True,
) -> Run:
    """Bring the goals up to date, with progress and a log; see `Project.run`."""
    from phishcli.cli.display import displayed
    from phishcli.cli.logs import log_event, log_files
    from phishcli.events import Started

    with log_files(project.results), displayed(project.steps(*goals), quiet=shared.quiet or shared.json) as display:

        def on_event(event: Event) -> None:
            if isinstance(event, Started):  # from here on there is garbage, which may hold matrices
                gc.set_threshold(*USUAL_THRESHOLD)
            log_event(event)
            display.on_event(event)

        return project.run(*goals, force=force, upstream=upstream, keep=keep, on_event=on_event)


def show_plan(project: Project, goals: tuple[str, ...], shared: Shared) -> None:
    """Show what a run would do."""
    from phishcli.render.status import StatusTable, as_document

    decisions = project.plan(*goals)
    if shared.json:
        console.show_json(as_document(decisions, project.origin))
    else:
        console.show(StatusTable(decisions))


def _show_stage(run: Run, stage: str, shared: Shared) -> None:
    from phishcli.cli import views

    if shared.json:
        console.show_json(views.document(run, stage))
    else:
        console.show(views.show(run, stage))
