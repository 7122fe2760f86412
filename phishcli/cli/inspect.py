"""The read-only commands: ``status``, ``show`` and ``path``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import completion, console
from phishcli.cli.boundary import boundary
from phishcli.cli.named import File, as_spelled
from phishcli.cli.opened import open_project
from phishcli.cli.options import Shared, shares_options
from phishcli.errors import CheckFailed, ConfigError, PersistError

if TYPE_CHECKING:
    from phishcli.artifacts import Entry
    from phishcli.flow.plan import Decision
    from phishcli.project import Project

StepName = Annotated[
    str,
    typer.Argument(
        help="A stage or one of its models: load, train, train/XGBoost.",
        autocompletion=completion.steps,
    ),
]
Shown = Annotated[
    str,
    typer.Argument(
        metavar="STAGE",
        help="A stage or one of its models: load, train, train/XGBoost; or row, with its number.",
        autocompletion=completion.steps,
    ),
]
Number = Annotated[
    int | None, typer.Argument(metavar="N", help="With row: which one, from 0.", min=0, show_default=False)
]
Explain = Annotated[bool, typer.Option("--explain", help="List all reasons.")]
Check = Annotated[bool, typer.Option("--check", help="Exit with 8 if anything is stale.")]
OneFile = Annotated[str | None, typer.Option("--file", help="Show one file of the artifact.")]
Rows = Annotated[int, typer.Option("--rows", min=1, max=1_000_000, help="Rows to show per table.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (status, show, path):
        app.command()(command)


@shares_options
def status(shared: Shared, file: File = None, *, explain: Explain = False, check: Check = False) -> None:
    """Show what is fresh, what is stale, and why."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.render.status import StatusTable, as_document, conclusion

        project = open_project(shared.at(file))
        decisions = project.plan("report", *(("persist",) if project.config.persist.enabled else ()))
        if shared.json:
            console.show_json(as_document(decisions, project.origin))
        elif not shared.quiet:
            console.show(StatusTable(decisions, every_reason=explain))
            if project.results_are_of_another_run(decisions):
                console.note(f"{project.results} does not hold this report; `phish run-all` copies it there.", "yellow")
        if check and any(decision.status != "fresh" for decision in decisions):
            raise CheckFailed(conclusion(decisions), hint="`phish run-all` brings everything up to date")


@shares_options
def show(shared: Shared, stage: Shown, number: Number = None, *, file: OneFile = None, rows: Rows = 5) -> None:
    """Show the files and tables of a stage, or a row with its verdict and reasons."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.render.artifact import ArtifactView, as_document, as_text

        project = open_project(shared)
        if _is_row(stage, number):
            from phishcli.cli.show_row import show_row

            show_row(shared, project, _entry(_decisions(project, "load")[0]), number or 0)
            return
        entries = [_entry(decision) for decision in _decisions(project, stage)]
        if shared.json:
            console.show_json([{"source": {"origin": project.origin}, **as_document(entry)} for entry in entries])
            return
        for entry in entries:
            text = as_text(entry, file)
            if text is not None:
                typer.echo(text, nl=False)
            else:
                console.show(ArtifactView(entry, file=file, rows=rows, brief=len(entries) > 1))


@shares_options
def path(shared: Shared, stage: StepName) -> None:
    """Print the folder of an artifact, for use in $(phish path load)."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        folders = [str(_entry(decision).folder) for decision in _decisions(open_project(shared), stage)]
        if shared.json:
            console.show_json(folders)
        else:
            typer.echo("\n".join(folders))


def _is_row(stage: str, number: int | None) -> bool:
    if (stage == "row") != (number is not None):
        raise ConfigError("Only row takes a number", hint="phish show row 17")
    return stage == "row"


def _decisions(project: Project, stage: str) -> list[Decision]:
    """The steps of a stage, or the one step with that name."""
    name, _, model = stage.partition("/")
    decisions = [d for d in project.plan(name) if d.step.stage.name == name]
    if not model:
        return [d for d in decisions if not d.step.model] or decisions
    found = [d for d in decisions if d.step.model == as_spelled(model)]
    if not found:
        names = ", ".join(d.step.name for d in decisions)
        raise ConfigError(f"There is no step {stage!r} in this configuration", hint=f"Steps of {name}: {names}")
    return found


def _check(entry: Entry) -> None:
    """Compare every file with its hash, as a run does before it reads: what was changed is not shown as a result."""
    from phishcli.artifacts.manifest import Damaged, check_hashes

    try:
        check_hashes(entry.folder, entry.manifest)
    except Damaged as error:
        step = entry.manifest.step
        what, hint = f"The artifact of {step} is damaged: {error}", f"`phish {step.partition('/')[0]}` rebuilds it"
        raise PersistError(what, where=str(entry.folder), hint=hint) from error


def _entry(decision: Decision) -> Entry:
    """The artifact of a step; a stale one comes with a warning."""
    entry = decision.entry or decision.previous
    if entry is None:
        name = decision.step.name
        stage = decision.step.stage.name
        command = "audit --gap" if stage == "gap" else stage
        raise ConfigError(f"{name} has not run yet", hint=f"Run `phish {command}` first")
    _check(entry)
    if decision.entry is None:
        console.note(f"{decision.step.name} is stale; this is its last artifact. `phish status` shows why.", "yellow")
    return entry
