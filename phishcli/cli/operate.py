"""``phish operate``: what each threshold means in operation, at a base rate that no training set has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.options import Shared, shares_options
from phishcli.cli.stages import open_project, run_goals

if TYPE_CHECKING:
    from phishcli.config.schema import OperationConfig
    from phishcli.project import Run

BaseRate = Annotated[float | None, typer.Option(help="Share of what comes in that is positive.", show_default=False)]
Volume = Annotated[float | None, typer.Option(help="What comes in on a day.", show_default=False)]
Minutes = Annotated[float | None, typer.Option(help="Minutes that one alert takes.", show_default=False)]
HourCost = Annotated[float | None, typer.Option(help="Cost of an hour of an analyst.", show_default=False)]
MissCost = Annotated[float | None, typer.Option(help="Cost of one missed positive.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("operate")(operate)


@shares_options
def operate(
    shared: Shared,
    *,
    base_rate: BaseRate = None,
    volume: Volume = None,
    analyst_minutes: Minutes = None,
    hour_cost: HourCost = None,
    miss_cost: MissCost = None,
) -> None:
    """Say what each threshold means: alerts, hours and cost a day."""
    given = {
        "base_rate": base_rate,
        "volume": volume,
        "analyst_minutes": analyst_minutes,
        "hour_cost": hour_cost,
        "miss_cost": miss_cost,
    }
    with boundary(verbose=shared.verbose, as_json=shared.json):
        project = open_project(shared.having({f"operation.{name}": value for name, value in given.items()}))
        run = run_goals(project, ("evaluate",), shared)
        sheets = _sheets(run, project.config.operation)
        if shared.json:
            console.show_json({"operation": project.config.operation.model_dump(), "models": sheets})
            return
        from phishcli.render.operation import SheetView

        console.show(SheetView(sheets, project.config.operation.model_dump(), run.selection["model"]))


def _sheets(run: Run, operation: OperationConfig) -> dict[str, list[dict[str, Any]]]:
    from phishcli.render.assemble import operating_sheet, operation_of

    models = [model for model in run.selection["table"] if f"evaluate/{model}" in run.outcome.entries]
    place, present = operation_of(operation), run.selection["present"]
    return {
        model: operating_sheet(place, model, run.read(f"evaluate/{model}", "metrics.json"), present) for model in models
    }
