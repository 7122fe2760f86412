"""Columns that are learned from labels: the scores of texts, the share of positive rows of each of many values.

A model must not be trained on what a row's own label did to such a column. The training rows get values of encoders
that were fitted on the other folds (cross-fitting: Micci-Barreca 2001, SIGKDD Explorations 3; Prokhorenkova et al.
2018, NeurIPS), all other rows those of an encoder that was fitted on all training rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import RobustScaler, TargetEncoder

from phishcli.features.codes import TableEncoder, codes_of, places_of
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


class Learning(NamedTuple):
    """One column that becomes one learned number, and how; ``rare`` as of `phishcli.documents.features.Strategy`."""

    column: Column
    how: Encode | Literal["score"]
    rare: float | None = None


@dataclass(frozen=True)
class LearnedColumn:
    """One column: its fitted transformer, and what the rows that it was fitted on get instead, scaled, shape (n,)."""

    name: str
    how: Encode | Literal["score"]
    transformer: Pipeline
    crossfitted: NDArray[np.float64]


def learn_columns(
    features: Table, rows: Places, learner: Learner, learnings: Sequence[Learning]
) -> list[LearnedColumn]:
    """Fit the encoder of each column that is learned from labels, with one column in memory at a time.

    Parameters
    ----------
    features
        Raw features, as ``load`` gives them.
    rows
        Positions of the n rows to fit on.
    learner
        Their classes and folds.
    learnings
        The columns, and what becomes of them.
    """
    return [_learned(each, column_values(features, each.column.name, rows), learner) for each in learnings]


def learnings_of(schema: Schema, strategy: Strategy) -> list[Learning]:
    """The columns that become one learned number: texts, names of many values, and categories where that is asked."""
    return [learning for column in schema.columns if (learning := _learning(column, strategy)) is not None]


def _learning(column: Column, strategy: Strategy) -> Learning | None:
    if column.role == "text":
        return Learning(column, "score")
    if column.role == "high_cardinality":
        return Learning(column, "target")
    if column.role != "categorical" or strategy.encode == "onehot":
        return None
    return Learning(column, strategy.encode, strategy.rare if strategy.encode in ("ordinal", "native") else None)


def column_values(features: Table, name: str, rows: Places) -> NDArray[Any]:
    """The values of a column as objects, None for a missing one."""
    values = decoded(features.column(name)).take(rows)
    found: NDArray[Any] = values.to_numpy().astype(object)
    return found


def _learned(learning: Learning, values: NDArray[Any], learner: Learner) -> LearnedColumn:
    column = learning.column
    encoder, crossfitted = FITS[learning.how](learning, values, learner)
    learned = learn_scaling(crossfitted, "robust")
    center, scale = (0.0, 1.0) if learning.how == "native" else (learned.center, learned.scale)
    scaler = RobustScaler().fit(np.zeros((1, 1)))
    scaler.center_, scaler.scale_ = np.array([center]), np.array([scale])
    transformer = Pipeline([("learn", encoder), ("scale", scaler)])
    return LearnedColumn(column.name, learning.how, FrozenEstimator(transformer), (crossfitted - center) / scale)


Fitted = tuple[Any, "NDArray[np.float64]"]


def _fit_texts(learning: Learning, values: NDArray[Any], learner: Learner) -> Fitted:
    grams, texts = grams_of(learning.column), _texts(values)
    fitted_on = spread(len(texts), MOST_FITTED)
    frequency = term_frequency([texts[place] for place in fitted_on], grams)

    def of_others(others: Places, held_out: Places) -> NDArray[np.float64]:
        chosen = np.isin(fitted_on, others)
        weights = fit_weights(frequency[chosen], learner.y[fitted_on[chosen]])
        return text_scores([texts[place] for place in held_out], grams, weights)

    encoder = TextScore(grams.characters, grams.words).learned(fit_weights(frequency, learner.y[fitted_on]))
    return encoder, _crossfitted(learner, of_others)


def _fit_shares(learning: Learning, values: NDArray[Any], learner: Learner) -> Fitted:
    x = pd.DataFrame({learning.column.name: pd.Series(values, dtype=object)})

    def of_others(others: Places, held_out: Places) -> NDArray[np.float64]:
        if learner.y[others].min() == learner.y[others].max():
            return np.full(len(held_out), learner.y[others].mean())
        return np.ravel(_target_encoder().fit(x.iloc[others], learner.y[others]).transform(x.iloc[held_out]))

    return _target_encoder().fit(x, learner.y), _crossfitted(learner, of_others)


def _fit_table(learning: Learning, values: NDArray[Any], encoder: TableEncoder) -> Fitted:
    x = pd.DataFrame({learning.column.name: pd.Series(values, dtype=object)})
    return encoder.fit(x), np.ravel(encoder.transform(x))


def _fit_places(learning: Learning, values: NDArray[Any], _: Learner) -> Fitted:
    return _fit_table(learning, values, places_of(Counter(values.tolist()), learning.rare))


def _fit_codes(learning: Learning, values: NDArray[Any], _: Learner) -> Fitted:
    return _fit_table(learning, values, codes_of(Counter(values.tolist()), learning.rare))


def _fit_counts(learning: Learning, values: NDArray[Any], _: Learner) -> Fitted:
    counts = Counter(values.tolist())
    table = {name: float(np.log1p(each)) for name, each in counts.items() if name is not None}
    missing = float(np.log1p(counts[None])) if None in counts else None
    return _fit_table(learning, values, TableEncoder(table, kind="count", missing=missing))


def _target_encoder() -> TargetEncoder:
    """Shares of positive rows, drawn towards that of all rows where a value has few (empirical Bayes)."""
    return TargetEncoder(target_type="binary", smooth="auto")


FITS = {
    "score": _fit_texts,
    "target": _fit_shares,
    "ordinal": _fit_places,
    "count": _fit_counts,
    "native": _fit_codes,
}
"""What becomes of texts and names."""


def _crossfitted(learner: Learner, of_others: Callable[[Places, Places], NDArray[np.float64]]) -> NDArray[np.float64]:
    found = np.empty(len(learner.y))
    for others, held_out in learner.held_out():
        found[held_out] = of_others(others, held_out)
    return found
