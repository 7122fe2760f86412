"""What the settings say of search spaces, checked as the search will read them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from phishcli.config.problems import Problem
from phishcli.errors import ConfigError
from phishcli.models import ModelSpec, registry
from phishcli.search.spaces import parse

if TYPE_CHECKING:
    from phishcli.config import Config


def impossible_spaces(config: Config) -> Iterator[Problem]:
    """Find search spaces that make no sense, such as one that ends before it begins; unknown models are left out."""
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
