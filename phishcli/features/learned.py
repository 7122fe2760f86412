"""Columns that are learned from labels: the scores of texts, the share of positive rows of each of many values.

A model must not be trained on what a row's own label did to such a column. The training rows get values of encoders
that were fitted on the other folds (cross-fitting: Micci-Barreca 2001, SIGKDD Explorations 3; Prokhorenkova et al.
2018, NeurIPS), all other rows those of an encoder that was fitted on all training rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import RobustScaler, TargetEncoder

from phishcli.features.kinds import grams_of
from phishcli.features.ngrams import Grams
from phishcli.features.scaling import learn_scaling
from phishcli.features.text_score import MOST_FITTED, Weights, fit_weights, term_frequency, text_scores
from phishcli.tables.arrow import decoded
from phishcli.tables.table import spread

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from phishcli.documents.features import Encode, Strategy
    from phishcli.documents.schema import Column, Schema
    from phishcli.tables.table import Table

    Labels = NDArray[np.int8]
    Places = NDArray[np.intp]


@dataclass(frozen=True)
class Learner:
    """What an encoder may learn from: the classes of the rows that it is fitted on, 0 or 1, and the fold of each.

    Both have shape (n,), in the order of those rows.
    """

    y: Labels
    folds: NDArray[np.integer[Any]]

    def held_out(self) -> Iterator[tuple[Places, Places]]:
        """For each fold the positions of the other rows, and its own."""
        folds = self.folds if len(np.unique(self.folds)) > 1 else self._alternating()
        for fold in np.unique(folds):
            yield np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)

    def _alternating(self) -> NDArray[np.intp]:
        """Two folds with every other row of each class, where there is only one fold."""
        folds = np.zeros(len(self.y), dtype=np.intp)
        for label in np.unique(self.y):
            folds[np.flatnonzero(self.y == label)[::2]] = 1
        return folds


class TextScore(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn publishes no types
    """A transformer of scikit-learn from one column of texts to their scores; see `phishcli.features.text_score`."""

    def __init__(self, characters: tuple[int, ...] = (3, 4, 5), words: tuple[int, ...] = ()) -> None:
        self.characters = characters
        self.words = words

    @property
    def grams(self) -> Grams:
        """Which n-grams count."""
        return Grams(self.characters, self.words)

    def fit(self, x: Any, y: ArrayLike) -> Self:
        """Learn from texts, shape (n, 1), and their classes."""
        return self.learned(fit_weights(term_frequency(_texts(x), self.grams), np.asarray(y, dtype=np.int8)))

    def learned(self, weights: Weights) -> Self:
        """Take weights that were learned elsewhere."""
        self.weights_ = weights
        self.n_features_in_ = 1
        return self

    def transform(self, x: Any) -> NDArray[np.float64]:
        """The scores, shape (n, 1)."""
        return text_scores(_texts(x), self.grams, self.weights_)[:, None]

    def get_feature_names_out(self, names: Any = None) -> Any:
        """One output by the name of the input."""
        return np.asarray(names, dtype=object)


def _texts(x: Any) -> list[str | None]:
    return [value if isinstance(value, str) else None for value in np.asarray(x, dtype=object).ravel()]


@dataclass(frozen=True)
class LearnedColumn:
    """One column: its fitted transformer, and what the rows that it was fitted on get instead, scaled, shape (n,)."""

    name: str
    transformer: Pipeline
    crossfitted: NDArray[np.float64]


def learn_columns(
    features: Table, schema: Schema, rows: Places, learner: Learner, strategy: Strategy
) -> list[LearnedColumn]:
    """Fit the encoder of each column that is learned from labels, with one column in memory at a time.

    Parameters
    ----------
    features
        Raw features, as ``load`` gives them.
    schema
        Tells which columns are texts, and which have many values.
    rows
        Positions of the n rows to fit on.
    learner
        Their classes and folds.
    strategy
        Says what becomes of categories.
    """
    columns = learned_columns(schema, strategy)
    return [_learned(column, _values(features, column.name, rows), learner, strategy.encode) for column in columns]


def learned_columns(schema: Schema, strategy: Strategy) -> list[Column]:
    """The columns that become one learned number: texts, names of many values, and categories where that is asked."""
    also = () if strategy.encode == "onehot" else ("categorical",)
    return [column for column in schema.columns if column.role in ("high_cardinality", "text", *also)]


def _values(features: Table, name: str, rows: Places) -> NDArray[Any]:
    values = decoded(features.column(name)).take(rows)
    found: NDArray[Any] = values.to_numpy().astype(object)
    return found


def _learned(column: Column, values: NDArray[Any], learner: Learner, encode: Encode) -> LearnedColumn:
    fit = _fit_texts if column.role == "text" else FITS["target" if column.role == "high_cardinality" else encode]
    encoder, crossfitted = fit(column, values, learner)
    learned = learn_scaling(crossfitted, "robust")
    center, scale = learned.center, learned.scale
    scaler = RobustScaler().fit(np.zeros((1, 1)))
    scaler.center_, scaler.scale_ = np.array([center]), np.array([scale])
    transformer = Pipeline([("learn", encoder), ("scale", scaler)])
    return LearnedColumn(column.name, FrozenEstimator(transformer), (crossfitted - center) / scale)


Fitted = tuple[Any, "NDArray[np.float64]"]


def _fit_texts(column: Column, values: NDArray[Any], learner: Learner) -> Fitted:
    grams, texts = grams_of(column), _texts(values)
    fitted_on = spread(len(texts), MOST_FITTED)
    frequency = term_frequency([texts[place] for place in fitted_on], grams)

    def of_others(others: Places, held_out: Places) -> NDArray[np.float64]:
        chosen = np.isin(fitted_on, others)
        weights = fit_weights(frequency[chosen], learner.y[fitted_on[chosen]])
        return text_scores([texts[place] for place in held_out], grams, weights)

    encoder = TextScore(grams.characters, grams.words).learned(fit_weights(frequency, learner.y[fitted_on]))
    return encoder, _crossfitted(learner, of_others)


def _fit_shares(column: Column, values: NDArray[Any], learner: Learner) -> Fitted:
    x = pd.DataFrame({column.name: pd.Series(values, dtype=object)})

    def of_others(others: Places, held_out: Places) -> NDArray[np.float64]:
        if learner.y[others].min() == learner.y[others].max():
            return np.full(len(held_out), learner.y[others].mean())
        return np.ravel(_target_encoder().fit(x.iloc[others], learner.y[others]).transform(x.iloc[held_out]))

    return _target_encoder().fit(x, learner.y), _crossfitted(learner, of_others)


class TableEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn publishes no types
    """A transformer of scikit-learn from one column of names to a number of each; another one for all other names."""

    def __init__(self, table: dict[str | None, float] | None = None, other: float = 0.0) -> None:
        self.table = table
        self.other = other

    def fit(self, x: Any, _: Any = None) -> Self:
        """The table is known already; x has shape (n, 1)."""
        self.feature_names_in_ = np.asarray(x.columns, dtype=object)
        self.n_features_in_ = 1
        return self

    def transform(self, x: Any) -> NDArray[np.float64]:
        """The number of each name, shape (n, 1)."""
        table = self.table or {}
        names = np.asarray(x, dtype=object).ravel()
        return np.array([[table.get(name, self.other)] for name in names], dtype=np.float64).reshape(-1, 1)

    def get_feature_names_out(self, names: Any = None) -> Any:
        """One output by the name of the input."""
        return np.asarray(names, dtype=object)


def _fit_table(column: Column, values: NDArray[Any], table: dict[str | None, float], other: float) -> Fitted:
    x = pd.DataFrame({column.name: pd.Series(values, dtype=object)})
    encoder = TableEncoder(table, other).fit(x)
    return encoder, np.ravel(encoder.transform(x))


def _fit_places(column: Column, values: NDArray[Any], _: Learner) -> Fitted:
    names = [None, *sorted({value for value in values if value is not None})]
    return _fit_table(column, values, {name: float(place) for place, name in enumerate(names)}, 0.0)


def _fit_counts(column: Column, values: NDArray[Any], _: Learner) -> Fitted:
    counts = Counter(values.tolist())
    return _fit_table(column, values, {name: float(np.log1p(number)) for name, number in counts.items()}, 0.0)


def _target_encoder() -> TargetEncoder:
    """Shares of positive rows, drawn towards that of all rows where a value has few (empirical Bayes)."""
    return TargetEncoder(target_type="binary", smooth="auto")


FITS = {"target": _fit_shares, "ordinal": _fit_places, "count": _fit_counts}
"""What becomes of names."""


def _crossfitted(learner: Learner, of_others: Callable[[Places, Places], NDArray[np.float64]]) -> NDArray[np.float64]:
    found = np.empty(len(learner.y))
    for others, held_out in learner.held_out():
        found[held_out] = of_others(others, held_out)
    return found
