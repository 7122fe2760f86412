"""The parts of a preprocessor: which steps each strategy needs for which columns, and the steps themselves, fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, QuantileTransformer, RobustScaler

from phishcli.documents.features import Impute, NumericScale, Strategy
from phishcli.features.clean import unused
from phishcli.features.interactions import LOOKED_AT, Pairs, choose_pairs
from phishcli.features.learned import LearnedColumn, Learning, column_values, learn_columns, learnings_of
from phishcli.features.pair_values import pair_values
from phishcli.features.scaling import STEPS, Number, learn_number
from phishcli.tables.arrow import series
from phishcli.tables.table import spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.schema import Schema
    from phishcli.features.learned import Learner
    from phishcli.tables.table import Table

    Rows = NDArray[np.intp]

NUMERIC, PAIRS, CATEGORICAL, ONE_HOT, LEARNED = "numeric", "pairs", "categorical", "onehot:", "learned:"
"""What the names of parts are, or begin with."""


@dataclass(frozen=True, eq=False)
class Part:
    """Steps for some columns.

    ``numbers`` is what was learned of numbers, ``categories`` the values that the steps have to see while they are
    fitted, ``crossfitted`` what training rows get in place of the output. ``native`` marks codes of categories.
    """

    name: str
    transformer: Any
    columns: Sequence[str]
    numbers: Sequence[Number] = ()
    categories: Mapping[str, Any] = field(default_factory=dict)
    crossfitted: Sequence[NDArray[np.float64]] = ()
    native: bool = False


class Shaping(NamedTuple):
    """What a strategy does to numbers."""

    impute: Impute
    clip: float | None
    log: bool
    scale: NumericScale

    @classmethod
    def of(cls, strategy: Strategy) -> Shaping:
        """The shaping of a strategy."""
        return cls(strategy.impute, strategy.clip, strategy.log, strategy.scale)

    def beside(self, other: Shaping) -> str:
        """In what it differs from another one, in words."""
        pairs = zip(self._fields, self, other, strict=True)
        return ", ".join(f"{name} {_word(own)}" for name, own, their in pairs if own != their)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)


def fitted_parts(
    features: Table, schema: Schema, rows: Rows, learner: Learner, strategies: Sequence[Strategy]
) -> tuple[list[Part], list[list[str]]]:
    """Fit what strategies need, each part once.

    Returns
    -------
    tuple
        The parts in the order of their outputs, and for each strategy the names of its own.
    """
    made = _Maker(features, schema, rows, learner)
    plans: list[list[str]] = [[] for _ in strategies]
    for step in (made.numeric, made.pairs, made.categorical(strategies), made.learned):
        for strategy, plan in zip(strategies, plans, strict=True):
            plan.extend(step(strategy))
    return list(made.parts.values()), plans


class _Maker:
    """Makes parts when they are first needed."""

    def __init__(self, features: Table, schema: Schema, rows: Rows, learner: Learner) -> None:
        self._features, self._schema, self._rows, self._learner = features, schema, rows, learner
        self._names: dict[object, list[str]] = {}
        self._first: Shaping | None = None
        self.parts: dict[str, Part] = {}

    def _once(self, key: object, make: Callable[[], Sequence[Part]]) -> list[str]:
        if key not in self._names:
            made = make()
            self.parts |= {part.name: part for part in made}
            self._names[key] = [part.name for part in made]
        return self._names[key]

    def numeric(self, strategy: Strategy) -> list[str]:
        shaping = Shaping.of(strategy)
        self._first = self._first or shaping
        name = NUMERIC if shaping == self._first else f"{NUMERIC}:{shaping.beside(self._first)}"
        return self._once(("numeric", shaping), lambda: [self._numbers(name, strategy)])

    def _numbers(self, name: str, strategy: Strategy) -> Part:
        names = self._schema.names("numeric")
        numbers = [learn_number(self._values(each, self._rows), strategy) for each in names]
        return numbers_part(names, numbers, log=strategy.log, name=name)

    def pairs(self, strategy: Strategy) -> list[str]:
        if not strategy.interactions:
            return []
        name = unused(PAIRS, self.parts)
        return self._once((Shaping.of(strategy), strategy.interactions), lambda: self._pairs(name, strategy))

    def _pairs(self, name: str, strategy: Strategy) -> list[Part]:
        numeric = [each.name for each in self._schema.columns if each.role == "numeric" and each.indicator_of is None]
        sample = spread(len(self._rows), LOOKED_AT)
        columns = {each: self._values(each, self._rows[sample]) for each in numeric}
        pairs = choose_pairs(columns, self._learner.y[sample], strategy.interactions)
        if not pairs:
            return []
        numbers = []
        for pair in pairs:
            left, right = self._values(pair.left, self._rows), self._values(pair.right, self._rows)
            numbers.append(learn_number(pair_values(left, right, pair.how), strategy))
        used = [each for each in numeric if any(each in (pair.left, pair.right) for pair in pairs)]
        step = Pairs(tuple((pair.left, pair.right, pair.how) for pair in pairs))
        return [numbers_part(used, numbers, log=strategy.log, name=name, first=(("pairs", step),))]

    def categorical(self, strategies: Sequence[Strategy]) -> Callable[[Strategy], list[str]]:
        """One encoder for all columns where they are one-hot in every strategy, or else one for each."""
        names = self._schema.names("categorical")
        if not names or all(each.encode == "onehot" and each.rare is None for each in strategies):
            return lambda _: self._once("categorical", lambda: [self._one_hot(names)])

        def step(strategy: Strategy) -> list[str]:
            self._once("no categorical", lambda: [self._one_hot([])])
            if strategy.encode != "onehot":
                return []
            return self._once(("onehot", strategy.rare), lambda: self._one_hots(names, strategy.rare))

        return step

    def _one_hot(self, names: list[str]) -> Part:
        categories = {name: self._some(name, self._rows).drop_duplicates().array for name in names}
        return categories_part(names, categories)

    def _one_hots(self, names: list[str], rare: float | None) -> list[Part]:
        number = sum(isinstance(key, tuple) and key[0] == "onehot" for key in self._names)
        values = ((name, column_values(self._features, name, self._rows)) for name in names)
        return [one_hot_part(f"{ONE_HOT}{number}:{name}", name, each, rare) for name, each in values]

    def learned(self, strategy: Strategy) -> list[str]:
        found: list[str] = []
        for learning in learnings_of(self._schema, strategy):
            key = learning.column.name, learning.how, learning.rare
            found += self._once(key, lambda each=learning: [self._learned(each)])  # type: ignore[misc]  # a default is not inferred
        return found

    def _learned(self, learning: Learning) -> Part:
        (column,) = learn_columns(self._features, self._rows, self._learner, [learning])
        return learned_part(column, unused(f"{LEARNED}{column.name}", self.parts))

    def _values(self, name: str, rows: Rows) -> NDArray[np.float64]:
        return self._some(name, rows).to_numpy(np.float64)

    def _some(self, name: str, rows: Rows) -> pd.Series[Any]:
        return series(self._features.column(name), name).iloc[rows]


def numbers_part(
    names: Sequence[str],
    numbers: Sequence[Number] = (),
    *,
    log: bool = False,
    name: str = NUMERIC,
    first: Sequence[tuple[str, Any]] = (),
) -> Part:
    """Numbers: imputed, shaped and scaled; by scikit-learn's own classes, which are given what was learned."""
    shaped = [_limits(numbers)] if any(np.isfinite([each.low, each.high]).any() for each in numbers) else []
    shaped += [("log", function(np.arcsinh, {}))] if log else []
    scale = QuantileTransformer(n_quantiles=STEPS + 1) if any(each.quantiles for each in numbers) else RobustScaler()
    impute = SimpleImputer(strategy="median", keep_empty_features=True)
    return Part(name, Pipeline([*first, ("impute", impute), *shaped, ("scale", scale)]), names, numbers)


