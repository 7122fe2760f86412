"""``phish audit``: what is wrong with the data or the split."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.display import say_notices
from phishcli.cli.named import File
from phishcli.cli.opened import open_project
from phishcli.cli.options import Shared, shares_options
from phishcli.cli.running import run_goals, show_plan
from phishcli.cli.stages import DryRun, Force
from phishcli.documents.base import plain_of
from phishcli.documents.findings import Findings
from phishcli.errors import CheckFailed
from phishcli.stages import audit as audit_stage
from phishcli.stages import gap as gap_stage
from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.events import Notice
    from phishcli.project import Project, Run


class FailOn(StrEnum):
    """Severities that can make the command fail."""

    error = "error"
    warning = "warning"


Fails = Annotated[
    FailOn | None,
    typer.Option("--fail-on", help="Exit with 8 on a finding of this severity or above.", show_default=False),
]
WithGap = Annotated[bool, typer.Option("--gap", help="Score one model on increasingly strict splits as well.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("audit")(audit)


@shares_options
def audit(
    shared: Shared,
    file: File = None,
    *,
    fail_on: Fails = None,
    gap: WithGap = False,
    force: Force = False,
    dry_run: DryRun = False,
) -> None:
    """Find what makes scores misleading: leaks, duplicates, drift."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        project = open_project(shared.at(file))
        goals = ("audit", "gap") if gap or project.config.audit.gap else ("audit",)
        if dry_run:
            show_plan(project, goals, shared)
            return
        held: list[Notice] = []
        run = run_goals(project, goals, shared, force=goals if force else (), keep=False, held=held)
        say_notices([each for each in held if each.when != "finding"], quiet=shared.quiet or shared.json)
        findings = run.outcome.get(audit_stage.FINDINGS)
        _show(project, run, findings, shared)
        if fail_on is not None:
            _check(findings, fail_on.value)


def _show(project: Project, run: Run, findings: Findings, shared: Shared) -> None:
    from phishcli.cli import views

    gap = run.outcome.get(gap_stage.GAP) if "gap" in run.outcome.entries else None
    if shared.json:
        console.show_json({"source": views.source(run), **plain_of(findings), "gap": plain_of(gap) if gap else None})
        return
    from rich.text import Text

    from phishcli.render.audit import AuditView, GapTable

    console.show(AuditView(findings))
    if gap is not None:
        console.show(Text())
        console.show(GapTable(gap, project.config.evaluate.confidence))


def _check(findings: Findings, least: str) -> None:
    severe = findings.active("error" if least == "error" else "warning")
    if severe:
        names = ", ".join(dict.fromkeys(finding.code for finding in severe))
        raise CheckFailed(
            f"The audit has {counted(len(severe), 'finding')} of severity {least} or above",
            where=names,
            hint="Fix the data, or ignore a finding and say why: --set audit.ignore.CODE='why'",
        )
