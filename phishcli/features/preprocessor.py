"""The preprocessor of a table: what it is made of, and how it is fitted with one column in memory at a time."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from phishcli.documents.base import recast
from phishcli.documents.features import DEFAULT, Strategy, View
from phishcli.features.described import discrete_outputs
from phishcli.features.parts import (
    Part,
    categories_part,
    fitted_parts,
    function,
    numbers_part,
    with_learned,
)
from phishcli.features.scaling import FLOAT32_MAX
from phishcli.features.selection import kept_places, sampled

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from phishcli.documents.schema import Schema
    from phishcli.features.learned import Learner
    from phishcli.tables.table import Table
from phishcli.features.transform import transform


@dataclass(frozen=True)
class Fitted:
    """A fitted preprocessor, and what the n rows that it was fitted on get in its learned columns, shape (n, m).

    ``learned`` are the outputs that those columns are, shape (m,). ``views`` say which outputs belong to a strategy.
    """

    preprocessor: Pipeline
    crossfitted: NDArray[np.float64]
    learned: NDArray[np.intp]
    views: tuple[View, ...]

    def training_matrix(
        self, features: Table, rows: NDArray[np.intp], into: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """The matrix to train on; ``rows`` are those that the preprocessor was fitted on, in that order."""
        return self.some_rows(features, rows, np.arange(len(rows)), into)

    def some_rows(
        self,
        features: Table,
        rows: NDArray[np.intp],
        places: NDArray[np.intp],
        into: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Rows of the matrix to train on: those at ``places``."""
        matrix = transform(self.preprocessor, features, rows=rows[places], into=into, learned=False)
        if len(self.learned):
            matrix[:, self.learned] = np.clip(self.crossfitted[places], -FLOAT32_MAX, FLOAT32_MAX)
        return matrix


def build_preprocessor(schema: Schema, parts: Sequence[Part] | None = None) -> Pipeline:
    """Give the preprocessor of a table; by default it is unfitted and holds scikit-learn's own classes only.

    Numbers: median imputation, then scaling by a center and a scale, in float64; fitted alone it is the published
    procedure, by median and quartiles. Categories: one column each but the first, which is all zeros, as is a category
    that was not seen. The result is limited to the range of float32.

    Parameters
    ----------
    schema
        Tells which columns are numbers and which are categories.
    parts
        What else to do with which columns.
    """
    usual = numbers_part(schema.names("numeric")), categories_part(schema.names("categorical"))
    columns = ColumnTransformer(
        [(part.name, part.transformer, list(part.columns)) for part in (usual if parts is None else parts)],
        verbose_feature_names_out=False,
    )
    return Pipeline(
        [
            ("columns", columns),
            ("limit", function(np.clip, {"a_min": -FLOAT32_MAX, "a_max": FLOAT32_MAX})),
            ("float32", function(np.asarray, {"dtype": "float32"})),
        ]
    )


def fit_preprocessor(
    features: Table, schema: Schema, rows: NDArray[np.intp], learner: Learner, *strategies: Strategy
) -> Fitted:
    """Fit the preprocessor of a table on some of its rows, with one column in memory at a time.

    Parameters
    ----------
    features
        Raw features, as ``load`` gives them.
    schema
        Tells which columns are numbers and which are categories.
    rows
        Positions of the rows to fit on.
    learner
        Their classes and folds, for what is learned from labels.
    strategies
        How columns become features; the outputs are those of all strategies, each output once.
    """
    strategies = strategies or (DEFAULT,)
    parts, plans = fitted_parts(features, schema, rows, learner, strategies)
    preprocessor = _assembled(schema, parts)
    crossfitted = [each for part in parts for each in part.crossfitted]
    places = preprocessor.named_steps["columns"].output_indices_
    learned = [place for part in parts if part.crossfitted for place in _range(places, part.name)]
    native = {part.name for part in parts if part.native}
    fitted = Fitted(
        preprocessor,
        np.stack(crossfitted, axis=1) if crossfitted else np.empty((len(rows), 0)),
        np.array(learned, dtype=np.intp),
        tuple(_view(strategy, plan, places, native) for strategy, plan in zip(strategies, plans, strict=True)),
    )
    return _selected(fitted, features, rows, learner)


def _assembled(schema: Schema, parts: Sequence[Part]) -> Pipeline:
    """Fit scikit-learn's steps on made-up rows that hold every category, then give them what was learned."""
    categories = {name: values for part in parts for name, values in part.categories.items()}
    length = max([1, *map(len, categories.values())])
    made = {name: values.take(np.arange(length) % len(values)) for name, values in categories.items()}
    used, numeric = {name for part in parts for name in part.columns}, set(schema.names("numeric"))
    for name in used - made.keys():
        made[name] = np.zeros(length) if name in numeric else np.full(length, "", dtype=object)
    unfitted = build_preprocessor(schema, parts)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="n_quantiles")  # of few made rows; what was learned takes its place
        preprocessor = unfitted.fit(pd.DataFrame({name: made[name] for name in schema.names() if name in used}))
    fitted = preprocessor.named_steps["columns"].named_transformers_
    for part in parts:
        if part.numbers:
            with_learned(fitted[part.name], part.numbers)
    return preprocessor


def _range(places: Mapping[str, slice], name: str) -> range:
    return range(places[name].start, places[name].stop)


def _view(strategy: Strategy, plan: Sequence[str], places: Mapping[str, slice], native: Collection[str]) -> View:
    """The outputs of the parts that a strategy needs."""
    seen = [(place, name) for name in plan for place in _range(places, name)]
    codes = [number for number, (_, name) in enumerate(seen) if name in native]
    return View(strategy=strategy, places=tuple(place for place, _ in seen), categories=tuple(codes))


def _selected(fitted: Fitted, features: Table, rows: NDArray[np.intp], learner: Learner) -> Fitted:
    """Leave out the outputs that no strategy keeps."""
    if all(view.strategy.select == "none" for view in fitted.views):
        return fitted
    discrete = discrete_outputs(fitted.preprocessor)
    views = [_narrowed(view, fitted, features, rows, learner, discrete) for view in fitted.views]
    kept = sorted({place for view in views for place in view.places})
    new = {place: number for number, place in enumerate(kept)}
    fitted.preprocessor.steps.append(("select", function(np.take, {"indices": np.array(kept), "axis": 1})))
    remaining = np.isin(fitted.learned, kept)
    return Fitted(
        fitted.preprocessor,
        fitted.crossfitted[:, remaining],
        np.array([new[place] for place in fitted.learned[remaining]], dtype=np.intp),
        tuple(recast(View, view, places=tuple(new[place] for place in view.places)) for view in views),
    )


def _narrowed(
    view: View,
    fitted: Fitted,
    features: Table,
    rows: NDArray[np.intp],
    learner: Learner,
    discrete: NDArray[np.bool_],
) -> View:
    """The view that is left of a strategy that selects."""
    if view.strategy.select == "none" or not view.places:
        return view
    sample, places = sampled(view.strategy, len(rows)), np.array(view.places)
    matrix = fitted.some_rows(features, rows, sample)[:, places]
    kept = kept_places(view.strategy, matrix, learner.y[sample], discrete[places])
    codes = set(view.categories)
    return View(
        strategy=view.strategy,
        places=tuple(int(places[place]) for place in kept),
        categories=tuple(number for number, place in enumerate(kept) if place in codes),
    )
