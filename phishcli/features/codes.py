"""Numbers of categories that are read from a table, and which categories are rare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CODES = 250
"""The most categories that a model gets; scikit-learn's histograms hold 255 values. Rarer ones are merged."""


class TableEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn publishes no types
    """A transformer of scikit-learn from one column of names to a number of each; another one for all other names.

    ``missing`` is the number of a missing one; None: that of all others.
    """

    missing: float | None = None  # of encoders that were pickled when the table held it

    def __init__(
        self,
        table: dict[str, float] | None = None,
        other: float = 0.0,
        kind: Literal["code", "count"] = "code",
        missing: float | None = None,
    ) -> None:
        self.table = table
        self.other = other
        self.kind = kind
        self.missing = missing

    @property
    def numbers(self) -> dict[str | None, float]:
        """The number of each name and of a missing one."""
        found: dict[str | None, float] = {None: self.other if self.missing is None else self.missing}
        found.update(self.table or {})
        return found

    def fit(self, x: Any, _: Any = None) -> Self:
        """The table is known already; x has shape (n, 1)."""
        self.feature_names_in_ = np.asarray(x.columns, dtype=object)
        self.n_features_in_ = 1
        return self

    def transform(self, x: Any) -> NDArray[np.float64]:
        """The number of each name, shape (n, 1)."""
        table = self.numbers
        names = np.asarray(x, dtype=object).ravel()
        return np.array([[table.get(name, self.other)] for name in names], dtype=np.float64).reshape(-1, 1)

    def get_feature_names_out(self, names: Any = None) -> Any:
        """One output by the name of the input."""
        return np.asarray(names, dtype=object)


def rare_names(counts: Mapping[str | None, int], rare: float | None) -> set[str | None]:
    """The names that fewer rows have than ``rare`` says: a number from 1 on, or a share of all rows."""
    if rare is None:
        return set()
    least = rare if rare >= 1 else rare * sum(counts.values())
    return {name for name, number in counts.items() if number < least}


def places_of(counts: Mapping[str | None, int], rare: float | None) -> TableEncoder:
    """The place of each name in the alphabet from 1 on, 0 for a missing and an unknown one, the last for rare ones."""
    few = rare_names(counts, rare)
    frequent = sorted(name for name in counts if name is not None and name not in few)
    table = {name: float(place) for place, name in enumerate(frequent, start=1)}
    last = float(len(frequent) + 1)
    merged = {name: last for name in few if name is not None}
    return TableEncoder(table | merged, last if few else 0.0, missing=last if None in few else 0.0)


def codes_of(counts: Mapping[str | None, int], rare: float | None) -> TableEncoder:
    """A code for each name from 0 on; NaN for a missing and an unknown one, the last code for rare ones.

    Where a missing value is rare it stays missing: models have a branch of their own for that.
    """
    few = {name for name in rare_names(counts, rare) if name is not None}
    named = [name for name in counts if name is not None and name not in few]
    named.sort(key=lambda name: (-counts[name], name))
    frequent = sorted(named[:MOST_CODES])
    few |= set(named[MOST_CODES:])
    table = {name: float(code) for code, name in enumerate(frequent)}
    last = float(len(frequent))
    return TableEncoder(table | dict.fromkeys(few, last), last if few else np.nan, missing=np.nan)
