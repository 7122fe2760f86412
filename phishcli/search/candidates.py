"""The parameter sets that a search tries: drawn one by one, or every point of a grid."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np
from sklearn.model_selection import ParameterSampler

from phishcli.errors import ConfigError
from phishcli.fits.task import Params
from phishcli.models.space import Choice, FloatRange, IntRange, Space

LARGEST_GRID = 2_000
"""The largest grid; beyond, random candidates find as good a point sooner."""


def drawn(space: Mapping[str, Space], n_iter: int, seed: int) -> list[Params]:
    """Draw parameter sets; the first k of n are those of a draw of k.

    Where a parameter has a range they are those of ``RandomizedSearchCV`` with this ``random_state``. A space of lists
    only is sampled without replacement (which scikit-learn does in a way that depends on ``n_iter``), and is used whole
    if it is smaller than ``n_iter``.
    """
    lists = [values for values in space.values() if isinstance(values, Choice)]
    if len(lists) == len(space):
        return _without_replacement(space, n_iter, seed)
    sampled = ParameterSampler(distributions(space), n_iter, random_state=seed)
    return [{name: _native(value) for name, value in params.items()} for params in sampled]


def _without_replacement(space: Mapping[str, Space], n_iter: int, seed: int) -> list[Params]:
    sizes = {name: len(values.values) for name, values in sorted(space.items()) if isinstance(values, Choice)}
    wanted, random = min(n_iter, prod(sizes.values())), np.random.RandomState(seed)
    found: dict[tuple[int, ...], None] = {}
    while len(found) < wanted:
        found[tuple(int(random.randint(size)) for size in sizes.values())] = None
    return [
        {name: _choice(space[name], index) for name, index in zip(sizes, indices, strict=True)} for indices in found
    ]


def _choice(values: Space, index: int) -> Any:
    assert isinstance(values, Choice)  # noqa: S101 (for the type checker)
    return values.values[index]


def _native(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def grid(space: Mapping[str, Space], *, model: str) -> list[Params]:
    """Give every combination of the values, those of the last parameter changing fastest.

    Raises
    ------
    ConfigError
        When a parameter has a range of real numbers, or there are more than `LARGEST_GRID` points.
    """
    where = f"train.tune.spaces.{model}"
    values: dict[str, Sequence[Any]] = {}
    for name, each in space.items():
        if isinstance(each, Choice):
            values[name] = each.values
        elif isinstance(each, IntRange) and not each.log:
            values[name] = range(each.low, each.high + 1)  # which may be far too long to be written out
        else:
            hint = "Write a list of values, set it to null to leave it out, or search with --tune-method race"
            raise ConfigError(
                f"A grid needs a list of values, and {name} has a range", where=f"{where}.{name}", hint=hint
            )
    size = prod(map(len, values.values()))
    if size > LARGEST_GRID:
        counts = ", ".join(f"{name} {len(each):,}" for name, each in values.items())
        raise ConfigError(
            f"The grid of {model} has {size:,} points, more than {LARGEST_GRID:,}",
            where=f"{where}: {counts}",
            hint="Write shorter lists, or search with --tune-method race",
        )
    return [dict(zip(values, point, strict=True)) for point in product(*values.values())]


def distributions(space: Mapping[str, Space]) -> dict[str, Any]:
    """Translate a space into what scikit-learn's ``ParameterSampler`` and ``RandomizedSearchCV`` take."""
    return {name: _distribution(values) for name, values in space.items()}


def _distribution(space: Space) -> Any:
    from scipy.stats import loguniform, randint, uniform

    if isinstance(space, Choice):
        return list(space.values)
    if isinstance(space, FloatRange):
        return loguniform(space.low, space.high) if space.log else uniform(space.low, space.high - space.low)
    return _LogInt(space.low, space.high) if space.log else randint(space.low, space.high + 1)


class _LogInt:
    """Whole numbers from ``low`` to ``high`` on a logarithmic scale, which scipy does not have."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def rvs(self, random_state: Any = None) -> int:
        """Draw one: a log-uniform real number from [low, high + 1), rounded down."""
        exponent = random_state.uniform(math.log(self.low), math.log(self.high + 1))
        return min(int(math.exp(exponent)), self.high)
