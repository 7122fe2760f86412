"""The options that commands share, declared once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phishcli.cli import completion
from phishcli.errors import ConfigError

if TYPE_CHECKING:
    from phishcli.config import Resolved


@dataclass(frozen=True)
class Shared:
    """Which configuration a command works on, and how it talks."""

    config: Annotated[
        list[Path] | None,
        typer.Option(
            "--config",
            "-c",
            metavar="FILE",
            help="YAML file with settings; repeatable, later files win.",
            show_default=False,
        ),
    ] = None
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Override one setting, such as train.seed=7; repeatable.",
            autocompletion=completion.settings,
            show_default=False,
        ),
    ] = None
    source: Annotated[
        str | None,
        typer.Option(help="File, URL, - (standard input) or sample.", show_default=False),
    ] = None
    target: Annotated[
        str | None,
        typer.Option(help="Name of the label column.", autocompletion=completion.columns, show_default=False),
    ] = None
    positive_label: Annotated[
        list[str] | None,
        typer.Option(metavar="LABEL", help="Label of the positive class (phishing); repeatable.", show_default=False),
    ] = None
    negative_label: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LABEL",
            help="Label of the other class, if there are more than two; repeatable, or rest.",
            show_default=False,
        ),
    ] = None
    drop: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Exclude a column; repeatable.",
            autocompletion=completion.columns,
            show_default=False,
        ),
    ] = None
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="Include a column that would be set aside; repeatable.",
            autocompletion=completion.columns,
            show_default=False,
        ),
    ] = None
    role: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=ROLE",
            help="Say what a column holds: text, url, date, email, domain, ip, categorical, ...; repeatable.",
            autocompletion=completion.column_roles,
            show_default=False,
        ),
    ] = None
    models: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL,MODEL",
            help="Models to train and compare; repeatable.",
            autocompletion=completion.models,
            show_default=False,
        ),
    ] = None
    tune: Annotated[bool, typer.Option("--tune", help="Tune hyperparameters first.")] = False
    tune_method: Annotated[
        str | None,
        typer.Option(
            metavar="METHOD",
            help="How to tune: race, random, grid or optuna.",
            autocompletion=completion.tune_methods,
            show_default=False,
        ),
    ] = None
    time_budget: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Stop tuning after 90s, 2m or 1h; keep the best so far.", show_default=False),
    ] = None
    budget: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Tune, and end the whole run within 90s, 2m or 1h.", show_default=False),
    ] = None
    max_latency: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Limit an ensemble to 100us or 2ms per row.", show_default=False),
    ] = None
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", help="Fits to run in parallel; -1 uses all cores.", show_default=False),
    ] = None
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Run fits on a cluster: dask://HOST:PORT, ray://HOST:PORT.", show_default=False
        ),
    ] = None
    cache_dir: Annotated[str | None, typer.Option(metavar="PATH", help="Folder for artifacts.", show_default=False)] = (
        None
    )
    results_dir: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Folder for reports, releases and logs.", show_default=False),
    ] = None
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only the final summary.")] = False
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the traceback of an unexpected error.")] = False
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document to stdout.")] = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Dotted settings from options of a single command; no option itself."""
    file: str | None = None
    """The source, given by its position; no option itself."""

    def resolve(self, *, with_file: bool = True) -> Resolved:
        """Read the configuration that these options name, on top of ``phish.yaml`` unless ``with_file`` is off.

        Raises
        ------
        ConfigError
            Listing everything that is wrong with it.
        """
        from phishcli.settings import load_config

        files = self.config or (None if with_file else ())
        return load_config(files, sets=self.sets or (), overrides=self.overrides(), continued=True)

    def with_settings(self, settings: Mapping[str, Any]) -> Shared:
        """Add settings from options of a single command that have the name of their key; None sets nothing."""
        return replace(self, settings={**self.settings, **settings})

    def at(self, file: str | None) -> Shared:
        """Work on a source that is given by its position, if it is."""
        return replace(self, file=file or self.file)

    def overrides(self) -> dict[str, tuple[Any, str]]:
        """Collect the dotted settings that options gave, each with the name of the option."""
        given = {
            "load.source": (self._source(), "--source"),
            "load.target": (self.target, "--target"),
            "load.positive_label": (_one_or_all(self.positive_label), "--positive-label"),
            "load.negative_label": (_one_or_all(self.negative_label), "--negative-label"),
            "load.drop": (self.drop, "--drop"),
            "load.keep": (self.keep, "--keep"),
            "load.roles": (self._roles(), "--role"),
            "train.models": (self._models(), "--models"),
            "train.tune.enabled": self._tuning(),
            "train.tune.method": (self.tune_method, "--tune-method"),
            "train.tune.time_budget": (self.time_budget, "--time-budget"),
            "train.budget": (self.budget, "--budget"),
            "train.ensemble.max_latency": (self.max_latency, "--max-latency"),
            "run.jobs": (self.jobs, "--jobs"),
            "run.cluster": (self.cluster, "--cluster"),
            "run.cache_dir": (self.cache_dir, "--cache-dir"),
            "run.results_dir": (self.results_dir, "--results-dir"),
            **{key: (value, _option(key)) for key, value in self.settings.items()},
        }
        return {key: (value, origin) for key, (value, origin) in given.items() if value is not None}

    def _source(self) -> str | None:
        if self.file is not None and self.source not in (None, self.file):
            raise ConfigError(f"Two sources are named: {self.file} and {self.source}", hint="Leave one of them out")
        return self.source if self.file is None else self.file

    def _models(self) -> list[str] | None:
        if self.models is None:
            return None
        from phishcli.cli.named import as_spelled

        return [as_spelled(name.strip()) for text in self.models for name in text.split(",") if name.strip()]

    def _roles(self) -> dict[str, str] | None:
        """The roles by column, whose name may hold a ``=``.

        Raises
        ------
        ConfigError
            When there is no ``=``.
        """
        given = [each.rpartition("=") for each in self.role or ()]
        for column, mark, role in given:
            if not mark or not column:
                raise ConfigError(f"{role!r} names no column and role", where="--role", hint="Write --role COLUMN=text")
        return {column: role for column, _, role in given} or None

    def _tuning(self) -> tuple[bool | None, str]:
        """Whether an option asks for a search, directly or by its method or time, and which one."""
        asked = {"--tune": self.tune, "--tune-method": self.tune_method, "--time-budget": self.time_budget}
        return next(((True, name) for name, value in asked.items() if value not in (None, False)), (None, ""))


def _one_or_all(values: list[str] | None) -> str | list[str] | None:
    """Give the only value as it is, several as a list."""
    return values[0] if values and len(values) == 1 else values or None


def _option(key: str) -> str:
    """Name the option of a setting: ``--base-rate`` for ``operation.base_rate``."""
    return f"--{key.rpartition('.')[2].replace('_', '-')}"


OPTIONS = tuple(
    option.replace(kind=Parameter.KEYWORD_ONLY)
    for option in signature(Shared, eval_str=True).parameters.values()
    if option.name not in ("settings", "file")
)
"""The options that `Shared` declares, as parameters of a function."""


def shares_options(command: Callable[..., None]) -> Callable[..., None]:
    """Replace the first parameter of a command, a `Shared`, by the options that `Shared` declares; they come last.

    Typer derives options from the signature of a function, and has no other way to share them.
    """
    _, *own = signature(command, eval_str=True).parameters.values()

    @wraps(command)
    def with_options(**given: Any) -> None:
        command(Shared(**{option.name: given.pop(option.name) for option in OPTIONS}), **given)

    parameters = (*(each.replace(kind=Parameter.KEYWORD_ONLY) for each in own), *OPTIONS)
    with_options.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # what `inspect` documents
    return with_options
