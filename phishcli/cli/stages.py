"""The commands that run the pipeline: one per stage, and ``run-all``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import completion, console
from phishcli.cli.boundary import boundary
from phishcli.cli.explain_row import Reasons, Release, RowOption, explain_row
from phishcli.cli.named import File, Models, as_spelled, models_of
from phishcli.cli.opened import open_project
from phishcli.cli.options import Shared, shares_options
from phishcli.cli.running import run_goals, show_plan, show_stage
from phishcli.cli.saving import saved
from phishcli.stages import names, registry

if TYPE_CHECKING:
    from phishcli.events import Notice
    from phishcli.project import Project, Run

SHOW_NOTICES = ("evaluate",)
"""Stages whose result has a place for the audit's findings and further notices."""

Force = Annotated[bool, typer.Option("--force", "-f", help="Run even if nothing is stale.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would run, and why.")]
Upstream = Annotated[
    bool,
    typer.Option("--upstream/--no-upstream", help="Bring stale inputs up to date first."),
]
By = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN",
        help="Report scores per value of this column; repeatable.",
        autocompletion=completion.columns,
        show_default=False,
    ),
]
Open = Annotated[bool, typer.Option("--open", help="Open the report in a browser.")]
Figures = Annotated[bool, typer.Option("--figures", help="Also write the charts as SVG and PNG.")]
Save = Annotated[bool, typer.Option("--save", help="Write the settings to phish.yaml at the end.")]
Persist = Annotated[bool, typer.Option("--persist", help="Write a release at the end.")]
SweepOption = Annotated[
    list[str] | None,
    typer.Option(
        "--sweep",
        metavar="KEY=V1,V2",
        autocompletion=completion.settings,
        help="Run every value of a setting and compare; repeat it for all combinations.",
        show_default=False,
    ),
]
OnlySelected = Annotated[bool, typer.Option("--only-selected", help="Release only the selected model.")]
SignKey = Annotated[
    Path | None,
    typer.Option(metavar="KEY", help="Sign it with this Ed25519 private key (PEM).", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    own = {"evaluate": evaluate, "report": report, "explain": explain, "persist": persist}
    per_model = {stage.name for stage in registry() if stage.per_model}
    for name, title in {stage.name: stage.title for stage in registry() if stage.command}.items():
        of_its_kind = _model_command if name in per_model else _stage_command
        app.command(name, help=title)(own.get(name) or of_its_kind(name))
    app.command("run-all")(run_all)


def _stage_command(stage: str) -> Callable[..., None]:
    @shares_options
    def command(
        shared: Shared,
        file: File = None,
        *,
        force: Force = False,
        dry_run: DryRun = False,
        upstream: Upstream = True,
        save: Save = False,
    ) -> None:
        _run_stage(stage, shared.at(file), force=force, dry_run=dry_run, upstream=upstream, save=save)

    return command


def _model_command(stage: str) -> Callable[..., None]:
    @shares_options
    def command(
        shared: Shared,
        only: Models = None,
        *,
        force: Force = False,
        dry_run: DryRun = False,
        upstream: Upstream = True,
        save: Save = False,
    ) -> None:
        _run_stage(stage, shared, only or (), force=force, dry_run=dry_run, upstream=upstream, save=save)

    return command


@shares_options
def evaluate(
    shared: Shared,
    file: File = None,
    *,
    by: By = None,
    force: Force = False,
    dry_run: DryRun = False,
    upstream: Upstream = True,
    save: Save = False,
) -> None:
    """Score and compare the models; select one."""
    settings = shared.at(file).with_settings({"evaluate.by": by})
    _run_stage("evaluate", settings, force=force, dry_run=dry_run, upstream=upstream, save=save)


@shares_options
def explain(
    shared: Shared,
    only: Models = None,
    *,
    row: RowOption = None,
    release: Release = None,
    reasons: Reasons = 5,
    force: Force = False,
    dry_run: DryRun = False,
    upstream: Upstream = True,
    save: Save = False,
) -> None:
    """Show which features each model relies on, or why one row has its verdict."""
    if row is None:
        _run_stage("explain", shared, only or (), force=force, dry_run=dry_run, upstream=upstream, save=save)
        return
    with boundary(verbose=shared.verbose, as_json=shared.json):
        model = as_spelled(only[0]) if only else None
        explain_row(shared, row, release=release, model=model, reasons=reasons)


@shares_options
def report(
    shared: Shared,
    file: File = None,
    *,
    open_: Open = False,
    figures: Figures = False,
    force: Force = False,
    dry_run: DryRun = False,
    upstream: Upstream = True,
    save: Save = False,
) -> None:
    """Write the report, and open it with ``--open``."""
    settings = shared.at(file).with_settings({"report.figures": figures or None})
    run = _run_stage("report", settings, force=force, dry_run=dry_run, upstream=upstream, save=save)
    if run and open_:
        page = str((run.results / "report.html").resolve())
        if typer.launch(page):
            console.note(f"No browser was found; open the report yourself: {page}", "yellow")


@shares_options
def persist(
    shared: Shared,
    file: File = None,
    *,
    only_selected: OnlySelected = False,
    sign_key: SignKey = None,
    force: Force = False,
    dry_run: DryRun = False,
    upstream: Upstream = True,
    save: Save = False,
) -> None:
    """Write a release, and sign it with ``--sign-key``."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.serving.signing import private_key, sign

        if sign_key is not None:
            private_key(sign_key)  # a key that cannot be read is noticed before the work
        settings = shared.at(file).with_settings({"persist.only_selected": only_selected or None})
        run = _run_stage("persist", settings, force=force, dry_run=dry_run, upstream=upstream, save=save)
        if run and sign_key is not None:
            signature = sign(run.outcome.entries["persist"].folder, sign_key)
            console.note(f"Signed: {signature}", "dim")


def _run_stage(
    stage: str, shared: Shared, models: Sequence[str] = (), *, force: bool, dry_run: bool, upstream: bool, save: bool
) -> Run | None:
    with boundary(verbose=shared.verbose, as_json=shared.json):
        shared, only = models_of(shared, stage, models) if models else (shared, ())
        project = open_project(shared, sample_by_default=stage != "persist")
        goals = tuple(f"{stage}/{model}" for model in only) or (stage, *_beside(project, stage))
        if dry_run:
            show_plan(project, goals, shared)
            return None
        with saved(project, shared, save=save):
            held: list[Notice] | None = [] if stage in SHOW_NOTICES else None
            run = run_goals(project, goals, shared, force=(stage,) if force else (), upstream=upstream, held=held)
            show_stage(run, stage, shared, held or ())
        return run
    return None


def _beside(project: Project, stage: str) -> tuple[str, ...]:
    """The stages that the settings ask for beside the comparison of models."""
    asked = project.config.evaluate
    wanted = {"tiers": bool(asked.tiers), "campaigns": asked.campaigns}
    return tuple(name for name, is_asked in wanted.items() if is_asked) if stage == "evaluate" else ()


@shares_options
def run_all(
    shared: Shared,
    file: File = None,
    *,
    force: Force = False,
    dry_run: DryRun = False,
    persist: Persist = False,
    save: Save = False,
    sweep: SweepOption = None,
) -> None:
    """Run all stages; only stale ones are computed."""
    shared = shared.at(file)
    with boundary(verbose=shared.verbose, as_json=shared.json):
        if sweep:
            from phishcli.cli.sweeping import run_sweep

            run_sweep(shared, sweep)
            return
        project = open_project(shared)
        goals = ("report", "persist") if persist or project.config.persist.enabled else ("report",)
        if dry_run:
            show_plan(project, goals, shared)
            return
        with saved(project, shared, save=save):
            held: list[Notice] = []
            run = run_goals(project, goals, shared, force=names() if force else (), held=held)
            show_stage(run, "evaluate", shared, held)
