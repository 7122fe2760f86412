"""Products and ratios of numeric columns: which ones say something beyond the columns themselves, and their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from phishcli.documents.encoder import Pair
from phishcli.features.pair_values import pair_values

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[np.float64]

LOOKED_AT = 5_000
"""Rows that pairs are chosen by."""
MOST_COLUMNS = 40
"""Columns that pairs are made of: those that are correlated most with the class."""
TAIL = 0.01
"""Share of the values at either end that are limited while pairs are chosen."""
LEVEL = 0.05
"""Chance that any pair is chosen although none says anything."""


class Pairs(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn publishes no types
    """A transformer of scikit-learn from numeric columns to products and ratios of them; NaN where there is none."""

    def __init__(self, pairs: Sequence[tuple[str, str, str]] = ()) -> None:
        self.pairs = pairs

    def fit(self, x: Any, _: Any = None) -> Self:
        """The pairs are known already; x is a data frame."""
        self.feature_names_in_ = np.asarray(x.columns, dtype=object)
        self.n_features_in_ = len(self.feature_names_in_)
        return self

    def transform(self, x: Any) -> Values:
        """The values of each pair, shape (n, number of pairs)."""
        columns = {name: np.asarray(x[name], dtype=np.float64) for name in x.columns}
        return np.stack([pair_values(columns[left], columns[right], how) for left, right, how in self.pairs], axis=1)

    def get_feature_names_out(self, _: Any = None) -> Any:
        """The names of the pairs."""
        return np.asarray([pair.name for pair in self.as_pairs()], dtype=object)

    def as_pairs(self) -> list[Pair]:
        """The pairs as parts of a document."""
        return [Pair(left=left, right=right, how=how) for left, right, how in self.pairs]  # type: ignore[arg-type]  # two words


def choose_pairs(columns: Mapping[str, Values], y: ArrayLike, most: int) -> list[Pair]:
    """Choose pairs that improve a linear model of all columns, one after another (forward selection).

    The gain of a pair is the increase of R squared, from residuals on what the model has already (Frisch and Waugh
    1933, Econometrica 1, 387-401). A pair counts if its gain could be due to chance among all pairs only once in 20
    tables (Bonferroni).

    Parameters
    ----------
    columns
        Numeric columns of n training rows (`LOOKED_AT` will do), NaN where a value is missing.
    y
        Their classes, shape (n,).
    most
        The number of pairs at most.
    """
    from scipy.stats import norm

    target = np.asarray(y, dtype=np.float64)
    values = {name: column for name, each in columns.items() if (column := _filled(each)) is not None}
    names = _correlated(values, target - target.mean())
    pairs, made = _candidates(names, {name: values[name] for name in names})
    if not pairs:
        return []
    limit = float(norm.isf(LEVEL / 2 / len(pairs))) ** 2
    search = _Search(np.stack([_tamed(values[name]) for name in names], axis=1), made, target)
    return [pairs[place] for place in search.chosen(most, limit)]


class _Search:
    """Candidates and target without what the chosen columns explain already."""

    def __init__(self, columns: Values, candidates: Values, target: Values) -> None:
        basis = np.column_stack([np.ones(len(columns)), columns])
        u, s, _ = np.linalg.svd(basis, full_matrices=False)
        self._q = u[:, s > s[0] * 1e-10]
        self._before = np.square(candidates).sum(axis=0)
        self._z = candidates - self._q @ (self._q.T @ candidates)
        self._r = target - self._q @ (self._q.T @ target)
        self._degrees = len(columns) - self._q.shape[1] - 1

    def chosen(self, most: int, limit: float) -> Iterator[int]:
        """The places of the best candidates, each after the ones before it."""
        for _ in range(min(most, max(self._degrees, 0))):
            size = np.square(self._z).sum(axis=0)
            own = size > 1e-8 * self._before  # the others are sums of what is there
            gain = np.zeros(len(size))
            gain[own] = np.square(self._r @ self._z[:, own]) / size[own]
            best = int(np.argmax(gain))
            left = float(self._r @ self._r) - gain[best]
            if left <= 0 or gain[best] * self._degrees / left < limit:
                return
            yield best
            self._add(self._z[:, best] / np.sqrt(size[best]))

    def _add(self, direction: Values) -> None:
        self._z = self._z - np.outer(direction, direction @ self._z)
        self._r = self._r - direction * (direction @ self._r)
        self._degrees -= 1


def _filled(values: Values) -> Values | None:
    """Values with the median for missing ones; None for a column of one value."""
    present = values[~np.isnan(values)]
    if not len(present) or present.min() == present.max():
        return None
    return np.where(np.isnan(values), np.median(present), values)


def _tamed(values: Values) -> Values:
    """Limited at both ends, mean 0 and standard deviation 1; zeros where there is a single value."""
    low, high = np.quantile(values, [TAIL, 1 - TAIL])
    limited = np.clip(values, low, high) if low < high else values
    largest = float(np.abs(limited).max()) or 1.0
    near = limited / largest  # whose squares do not overflow
    deviation = float(near.std())
    return (near - near.mean()) / deviation if deviation > 1e-12 else np.zeros(len(values))  # noqa: PLR2004 (rounding)


def _correlated(values: Mapping[str, Values], centered: Values) -> list[str]:
    """The columns that are correlated most with the class, in their order."""
    strength = {name: abs(float(_tamed(each) @ centered)) for name, each in values.items()}
    leading = set(sorted(strength, key=lambda name: -strength[name])[:MOST_COLUMNS])
    return [name for name in values if name in leading]


def _candidates(names: Sequence[str], values: Mapping[str, Values]) -> tuple[list[Pair], Values]:
    """All products and ratios that are finite and not constant, and their values."""
    pairs, made = [], []
    for place, left in enumerate(names):
        for right in names[place + 1 :]:
            for pair in _of_two(left, right):
                found = _filled(pair_values(values[pair.left], values[pair.right], pair.how))
                if found is not None:
                    pairs.append(pair)
                    made.append(_tamed(found).astype(np.float64))
    return pairs, np.stack(made, axis=1) if made else np.empty((0, 0))


def _of_two(left: str, right: str) -> Iterator[Pair]:
    yield Pair(left=left, right=right, how="product")
    yield Pair(left=left, right=right, how="ratio")
    yield Pair(left=right, right=left, how="ratio")
