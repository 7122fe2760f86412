"""``phish gate``: fail a build when the selected model or the data does not meet its requirements."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import completion, console
from phishcli.cli.boundary import boundary
from phishcli.cli.named import File, as_spelled
from phishcli.cli.opened import open_project
from phishcli.cli.options import Shared, shares_options
from phishcli.cli.running import run_goals
from phishcli.errors import CheckFailed, ConfigError, PersistError, system_error
from phishcli.stages import audit
from phishcli.wording import counted, plural

if TYPE_CHECKING:
    from phishcli.evaluation.requirements import RequirementResult
    from phishcli.project import Run

NO_ERRORS = "no audit errors"
"""What the requirement of ``--no-audit-errors`` is called."""

MARK = b'<testsuite name="phish gate"'
"""What a JUnit file of ours holds."""
Require = Annotated[
    list[str] | None,
    typer.Option(
        metavar="METRIC>=N",
        help="Requirement, e.g. 'accuracy>=0.82:lower'; repeatable.",
        autocompletion=completion.requirements,
        show_default=False,
    ),
]
NoAuditErrors = Annotated[bool, typer.Option("--no-audit-errors", help="Fail on audit errors as well.")]
Model = Annotated[
    str | None,
    typer.Option(
        help="Model to check; the selected one by default.", autocompletion=completion.model, show_default=False
    ),
]
JUnit = Annotated[Path | None, typer.Option("--junit", help="Write the results as JUnit XML.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("gate")(gate)


@shares_options
def gate(
    shared: Shared,
    file: File = None,
    *,
    require: Require = None,
    no_audit_errors: NoAuditErrors = False,
    model: Model = None,
    junit: JUnit = None,
) -> None:
    """Check requirements (exit code 8 if one is not met)."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.evaluation.requirements import Requirement
        from phishcli.stages import evaluate

        no_audit_errors = no_audit_errors or NO_ERRORS in (require or ())
        requirements = [Requirement.parse(text) for text in require or () if text != NO_ERRORS]
        if not requirements and not no_audit_errors:
            hint = "Add --require 'accuracy>=0.82' or --no-audit-errors"
            raise ConfigError("Nothing to check", hint=hint)
        run = run_goals(open_project(shared.at(file), sample_by_default=False), ("evaluate",), shared, keep=False)
        name = _model(run, model)
        scores = run.outcome.get(evaluate.METRICS, name).metrics
        results = [requirement.check(scores) for requirement in requirements]
        if no_audit_errors:
            results.append(_audit(run))
        _show(run, name, results, shared, junit)


def _model(run: Run, asked: str | None) -> str:
    selection = run.selection
    name = as_spelled(asked) if asked else selection.model
    if name not in selection.table:
        raise ConfigError(f"There is no evaluated model {name!r}", hint=f"The models are {', '.join(selection.table)}")
    return name


def _audit(run: Run) -> RequirementResult:
    from phishcli.evaluation.requirements import RequirementResult

    errors = run.outcome.get(audit.FINDINGS).active("error")
    names = ", ".join(dict.fromkeys(error.code for error in errors))
    detail = f"{len(errors)}: {names}" if errors else "none found"
    return RequirementResult(NO_ERRORS, "audit", float(len(errors)), met=not errors, detail=detail)


def _show(run: Run, name: str, results: list[RequirementResult], shared: Shared, junit: Path | None) -> None:
    from phishcli.cli import views
    from phishcli.render.gate import GateTable, as_document, as_junit

    verdict = run.selection.verdict
    if shared.json:
        console.show_json({"source": views.source(run), "verdict": verdict, **as_document(name, results)})
    else:
        console.show(GateTable(name, results, run.outcome.source.origin, verdict))
    if junit is not None:
        _write(junit, as_junit(name, results))
    failed = [result for result in results if not result.met]
    if failed:
        what = f"{len(failed):,} of {counted(len(results), 'requirement')} {plural(len(failed), 'is', 'are')} not met"
        raise CheckFailed(what, where="\n".join(f"{result.requirement}: {result.detail}" for result in failed))


def _write(path: Path, content: bytes) -> None:
    from phishcli.files import appearing_file, read_bounded

    elsewhere = "choose another file with --junit"
    try:
        if path.exists() and MARK not in read_bounded(path):
            hint = f"Move it away, or {elsewhere}"
            what = "The JUnit file could not be written: phish did not write the one that is there"
            raise PersistError(what, where=str(path), hint=hint)
        with appearing_file(path) as file:
            file.write_bytes(content)
    except (OSError, ValueError) as error:
        raise system_error(error, "The JUnit file could not be written", where=path, elsewhere=elsewhere) from error
