"""The least that a program of Typer, pydantic, YAML and Rich does: 20 options, one validated setting, one table."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

app = typer.Typer(rich_markup_mode=None)


def status(**_: Any) -> None:
    """Validate one setting and print one table."""
    import yaml
    from pydantic import BaseModel, ConfigDict
    from rich.console import Console
    from rich.table import Table

    class Settings(BaseModel):
        model_config = ConfigDict(extra="forbid", frozen=True)
        jobs: int = 1

    settings = Settings.model_validate(yaml.safe_load("jobs: 2"))
    table = Table("jobs")
    table.add_row(str(settings.jobs))
    Console().print(table)


def _options() -> list[inspect.Parameter]:
    kind = Annotated[str | None, typer.Option(help="An option.")]
    return [
        inspect.Parameter(f"option_{number}", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for number in range(20)
    ]


status.__signature__ = inspect.Signature(_options())  # type: ignore[attr-defined]  # Typer reads it
status.__annotations__ = {each.name: each.annotation for each in _options()}
app.command()(status)
app.command("other")(lambda: None)

if __name__ == "__main__":
    app(["status"])
