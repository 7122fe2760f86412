"""The configuration, checked against what it names: models, search spaces, findings of the audit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from phishcli.audit import codes
from phishcli.config import Check, Config, Problem, Resolved, resolve_config
from phishcli.config.assignments import LastAssignment
from phishcli.config.key_paths import nearest
from phishcli.config.problems import as_error
from phishcli.errors import ConfigError
from phishcli.models import ModelSpec, combined, registry
from phishcli.models.space import parse
from phishcli.strategies import impossible, strategy_for
from phishcli.wording import listed


def load_config(
    files: Path | Sequence[Path] | None = None,
    *,
    sets: Sequence[str] = (),
    overrides: Mapping[str, tuple[Any, str]] | None = None,
    environ: Mapping[str, str] | None = None,
    continued: bool = False,
) -> Resolved:
    """Read, merge and check the configuration.

    The parameters are those of `phishcli.config.resolve_config`.

    Raises
    ------
    ConfigError
        If the file cannot be read, or for unknown keys, variables, models and audit codes, impossible search spaces
        and invalid values: all of them at once.
    """
    return resolve_config(files, sets=sets, overrides=overrides, environ=environ, checks=CHECKS, continued=continued)


def checked(config: Config) -> Config:
    """Check settings that the program itself has derived from valid ones, and give them back.

    Raises
    ------
    ConfigError
        If they no longer go together.
    """
    if found := [problem for check in CHECKS for problem in check(config)]:
        raise as_error(found, LastAssignment(()))
    return config


def unknown_models(config: Config) -> Iterator[Problem]:
    """Find models that do not exist: among those to train, with parameters, search spaces, strategies."""
    models, train = {**registry(), **combined()}, config.train
    named: dict[str, Iterable[str]] = {
        "train.models": train.models,
        "train.params": train.params,
        "train.tune.spaces": train.tune.spaces,
        "preprocess.models": config.preprocess.models,
    }
    for key, names in named.items():
        for name in names:
            if name not in models:
                hint = _suggestion(name, models, f"there is {', '.join(models)}")
                yield Problem(key, f"unknown model {name}; {hint}", (*key.split("."), name))


def lonely_ensembles(config: Config) -> Iterator[Problem]:
    """Find models that are put together from others where there are fewer than two others."""
    others = [model for model in config.train.models if model not in combined()]
    for model in config.train.models:
        if model in combined() and len(others) < 2:  # noqa: PLR2004 (members)
            yield Problem("train.models", f"{model} needs at least two other models", ("train", "models"))


def bags_of_one(config: Config) -> Iterator[Problem]:
    """Find bagging of a single fit, which would only lose rows."""
    if config.train.bagging and config.train.refits == 1:
        yield Problem("train.bagging", "needs several fits, such as train.refits: 5", ("train", "bagging"))


def impossible_spaces(config: Config) -> Iterator[Problem]:
    """Find search spaces that make no sense, such as a range that ends before it begins."""
    models = registry()
    for model, space in config.train.tune.spaces.items():
        for name, values in space.items() if model in models else ():
            if message := _error_in(values, name, models[model]):
                path = ("train", "tune", "spaces", model, name)
                yield Problem(".".join(path), message, path)


def models_without_constraints(config: Config) -> Iterator[Problem]:
    """Find models that do not support the monotone constraints asked for."""
    if config.train.monotone == "none":
        return
    able = [name for name, spec in registry().items() if spec.monotone is not None]
    unable = [name for name in config.train.models if name not in able and name in registry()]
    if unable:
        names = f"{listed(unable)} cannot have monotone constraints"
        yield Problem("train.models", f"{names}; train.monotone suits {', '.join(able)}", ("train", "models"))


def features_of_their_own(config: Config) -> Iterator[Problem]:
    """Find features that constraints and tiers cannot follow: pairs of columns, a selection, others for some models."""
    known = [name for name in config.train.models if name in registry()]
    found = {msgspec.structs.replace(strategy_for(config.preprocess, name), balance="none") for name in known}
    moved = any(each.interactions or each.select != "none" or each.encode == "native" for each in found)
    asked = {"train.monotone": config.train.monotone != "none", "evaluate.tiers": bool(config.evaluate.tiers)}
    for key in (key for key, on in asked.items() if on and (moved or len(found) > 1)):
        message = (
            "it needs the same features for all models, as the table has them: leave out preprocess.models, "
            "interactions, select, categorical.encode: native, and numeric.impute: none unless all models take that"
        )
        yield Problem(key, message, tuple(key.split(".")))


def impossible_strategies(config: Config) -> Iterator[Problem]:
    """Find settings of single models that those cannot take."""
    for model, own in config.preprocess.models.items():
        path = ("preprocess", "models", model)
        if model in combined():
            yield Problem("preprocess.models", f"{model} is composed of other models and sees no features", path)
        elif model in registry():
            for name, value, reason in impossible(own, model):
                key = tuple(name.split("."))
                yield Problem(".".join((*path, name)), f"{model} {reason}; leave out {value}", (*path, *key))


def leaking_resamples(config: Config) -> Iterator[Problem]:
    """Find early stopping by rows that a library holds out itself, after rows were repeated."""
    name = "GradientBoosting"
    stops = config.train.early_stopping.patience and name in config.train.models
    if stops and strategy_for(config.preprocess, name).balance in ("over", "under"):
        message = f"{name} with early stopping takes weights only: it holds out rows itself"
        yield Problem("preprocess.balance", message, ("preprocess", "balance"))


def unknown_codes(config: Config) -> Iterator[Problem]:
    """Find codes of findings to ignore that no check of the audit has."""
    known = codes() if config.audit.ignore else ()
    for name in config.audit.ignore:
        code = name.partition(":")[0]
        if code not in known:
            hint = _suggestion(code, known, "docs/audit.md lists them")
            yield Problem("audit.ignore", f"unknown check {code}; {hint}", ("audit", "ignore", name))


CHECKS: tuple[Check, ...] = (
    unknown_models,
    lonely_ensembles,
    bags_of_one,
    impossible_spaces,
    models_without_constraints,
    features_of_their_own,
    impossible_strategies,
    leaking_resamples,
    unknown_codes,
)
"""In the order in which an error lists what they find."""


def _suggestion(name: str, names: Iterable[str], otherwise: str) -> str:
    close = nearest(name, names)
    return f"did you mean {close}?" if close else otherwise


def _error_in(values: Any, name: str, spec: ModelSpec) -> str | None:
    """Say what is wrong with the values to search of one parameter; None leaves the parameter out of the search."""
    try:
        parse({name: [None] if values is None else values}, model=spec.name, known=spec.space)
    except ConfigError as error:
        return f"{error.what}; {error.hint[0].lower()}{error.hint[1:]}" if error.hint else error.what
    return None
