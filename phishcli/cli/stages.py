"""The commands that run the pipeline: one per stage, and ``run-all``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.options import Shared, shares_options

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

    from phishcli.artifacts import Entry
    from phishcli.events import Event
    from phishcli.project import Project, Run

HELP = {
    "load": "Read the source; find target and column roles.",
    "preprocess": "Split the rows and fit the transformation.",
    "train": "Train every model, with cross-validation.",
    "evaluate": "Score the models, compare and select one.",
    "explain": "Say what each model looks at.",
    "report": "Write the report: HTML, text and JSON.",
    "persist": "Write a versioned release of the models.",
}

Force = Annotated[bool, typer.Option("--force", "-f", help="Run although nothing is stale.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would run, and why.")]
Upstream = Annotated[
    bool,
    typer.Option("--upstream/--no-upstream", help="Bring stale inputs up to date, too."),
]
By = Annotated[
    list[str] | None, typer.Option(metavar="COLUMN", help="Score its values apart; repeatable.", show_default=False)
]
Open = Annotated[bool, typer.Option("--open", help="Open the report in the browser.")]
Figures = Annotated[bool, typer.Option("--figures", help="Write the charts as SVG and PNG, too.")]
Persist = Annotated[bool, typer.Option("--persist", help="End with a release.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    own = {"evaluate": evaluate, "report": report}
    for stage, text in HELP.items():
        app.command(stage, help=text)(own.get(stage) or _stage_command(stage))
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
    """Score the models, compare and select one."""
    _run_stage("evaluate", shared.having({"evaluate.by": by}), force=force, dry_run=dry_run, upstream=upstream)


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
    """Write the report, and open it if that is asked for."""
    settings = shared.having({"report.figures": figures or None})
    run = _run_stage("report", settings, force=force, dry_run=dry_run, upstream=upstream)
    if run and open_:
        page = str((run.results / "report.html").resolve())
        if typer.launch(page):
            console.tell(f"No program was found that opens it; open it yourself: {page}", "yellow")


def _run_stage(stage: str, shared: Shared, *, force: bool, dry_run: bool, upstream: bool) -> Run | None:
    with boundary(verbose=shared.verbose, as_json=shared.json):
        project = open_project(shared)
        if dry_run:
            show_plan(project, (stage,), shared)
            return None
        run = run_goals(project, (stage,), shared, force=(stage,) if force else (), upstream=upstream)
        _show_stage(run, stage, shared)
        return run
    return None


@shares_options
def run_all(shared: Shared, *, force: Force = False, dry_run: DryRun = False, persist: Persist = False) -> None:
    """Run all stages; only what is stale is computed."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.graph import STAGES

        project = open_project(shared)
        goals = ("report", "persist") if persist or project.config.persist.enabled else ("report",)
        if dry_run:
            show_plan(project, goals, shared)
        else:
            _show_summary(run_goals(project, goals, shared, force=STAGES if force else ()), shared)


def open_project(shared: Shared) -> Project:
    """Open the project that the options describe, and say which file of settings was found."""
    from phishcli.project import Project

    resolved = shared.resolve()
    if resolved.file and shared.config is None and not (shared.quiet or shared.json):
        console.tell(f"The settings in {resolved.file} are in force.", "dim")
    return Project(resolved.config)


def run_goals(
    project: Project, goals: tuple[str, ...], shared: Shared, *, force: tuple[str, ...] = (), upstream: bool = True
) -> Run:
    """Bring the goals up to date, shown as it goes on and written to the log."""
    from phishcli.cli.display import displayed
    from phishcli.cli.logs import log_event, log_files

    with log_files(project.results), displayed(project.steps(*goals), quiet=shared.quiet or shared.json) as display:

        def on_event(event: Event) -> None:
            log_event(event)
            display.on_event(event)

        return project.run(*goals, force=force, upstream=upstream, on_event=on_event)


def show_plan(project: Project, goals: tuple[str, ...], shared: Shared) -> None:
    """Show what a run would do."""
    from phishcli.render.status import StatusTable, as_document

    decisions = project.plan(*goals)
    if shared.json:
        console.show_json(as_document(decisions))
    else:
        console.show(StatusTable(decisions))