def _limits(numbers: Sequence[Number]) -> tuple[str, FunctionTransformer]:
    bounds = {"a_min": np.array([each.low for each in numbers]), "a_max": np.array([each.high for each in numbers])}
    return "clip", function(np.clip, bounds)


def function(done: Any, arguments: dict[str, Any]) -> FunctionTransformer:
    """A function of NumPy as a step."""
    return FunctionTransformer(done, kw_args=arguments, feature_names_out="one-to-one")


def with_learned(numeric: Pipeline, numbers: Sequence[Number]) -> None:
    """Give scikit-learn's steps what was learned, in place of what they learned from zeros."""
    steps = numeric.named_steps
    learned = np.array([each.scaling for each in numbers], dtype=np.float64).T.copy()
    steps["impute"].statistics_ = learned[0]
    if numbers[0].quantiles:
        steps["scale"].quantiles_ = np.array([each.quantiles for each in numbers]).T.copy()
        steps["scale"].references_ = np.linspace(0, 1, STEPS + 1)
        steps["scale"].n_quantiles_ = STEPS + 1
    else:
        steps["scale"].center_, steps["scale"].scale_ = learned[1:]


def categories_part(names: Sequence[str], categories: Mapping[str, Any] | None = None) -> Part:
    """Categories: one column each but the first, which is all zeros, as is a category that was not seen."""
    encoder = OneHotEncoder(drop="first", handle_unknown="ignore", sparse_output=False, dtype=np.float32)
    return Part(CATEGORICAL, encoder, names, categories=categories or {})


