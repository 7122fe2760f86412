"""Which columns of the matrix a model is held to be monotone in, from names of columns of the table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from phishcli.errors import ConfigError, suggestion
from phishcli.features.mutable import monotone_columns
from phishcli.models import get

if TYPE_CHECKING:
    from phishcli.documents.schema import Schema
    from phishcli.search.settings import ModelSettings


def held(settings: ModelSettings, schema: Schema) -> ModelSettings:
    """Give the settings of a model with its constraints among its parameters, by place in the matrix.

    Numbers come first in what a model sees, in the order of the table, whatever fold it is of; and they are encoded so
    that a larger number stays the larger one. A selection would move them, and a pair may fall while its column rises.

    Parameters
    ----------
    settings
        As the configuration has them.
    schema
        The columns of the table.

    Raises
    ------
    ConfigError
        When the model has no such constraints, its features are selected or pairs of columns, or a column that is named
        holds no numbers.
    """
    if settings.monotone == "none":
        return settings
    spec, numbers = get(settings.model), schema.names("numeric")
    if spec.monotone is None or not spec.monotone.holds(settings.params):
        raise ConfigError(f"{spec.name} cannot have monotone constraints with its parameters", where="train.monotone")
    if settings.strategy.interactions or settings.strategy.select != "none":
        hint = "Leave out preprocess.interactions and preprocess.select"
        raise ConfigError(
            "Monotone constraints cannot be combined with interactions or feature selection",
            where="train.monotone",
            hint=hint,
        )
    asked = dict(monotone_columns(settings.monotone, settings.mutable, schema))
    if unknown := [name for name in asked if name not in numbers]:
        hint = suggestion(unknown[0], numbers, "numeric columns")
        raise ConfigError(f"{unknown[0]!r} is not a numeric column of the table", where="train.monotone", hint=hint)
    if not asked:
        hint = "Name what an attacker can change under evasion.mutable, or the columns here"
        raise ConfigError("No column of the table is known to be mutable", where="train.monotone", hint=hint)
    places = {str(numbers.index(name)): sign for name, sign in sorted(asked.items(), key=lambda each: each[0])}
    return replace(settings, params={**settings.params, spec.monotone.parameter: places})
