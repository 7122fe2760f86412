"""``phish evasion``: what an attacker with a budget leaves of each model's recall, and what constraints would cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.display import say_notices
from phishcli.cli.named import File
from phishcli.cli.opened import open_project
from phishcli.cli.options import Shared, shares_options
from phishcli.cli.running import run_goals, show_plan
from phishcli.cli.stages import DryRun, Force
from phishcli.errors import ConfigError, EvaluateError
from phishcli.events import Notice

if TYPE_CHECKING:
    from phishcli.documents.evasion import Defense, Evasion
    from phishcli.documents.metrics import Metrics
    from phishcli.project import Project, Run

GOALS = ("evasion",)
Monotone = Annotated[
    bool,
    typer.Option("--monotone", help="Also train with monotone constraints, and show what they gain and cost."),
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("evasion")(evasion)


@shares_options
def evasion(
    shared: Shared,
    file: File = None,
    *,
    monotone: Monotone = False,
    force: Force = False,
    dry_run: DryRun = False,
) -> None:
    """Find out what changes of pages and addresses make models miss them."""
    shared = shared.at(file)
    with boundary(verbose=shared.verbose, as_json=shared.json):
        project = open_project(shared)
        other = _constrained(project) if monotone else None
        if dry_run:
            show_plan(project, GOALS, shared)
            return
        forced, held = GOALS if force else (), list[Notice]()
        runs = [
            run_goals(each, GOALS, shared, force=forced, keep=False, held=held) for each in (project, other) if each
        ]
        say_notices(held, quiet=shared.quiet or shared.json)
        _show(project, [_attacked(run) for run in runs], runs[0], shared)


def _constrained(project: Project) -> Project:
    """The same models with constraints, those that can have them.

    Raises
    ------
    ConfigError
        When no model can, or the settings already ask for constraints, or for what does not go with them.
    """
    from phishcli.models import registry
    from phishcli.settings import checked

    if project.config.train.monotone != "none":
        raise ConfigError(
            "The settings already include constraints", where="train.monotone", hint="Leave --monotone out"
        )
    able = [name for name in project.config.train.models if name in registry() and registry()[name].monotone]
    if not able:
        raise ConfigError("None of the models supports constraints", where="train.models", hint="Add XGBoost")
    train = project.config.train.model_copy(update={"models": tuple(able), "monotone": "auto"})
    return replace(project, config=checked(project.config.model_copy(update={"train": train})))


def _attacked(run: Run) -> dict[str, tuple[Evasion, Metrics]]:
    """By model, what was found and its scores.

    Raises
    ------
    EvaluateError
        When no model was attacked.
    """
    from phishcli.stages import evaluate
    from phishcli.stages import evasion as stage

    found, metrics = run.outcome.each(stage.EVASION), run.outcome.each(evaluate.METRICS)
    if not found:
        failed = "\n".join(f"{name}: {reason}" for name, reason in run.outcome.failed.items())
        hint = "Allow the run more time (train.budget)" if not failed else None
        raise EvaluateError("No model was attacked", where=failed or None, hint=hint)
    return {name: (each, metrics[name]) for name, each in found.items()}


def _show(project: Project, attacked: list[dict[str, tuple[Evasion, Metrics]]], run: Run, shared: Shared) -> None:
    from phishcli.cli import views
    from phishcli.evasion.defense import defenses

    confidence = project.config.evaluate.confidence
    defended: list[Defense] = defenses(attacked[0], attacked[1], confidence) if len(attacked) > 1 else []
    models = [[each for each, _ in found.values()] for found in attacked]
    if shared.json:
        console.show_json({"source": views.source(run), **_plain(models, defended), "failed": dict(run.outcome.failed)})
        return
    from rich.text import Text

    from phishcli.render.evasion import defense_view, evasion_view

    console.show(evasion_view(models[0]))
    if defended:
        console.show(Text())
        console.show(evasion_view(models[1], constrained=True))
        console.show(Text())
        console.show(defense_view(defended, confidence))
    console.show(Text(f"\ndata  {run.outcome.source.origin}", "dim"))


def _plain(models: list[list[Evasion]], defended: list[Defense]) -> dict[str, Any]:
    from phishcli.documents.base import plain_of

    names = ("models", "monotone")
    lists = {name: [each.to_plain() for each in found] for name, found in zip(names, models, strict=False)}
    return {**lists, "defense": [plain_of(each) for each in defended]}
