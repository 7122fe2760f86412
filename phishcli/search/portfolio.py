"""The trials that a search begins with: the defaults, sets that are good on many tables, and what the settings list.

A search of few trials is mostly luck if all of them are drawn. The sets of a model (`ModelSpec.portfolio`) are known in
advance to be good and to differ from each other; only what comes after them is drawn or proposed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from phishcli.models.space import Choice, Space, parse
from phishcli.models.spec import ModelSpec

Params = Mapping[str, Any]


def first_ones(spec: ModelSpec, given: Mapping[str, Any], *, base: Params) -> tuple[dict[str, Any], ...]:
    """Give the defaults and the portfolio of a model, without what lies outside of the space that the settings name.

    Parameters
    ----------
    spec
        The model.
    given
        That space, as in YAML: a parameter that is null is not searched, so that no set of the portfolio may set it.
    base
        The parameters that hold where a set does not name them.
    """
    space = {name: values for name, values in given.items() if values is not None}
    asked = parse(space, model=spec.name, known=spec.space) if space else {}
    fixed = given.keys() - asked.keys()
    sets = ({}, *(dict(params) for params in spec.portfolio if not fixed & params.keys()))
    return tuple(params for params in sets if all(lies_in(asked[name], {**base, **params}, name) for name in asked))


def lies_in(space: Space, params: Params, name: str) -> bool:
    """Whether a parameter that is set has a value that a space allows."""
    if name not in params:
        return False
    value = params[name]
    if isinstance(space, Choice):
        return value in space.values
    return isinstance(value, int | float) and space.low <= value <= space.high


def with_first(first: Sequence[Params], others: Sequence[Params], n_iter: int) -> list[dict[str, Any]]:
    """Put some candidates, each once, before others that are not among them, ``n_iter`` in all.

    Others that were drawn twice stay twice, as in ``RandomizedSearchCV``.
    """
    ahead = [dict(params) for place, params in enumerate(first) if params not in first[:place]]
    return [*ahead, *(dict(params) for params in others if params not in ahead)][:n_iter]
