"""The options that commands share, declared once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

if TYPE_CHECKING:
    from phishcli.config import Resolved


@dataclass(frozen=True)
class Shared:
    """Which configuration a command works on, and how it talks."""

    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="YAML file to read.", show_default=False),
    ] = None
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change one setting, such as train.seed=7; repeatable.",
            show_default=False,
        ),
    ] = None
    source: Annotated[
        str | None,
        typer.Option(help="SQLite, CSV or Parquet file, or URL.", show_default=False),
    ] = None
    target: Annotated[str | None, typer.Option(help="Column that holds the label.", show_default=False)] = None
    positive_label: Annotated[
        str | None,
        typer.Option(help="Label of the positive class (phishing).", show_default=False),
    ] = None
    drop: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Leave a column out; repeatable.", show_default=False),
    ] = None
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Use a column that would be set aside; repeatable.",
            show_default=False,
        ),
    ] = None
    tune: Annotated[bool, typer.Option("--tune", help="Search hyperparameters first.")] = False
    tune_method: Annotated[
        str | None,
        typer.Option(metavar="METHOD", help="Search by race, random, grid or optuna.", show_default=False),
    ] = None
    time_budget: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="End the search with the best so far: 90s, 2m, 1h.", show_default=False),
    ] = None
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", help="Fits side by side; -1 for all cores.", show_default=False),
    ] = None
    cache_dir: Annotated[Path | None, typer.Option(help="Folder of the artifacts.", show_default=False)] = None
    results_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of reports, releases and logs.", show_default=False),
    ] = None
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the final summary only.")] = False
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the traceback of an error.")] = False
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False
    own: Mapping[str, Any] = field(default_factory=dict, metadata={"option": False})
    """Dotted settings that options of one command gave."""

    def resolve(self) -> Resolved:
        """Read the configuration that these options name.

        Raises
        ------
        ConfigError
            Listing everything that is wrong with it.
        """
        from phishcli.settings import load_config

        return load_config(self.config, sets=self.sets or (), overrides=self.overrides())

    def having(self, settings: Mapping[str, Any]) -> Shared:
        """The same with further settings from options of one command, named alike; None leaves a setting alone."""
        return replace(self, own={**self.own, **settings})

    def overrides(self) -> dict[str, tuple[Any, str]]:
        """Dotted settings that options gave, each with the option's name."""
        given = {
            "load.source": (self.source, "--source"),
            "load.target": (self.target, "--target"),
            "load.positive_label": (self.positive_label, "--positive-label"),
            "load.drop": (self.drop, "--drop"),
            "load.keep": (self.keep, "--keep"),
            "train.tune.enabled": self._searches(),
            "train.tune.method": (self.tune_method, "--tune-method"),
            "train.tune.time_budget": (self.time_budget, "--time-budget"),
            "run.jobs": (self.jobs, "--jobs"),
            "run.cache_dir": (self.cache_dir and str(self.cache_dir), "--cache-dir"),
            "run.results_dir": (self.results_dir and str(self.results_dir), "--results-dir"),
            **{key: (value, _option(key)) for key, value in self.own.items()},
        }
        return {key: (value, origin) for key, (value, origin) in given.items() if value is not None}

    def _searches(self) -> tuple[bool | None, str]:
        """Whether an option asks for a search, by name or by saying how it is to be."""
        asked = {"--tune": self.tune, "--tune-method": self.tune_method, "--time-budget": self.time_budget}
        return next(((True, name) for name, value in asked.items() if value not in (None, False)), (None, ""))


def _option(key: str) -> str:
    """The option that gives a setting: ``--base-rate`` for ``operation.base_rate``."""
    return f"--{key.rpartition('.')[2].replace('_', '-')}"


def shares_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command whose first parameter is a `Shared` the options that `Shared` declares, after its own."""
    own = list(inspect.signature(command).parameters.values())[1:]
    hints = get_type_hints(command, include_extras=True)
    declared = _declared()
    shared = [
        inspect.Parameter(
            each.name, inspect.Parameter.KEYWORD_ONLY, default=each.default, annotation=declared[each.name]
        )
        for each in _options()
    ]

    @functools.wraps(command)
    def expanded(**given: Any) -> None:
        options = Shared(**{each.name: given.pop(each.name) for each in _options()})
        command(options, **given)

    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[p.name]) for p in own]
    expanded.__signature__ = inspect.Signature(parameters + shared)  # type: ignore[attr-defined]  # what Typer reads
    expanded.__annotations__ = {p.name: p.annotation for p in parameters + shared}
    return expanded


def _options() -> list[Field[Any]]:
    return [each for each in fields(Shared) if each.metadata.get("option", True)]


@functools.cache
def _declared() -> dict[str, Any]:
    return get_type_hints(Shared, include_extras=True)
