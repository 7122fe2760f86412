"""From raw features to the float32 matrix of the models: imputed, scaled, one-hot encoded, learned from labels."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from phishcli.documents.base import recast
from phishcli.documents.features import DEFAULT, Strategy, View
from phishcli.features.described import discrete_outputs
from phishcli.features.parts import (
    CATEGORICAL,
    LEARNED,
    ONE_HOT,
    Part,
    categories_part,
    fitted_parts,
    function,
    numbers_part,
    with_learned,
)
from phishcli.features.scaling import FLOAT32_MAX
from phishcli.features.selection import kept_places, sampled
from phishcli.tables.arrow import frame

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from phishcli.documents.schema import Schema
    from phishcli.features.learned import Learner
    from phishcli.tables.table import Table


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


def transform(
    preprocessor: Pipeline,
    features: Table,
    *,
    rows: NDArray[np.intp] | None = None,
    into: NDArray[np.float32] | None = None,
    learned: bool = True,
) -> NDArray[np.float32]:
    """Transform raw features batch by batch, so that the memory needed beyond the result is bounded.

    Parameters
    ----------
    preprocessor
        A fitted preprocessor of `build_preprocessor`.
    features
        Raw features, as ``load`` gives them; they are gone through once, in their order.
    rows
        Positions of the rows to transform, in the order of the result; None for all.
    into
        A matrix for the result, which may be mapped from a file; None for a new one in memory, by rows.
    learned
        False spares the columns that are learned from labels: they get what a missing value gets.

    Returns
    -------
    ndarray of float32, shape (number of rows, number of outputs)
    """
    rows = np.arange(features.rows) if rows is None else rows
    spared = () if learned else _learned_only(preprocessor)
    rising = np.argsort(rows, kind="stable")
    matrix = np.empty((len(rows), width(preprocessor)), dtype=np.float32) if into is None else into
    begin = 0
    for batch in features.batches(list(preprocessor.named_steps["columns"].feature_names_in_)):
        first, last = np.searchsorted(rows, [begin, begin + batch.num_rows], sorter=rising)
        places = rising[first:last]
        if len(places):
            matrix[places] = transform_frame(
                preprocessor, frame(_blank(batch.take(pa.array(rows[places] - begin)), spared))
            )
        begin += batch.num_rows
    return matrix


def transform_frame(preprocessor: Pipeline, features: pd.DataFrame) -> NDArray[np.float32]:
    """Transform raw features that are in memory, n rows, at once."""
    if features.empty:  # scikit-learn refuses no rows
        return np.empty((0, width(preprocessor)), dtype=np.float32)
    # What overflows is limited; scikit-learn adds up huge values of both signs to see whether one is infinite.
    with np.errstate(over="ignore", invalid="ignore"):
        known = _as_first(features, _known(preprocessor))
        matrix: NDArray[np.float32] = preprocessor.transform(_in_float64(_as_texts(known, preprocessor)))
    return matrix


def _as_texts(features: pd.DataFrame, preprocessor: Pipeline) -> pd.DataFrame:
    """Give the columns that are encoded one by one as objects, None for a missing one."""
    parts = [(name, columns) for name, _, columns in _parts(preprocessor)]
    names = dict.fromkeys(columns[0] for name, columns in parts if name.startswith((LEARNED, ONE_HOT)))
    texts = {name: features[name].astype(object).where(features[name].notna(), None) for name in names}
    return features.assign(**texts) if texts else features


def _learned_only(preprocessor: Pipeline) -> list[str]:
    """The columns that nothing is made of but what is learned from labels."""
    learned: set[str] = set()
    others: set[str] = set()
    for name, _, columns in _parts(preprocessor):
        (learned if name.startswith(LEARNED) else others).update(columns)
    return sorted(learned - others)


def _parts(preprocessor: Pipeline) -> list[tuple[str, Any, list[str]]]:
    found: list[tuple[str, Any, list[str]]] = preprocessor.named_steps["columns"].transformers_
    return found


def _blank(batch: pa.RecordBatch, names: Sequence[str]) -> pa.RecordBatch:
    for name in names:
        place = batch.schema.get_field_index(name)
        batch = batch.set_column(
            place, batch.schema.field(place), pa.nulls(batch.num_rows, batch.schema.field(place).type)
        )
    return batch


def _in_float64(features: pd.DataFrame) -> pd.DataFrame:
    """Widen float32 columns: where there are no wider ones, scikit-learn would scale in float32."""
    return features.astype(dict.fromkeys(features.select_dtypes(np.float32).columns, np.float64))


def width(preprocessor: Pipeline) -> int:
    """The number of outputs of a fitted preprocessor."""
    if "select" in preprocessor.named_steps:
        return len(preprocessor.named_steps["select"].kw_args["indices"])
    outputs = preprocessor.named_steps["columns"].output_indices_.values()
    return sum(part.stop - part.start for part in outputs)


def _known(preprocessor: Pipeline) -> dict[str, NDArray[Any]]:
    """Give the categories that each categorical column had when the preprocessor was fitted."""
    for name, encoder, columns in _parts(preprocessor):
        if name == CATEGORICAL and columns:
            return dict(zip(columns, encoder.categories_, strict=True))
    return {}


def _as_first(rows: pd.DataFrame, known: Mapping[str, NDArray[Any]]) -> pd.DataFrame:
    """Put the first category in the place of unknown ones: both are all zeros, and scikit-learn need not warn."""
    for column, categories in known.items():
        unknown = ~rows[column].isin(categories)
        if unknown.any():
            rows = rows.assign(**{column: rows[column].astype(object).mask(unknown, categories[0])})
    return rows
