"""What is named by its position: the table of a command, or the models of a stage."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from phishcli.cli import completion
from phishcli.errors import ConfigError

if TYPE_CHECKING:
    from phishcli.cli.options import Shared

File = Annotated[str | None, typer.Argument(help="The table: a file or URL, as --source.", show_default=False)]
Models = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="MODEL",
        help="Only these models; a file or URL is the table.",
        autocompletion=completion.model,
        show_default=False,
    ),
]


def as_spelled(model: str) -> str:
    """Give the name of a model as it is spelled, whatever its case; a name that none has is returned as it is."""
    from phishcli.models import combined, registry

    return {name.casefold(): name for name in (*registry(), *combined())}.get(model.casefold(), model)


def models_of(shared: Shared, stage: str, given: Sequence[str]) -> tuple[Shared, tuple[str, ...]]:
    """Tell models from the table among the arguments of a stage; models that are not trained so far join the others.

    Raises
    ------
    ConfigError
        When a name is neither a model nor a file, or when there are two files.
    """
    from phishcli.models import get

    words = [word.removeprefix(f"{stage}/") for word in given]
    files = [word for word in words if _is_file(word)]
    if len(files) > 1:
        raise ConfigError(f"Two sources are named: {files[0]} and {files[1]}", hint="Leave one of them out")
    shared = shared.at(*files) if files else shared
    models = tuple(dict.fromkeys(get(as_spelled(word)).name for word in words if word not in files))
    if models:
        trained = shared.resolve().config.train.models
        added = [name for name in models if name not in trained]
        shared = shared.with_settings({"train.models": [*trained, *added]} if added else {})
    return shared, models


def _is_file(word: str) -> bool:
    return bool(set(word) & {"/", os.sep, "."}) or word in ("-", "sample") or os.path.exists(word)  # noqa: PTH110 (never raises)
