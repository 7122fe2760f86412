"""How many rows would have a twin, a row with equal features, by chance alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from phishcli.tables.arrow import frame
from phishcli.tables.table import spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.tables.table import Table

VARIETY = 1_000
"""Rows by which the columns with the most different values are found."""
HARDLY = 1e-12
"""A chance so small that further columns need not be looked at."""
DRAWN = 1_000
SEEN = 5_000
"""Rows that are drawn, and rows that the shares of the values are taken from, per class."""


def twins_by_chance(
    features: Table, columns: Sequence[str], positive: NDArray[np.bool_], among: int, *, same_class: bool
) -> float:
    """The share of rows that would have a twin among ``among`` others, were all columns independent in each class.

    Coarse columns make twins without any fault: with five yes-or-no columns nearly every row has one. Estimated from
    rows that are put together at random, column by column, within each class; it reads at most `SEEN` rows of each.

    Parameters
    ----------
    features
        n rows.
    columns
        The columns that count.
    positive
        Shape (n,).
    among
        How many other rows there are.
    same_class
        Whether only rows of the same class count.
    """
    rng = np.random.default_rng(0)
    classes = [np.flatnonzero(of_class) for of_class in (positive, ~positive)]
    seen = [frame(features.select(members[spread(len(members), SEEN)], columns)) for members in classes]
    parts = [len(members) / len(positive) for members in classes]
    share = 0.0
    for own, other in ((0, 1), (1, 0)):
        if len(seen[own]):
            same, further = _chances(seen[own], seen[other], rng)
            chance = parts[own] * same + (0 if same_class else parts[other] * further)
            share += parts[own] * float(-np.expm1(among * np.log1p(-np.minimum(chance, 1 - 1e-12))).mean())
    return share


def _most_varied_first(features: pd.DataFrame) -> list[str]:
    some = features.iloc[spread(len(features), VARIETY)]
    return sorted(features.columns, key=lambda name: -some[name].nunique())


def _chances(
    own: pd.DataFrame, other: pd.DataFrame, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw rows of one class, each value of its own column alone; the chance of each in its class and in the other."""
    same, further = np.ones(DRAWN), np.ones(DRAWN)
    for name in _most_varied_first(own):
        codes = pd.factorize(pd.concat([own[name], other[name]]), use_na_sentinel=False)[0]
        rows, others = (np.bincount(part, minlength=len(codes)) for part in (codes[: len(own)], codes[len(own) :]))
        drawn = rng.choice(codes[: len(own)], DRAWN)
        same *= (rows[drawn] - 1) / max(len(own) - 1, 1)  # of another row, or values that occur once would seem common
        further *= others[drawn] / max(len(other), 1)
        if max(same.max(), further.max()) < HARDLY:
            break
    return same, further
