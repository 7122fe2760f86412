"""``phish operate``: what each threshold means in production, at a realistic base rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phishcli.cli import completion, console
from phishcli.cli.boundary import boundary
from phishcli.cli.named import File, as_spelled
from phishcli.cli.opened import open_project
from phishcli.cli.options import Shared, shares_options
from phishcli.cli.running import run_goals
from phishcli.errors import ConfigError

if TYPE_CHECKING:
    from phishcli.config.schema import OperationConfig
    from phishcli.documents.operation import SheetLine
    from phishcli.project import Run

    Sheets = Mapping[str, tuple[SheetLine, ...]]

BaseRate = Annotated[
    str | None, typer.Option(metavar="SHARE", help="Share of incoming items that are positive.", show_default=False)
]
Volume = Annotated[str | None, typer.Option(metavar="NUMBER", help="Incoming items per day.", show_default=False)]
Minutes = Annotated[float | None, typer.Option(help="Analyst minutes per alert.", show_default=False)]
HourCost = Annotated[float | None, typer.Option(help="Cost of an analyst hour.", show_default=False)]
Model = Annotated[
    list[str] | None,
    typer.Option(
        help="Model to show in place of the selected one; repeatable, or all.",
        autocompletion=completion.model,
        show_default=False,
    ),
]
MissCost = Annotated[float | None, typer.Option(help="Cost of a missed positive.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("operate")(operate)


@shares_options
def operate(
    shared: Shared,
    file: File = None,
    *,
    base_rate: BaseRate = None,
    volume: Volume = None,
    analyst_minutes: Minutes = None,
    hour_cost: HourCost = None,
    miss_cost: MissCost = None,
    model: Model = None,
) -> None:
    """Show alerts, analyst hours and cost per day of each threshold."""
    given = {
        "base_rate": base_rate,
        "volume": volume,
        "analyst_minutes": analyst_minutes,
        "hour_cost": hour_cost,
        "miss_cost": miss_cost,
    }
    with boundary(verbose=shared.verbose, as_json=shared.json):
        project = open_project(
            shared.at(file).with_settings({f"operation.{name}": value for name, value in given.items()})
        )
        run = run_goals(project, ("evaluate",), shared, keep=False)
        operation = project.config.operation
        sheets = _sheets(run, operation)
        if shared.json:
            console.show_json(_document(run, operation, sheets))
        else:
            _show(run, operation, _asked(sheets, run.selection.model, model or ()))


def _document(run: Run, operation: OperationConfig, sheets: Sheets) -> dict[str, Any]:
    from phishcli.cli import views
    from phishcli.documents.base import plain_of

    return {"source": views.source(run), "operation": operation.model_dump(), "models": plain_of(sheets)}


def _show(run: Run, operation: OperationConfig, sheets: Sheets) -> None:
    from rich.text import Text

    from phishcli.evaluation.operation import operation_of
    from phishcli.render.operation import SheetView

    console.show(SheetView(sheets, operation_of(operation), run.selection.model))
    console.show(Text(f"\ndata  {run.outcome.source.origin}", "dim"))


def _asked(sheets: Sheets, selected: str, asked: Sequence[str]) -> Sheets:
    """The sheets of the models that are asked for, of the selected one by default."""
    if "all" in asked:
        return {name: sheets[name] for name in (selected, *(other for other in sheets if other != selected))}
    names = [as_spelled(name) for name in asked] or [selected]
    if unknown := [name for name in names if name not in sheets]:
        hint = f"The models are {', '.join(sheets)}; --model --model all shows all of them"
        raise ConfigError(f"There is no evaluated model {unknown[0]!r}", where="--model", hint=hint)
    return {name: sheets[name] for name in names}


def _sheets(run: Run, asked: OperationConfig) -> dict[str, tuple[SheetLine, ...]]:
    from phishcli.evaluation.operation import operating_sheet, operation_of
    from phishcli.stages import evaluate

    operation, missingness = operation_of(asked), run.selection.missingness
    metrics = run.outcome.each(evaluate.METRICS)
    return {model: operating_sheet(operation, found, missingness) for model, found in metrics.items()}
