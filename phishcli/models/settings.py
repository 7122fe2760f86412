"""What the settings say of models and their search spaces, checked against the models that exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from phishcli.config.key_paths import nearest
from phishcli.config.problems import Problem
from phishcli.errors import ConfigError
from phishcli.models import ModelSpec, registry
from phishcli.models.space import parse

if TYPE_CHECKING:
    from phishcli.config import Config


def unknown_models(config: Config) -> Iterator[Problem]:
    """Find models that do not exist among those to train, with parameters of their own, and with search spaces."""
    train = config.train
    named: tuple[tuple[str, Iterable[str]], ...] = (
        ("train.models", train.models),
        ("train.params", train.params),
        ("train.tune.spaces", train.tune.spaces),
    )
    for key, names in named:
        for name in names:
            if name not in registry():
                yield Problem(key, _message(name), (*key.split("."), name))


def _message(name: str) -> str:
    close = nearest(name, registry())
    return f"unknown model {name}; " + (f"did you mean {close}?" if close else f"there is {', '.join(registry())}")


def impossible_spaces(config: Config) -> Iterator[Problem]:
    """Find search spaces that are not valid, such as one that ends before it begins; unknown models are skipped."""
    for model, given in config.train.tune.spaces.items():
        for name, values in given.items() if model in registry() else ():
            if message := _error_in(values, name, registry()[model]):
                path = ("train", "tune", "spaces", model, name)
                yield Problem(".".join(path), message, path)


def _error_in(values: Any, name: str, spec: ModelSpec) -> str | None:
    """Say what is wrong with the values to search of one parameter; None leaves the parameter out."""
    try:
        parse({name: [None] if values is None else values}, model=spec.name, known=spec.space)
    except ConfigError as error:
        return f"{error.what}; {error.hint[0].lower()}{error.hint[1:]}" if error.hint else error.what
    return None