class KnownOnly(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn publishes no types
    """Puts another category in the place of unknown ones, for which a one-hot encoder would warn."""

    def __init__(self, known: frozenset[str | None] = frozenset(), other: str | None = None) -> None:
        self.known = known
        self.other = other

    def fit(self, x: Any, _: Any = None) -> Self:
        """The categories are known already; x is a data frame with one column."""
        self.feature_names_in_ = np.asarray(x.columns, dtype=object)
        self.n_features_in_ = 1
        return self

    def transform(self, x: Any) -> pd.DataFrame:
        """The column, shape (n, 1)."""
        names = [name if name in self.known else self.other for name in np.asarray(x, dtype=object).ravel()]
        return pd.DataFrame({self.feature_names_in_[0]: pd.Series(names, dtype=object)}, copy=False)

    def get_feature_names_out(self, names: Any = None) -> Any:
        """One output by the name of the input."""
        return np.asarray(names, dtype=object)


def one_hot_part(name: str, column: str, values: NDArray[Any], rare: float | None) -> Part:
    """One column of categories by scikit-learn's encoder, which merges those that are rare and knows them by itself."""
    least = None if rare is None else rare if rare < 1 else int(rare)
    encoder = OneHotEncoder(
        drop="first",
        min_frequency=least,
        handle_unknown="infrequent_if_exist",
        sparse_output=False,
        dtype=np.float32,
    )
    x = pd.DataFrame({column: pd.Series(values, dtype=object)})
    encoder.fit(x)
    few = getattr(encoder, "infrequent_categories_", [None])[0] if least is not None else None
    other = encoder.categories_[0][0] if few is None else few[0]
    known = KnownOnly(frozenset(encoder.categories_[0].tolist()), other).fit(x)
    return Part(name, FrozenEstimator(Pipeline([("known", known), ("encode", encoder)])), [column])


def learned_part(column: LearnedColumn, name: str) -> Part:
    """A column that is learned from labels, or is read from a table."""
    crossfitted = (column.crossfitted,)
    return Part(name, column.transformer, [column.name], crossfitted=crossfitted, native=column.how == "native")
