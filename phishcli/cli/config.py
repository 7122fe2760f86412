"""``phish config``: show the resolved settings and validate them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import console
from phishcli.cli.boundary import boundary
from phishcli.cli.options import Shared, shares_options
from phishcli.wording import counted, plural

if TYPE_CHECKING:
    from phishcli.config.schema import TrainConfig

Yaml = Annotated[bool, typer.Option("--yaml", help="As YAML, for a file in this folder that -c reads.")]

commands = typer.Typer(help="Show and validate the configuration.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands to the application."""
    app.add_typer(commands, name="config")


@commands.command()
@shares_options
def show(shared: Shared, *, yaml: Yaml = False) -> None:
    """Show every setting and where it came from."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        from phishcli.render.settings import settings_document, settings_table

        resolved = shared.resolve()
        if yaml:
            from phishcli.config.load import snapshot

            typer.echo(snapshot(resolved.config), nl=False)
        elif shared.json:
            console.show_json(settings_document(resolved))
        else:
            console.show(settings_table(resolved))


@commands.command()
@shares_options
def check(shared: Shared) -> None:
    """Validate the settings (exit code 2 if wrong)."""
    with boundary(verbose=shared.verbose, as_json=shared.json):
        resolved = shared.resolve()
        _check_models(resolved.config.train)
        changed = sum(origin != "default" for origin in resolved.origins.values())
        if shared.json:
            console.show_json({"valid": True, "changed": changed})
        elif not shared.quiet:
            differ = plural(changed, "differs", "differ")
            typer.echo(f"The configuration is valid; {counted(changed, 'setting')} {differ} from the defaults.")


def _check_models(train: TrainConfig) -> None:
    """Reject parameters that a model does not have; warn about those of models that are not trained."""
    from phishcli.models import get

    for key, given in (("train.params", train.params), ("train.tune.spaces", train.tune.spaces)):
        for model, names in given.items():
            get(model).check(names, where=f"{key}.{model}")
            if model not in train.models:
                console.note(f"{key}.{model} has no effect: {model} is not in train.models", "yellow")
