"""``phish gate``: fail a build when the selected model, or the data, is not good enough."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.options import Shared, shares_options
from phishcli.cli.stages import open_project, run_goals
from phishcli.errors import CheckFailed, ConfigError, PhishError
from phishcli.stages import audit

if TYPE_CHECKING:
    from phishcli.evaluation.requirements import Verdict
    from phishcli.project import Run

Require = Annotated[
    list[str] | None,
    typer.Option(metavar="METRIC>=N", help="Such as 'accuracy>=0.82:lower'; repeatable.", show_default=False),
]
NoAuditErrors = Annotated[bool, typer.Option("--no-audit-errors", help="Also fail on an error of the audit.")]
Model = Annotated[str | None, typer.Option(help="The model; the selected one by default.", show_default=False)]
JUnit = Annotated[Path | None, typer.Option("--junit", help="Write the verdicts as JUnit XML.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("gate")(gate)


@shares_options
def gate(
    shared: Shared,
    *,
    require: Require = None,
    no_audit_errors: NoAuditErrors = False,
    model: Model = None,
    junit: JUnit = None,
) -> None:
    """Check requirements (exit code 8 when one is not met)."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.evaluation.requirements import Requirement

        requirements = [Requirement.parse(text) for text in require or ()]
        if not requirements and not no_audit_errors:
            hint = "Give --require 'accuracy>=0.82', or --no-audit-errors"
            raise ConfigError("There is nothing to check", hint=hint)
        run = run_goals(open_project(shared), ("evaluate",), shared)
        name = _model(run, model)
        scores = run.read(f"evaluate/{name}", "metrics.json")["metrics"]
        verdicts = [requirement.judge(scores) for requirement in requirements]
        if no_audit_errors:
            verdicts.append(_audit(run))
        _tell(name, verdicts, shared, junit)


def _model(run: Run, asked: str | None) -> str:
    name = asked or str(run.selection["model"])
    if name not in run.selection["table"]:
        raise ConfigError(f"There is no evaluated model {name!r}", hint=f"There is {', '.join(run.selection['table'])}")
    return name


def _audit(run: Run) -> Verdict:
    from phishcli.evaluation.requirements import Verdict

    errors = run.outcome.get(audit.FINDINGS).active("error")
    names = ", ".join(dict.fromkeys(error.code for error in errors))
    detail = f"{len(errors)}: {names}" if errors else "there is none"
    return Verdict("no audit errors", "audit", float(len(errors)), met=not errors, detail=detail)


def _tell(name: str, verdicts: list[Verdict], shared: Shared, junit: Path | None) -> None:
    from phishcli.render.gate import GateTable, as_document, as_junit

    if shared.json:
        console.show_json(as_document(name, verdicts))
    else:
        console.show(GateTable(name, verdicts))
    if junit is not None:
        _write(junit, as_junit(name, verdicts))
    failed = [verdict for verdict in verdicts if not verdict.met]
    if failed:
        told: list[Any] = [f"{verdict.requirement}: {verdict.detail}" for verdict in failed]
        what = f"{len(failed)} of {len(verdicts)} requirements {'is' if len(failed) == 1 else 'are'} not met"
        raise CheckFailed(what, where="\n".join(told))


def _write(path: Path, content: bytes) -> None:
    from phishcli.files import appearing_file

    try:
        with appearing_file(path) as file:
            file.write_bytes(content)
    except OSError as error:
        raise PhishError(
            f"The JUnit file could not be written: {error.strerror or error}",
            where=str(path),
            hint="Name a file in a folder that can be written: --junit report.xml",
        ) from error