def _show_stage(run: Run, stage: str, shared: Shared) -> None:
    from rich.text import Text

    if stage == "evaluate":
        _show_summary(run, shared)
    elif shared.json:
        found = {"explanations": _explanations(run)} if stage == "explain" else {}
        console.show_json({"stages": _stages(run, stage), "failed": dict(run.outcome.failed), **found})
    elif stage == "explain" and (explained := _explanations(run)):
        from phishcli.render.explain import ExplainView

        console.show(ExplainView(explained))
    else:
        for entry in _entries(run, stage):
            console.show(
                Text.assemble(
                    (entry.manifest.step, "bold"), f"  {entry.manifest.summary}  ", (str(entry.folder), "dim")
                )
            )
        if stage == "train":
            _show_search(run)


def _explanations(run: Run) -> dict[str, Any]:
    steps = [step for step in run.outcome.entries if step.startswith("explain/")]
    return {step.partition("/")[2]: run.read(step, "explanations.json") for step in steps}


def _show_search(run: Run) -> None:
    """Show what the search found, if there was one."""
    from phishcli.documents.training import Training

    models = [step for step in run.outcome.entries if step.startswith("train/")]
    training = {step.partition("/")[2]: Training.of_plain(run.read(step, "training.json")) for step in models}
    searches = {model: each.tuned for model, each in training.items() if each.tuned}
    if searches:
        from rich.text import Text

        from phishcli.render.search import SearchView

        console.show(Text())
        console.show(SearchView(searches))


def _show_summary(run: Run, shared: Shared) -> None:
    if shared.json:
        console.show_json(_document(run))
        return
    from rich.console import Group
    from rich.text import Text

    from phishcli.render.comparison import Comparison, verdict
    from phishcli.render.segments import SegmentView

    selection = run.selection
    parts = SegmentView(selection["segments"], selection["model"])
    _show_search(run)
    console.show(Group(Text(), Comparison(selection), Text(), parts, verdict(selection), Text(), _what_else(run)))


def _what_else(run: Run) -> Table:
    """What to watch out for, and where things lie: a word and a text a line, the text indented where it is long."""
    from rich.table import Table
    from rich.text import Text

    from phishcli.project import SYNTHETIC

    source = run.outcome.source
    lines = [
        *_heard(run),
        *(("failed", "red", reason.partition("\n")[0]) for reason in run.outcome.failed.values()),
        ("data", "dim", f"{source.origin}: {SYNTHETIC}" if source.synthetic else source.origin),
        *((label, "dim", str(path)) for label, path in _files(run).items()),
    ]
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(min_width=9, no_wrap=True)
    grid.add_column(overflow="fold")
    for label, style, text in lines:
        grid.add_row(Text(label, style), Text(text))
    return grid


def _heard(run: Run) -> list[tuple[str, str, str]]:
    """Findings of the audit that are more than a note."""
    if "audit" not in run.outcome.entries:
        return []
    from phishcli.audit.check import heard
    from phishcli.render.audit import STYLES

    findings = heard(run.read("audit", "audit.json"), "warning")
    return [(found["severity"], STYLES[found["severity"]], found["detail"]) for found in findings]


def _document(run: Run) -> dict[str, Any]:
    return {
        "source": {"origin": run.outcome.source.origin, "sha256": run.outcome.source.sha256},
        "synthetic": run.outcome.source.synthetic,
        "stages": _stages(run),
        "failed": dict(run.outcome.failed),
        "findings": run.read("audit", "audit.json") if "audit" in run.outcome.entries else [],
        "selection": run.selection,
        "files": {label: str(path) for label, path in _files(run).items()},
    }


def _stages(run: Run, stage: str | None = None) -> list[dict[str, Any]]:
    return [
        {
            "step": entry.manifest.step,
            "state": "done" if entry.manifest.step in run.outcome.executed else "cached",
            "summary": entry.manifest.summary,
            "seconds": entry.manifest.seconds,
            "folder": str(entry.folder),
        }
        for entry in _entries(run, stage)
    ]


def _entries(run: Run, stage: str | None) -> list[Entry]:
    entries = run.outcome.entries.values()
    return [entry for entry in entries if stage in (None, entry.manifest.step.partition("/")[0])]


def _files(run: Run) -> dict[str, Path]:
    """Where the things are that one would open next."""
    entries = run.outcome.entries
    files = {"artifacts": entries["load"].folder.parent.parent}
    if "report" in entries:
        files["report"] = run.results / "report.html"
        files["text"] = run.results / "classification_report.txt"
        files["summary"] = run.results / "summary.json"
    if "persist" in entries:
        files["release"] = entries["persist"].folder
    return files
