"""Bring stages up to date with progress and a log, and show what came of it or what would be done."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import TYPE_CHECKING

from phishcli.cli import STARTED, console
from phishcli.cli.start import USUAL_THRESHOLD

if TYPE_CHECKING:
    from phishcli.cli.options import Shared
    from phishcli.events import Event, Notice
    from phishcli.project import Project, Run


def run_goals(
    project: Project,
    goals: tuple[str, ...],
    shared: Shared,
    *,
    force: tuple[str, ...] = (),
    upstream: bool = True,
    keep: bool = True,
    held: list[Notice] | None = None,
) -> Run:
    """Bring the goals up to date, with progress and a log; see `Project.run` and `displayed`."""
    from phishcli.cli.display import displayed
    from phishcli.cli.logs import log_event, log_files
    from phishcli.events import Started

    quiet = shared.quiet or shared.json
    with log_files(project.results), displayed(lambda: project.steps(*goals), quiet=quiet, held=held) as display:

        def on_event(event: Event) -> None:
            if isinstance(event, Started):  # from here on there is garbage, which may hold matrices
                gc.set_threshold(*USUAL_THRESHOLD)
            log_event(event)
            display.on_event(event)

        return project.run(*goals, force=force, upstream=upstream, keep=keep, started=STARTED, on_event=on_event)


def show_plan(project: Project, goals: tuple[str, ...], shared: Shared) -> None:
    """Show what a run would do."""
    from phishcli.render.status import StatusTable, as_document

    decisions = project.plan(*goals)
    if shared.json:
        console.show_json(as_document(decisions, project.origin))
        return
    console.show(StatusTable(decisions))
    if any(decision.status != "fresh" for decision in decisions):
        for notice in project.foreseen():
            console.note(notice.message, "yellow" if notice.level == "warning" else "")


def show_stage(run: Run, stage: str, shared: Shared, held: Sequence[Notice]) -> None:
    """Show a result, and the notices that were held back for it."""
    from phishcli.cli import views
    from phishcli.cli.display import say_notices

    if shared.json or shared.quiet:
        say_notices([each for each in held if each.when != "finding"], quiet=True)
    if shared.json:
        console.show_json(views.document(run, stage))
    else:
        console.show(views.brief(run, stage) if shared.quiet else views.show(run, stage, held))
