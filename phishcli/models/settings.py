"""What the settings say of models, checked against the models that exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from phishcli.config.key_paths import nearest
from phishcli.config.problems import Problem
from phishcli.models import registry

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
