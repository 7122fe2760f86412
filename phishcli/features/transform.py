"""From raw features to the float32 matrix of the models: imputed, scaled, one-hot encoded, learned from labels."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, QuantileTransformer, RobustScaler

from phishcli.documents.features import Feature, Features, Kind, Strategy
from phishcli.features.clean import unused
from phishcli.features.learned import learn_columns, learned_columns
from phishcli.features.scaling import FLOAT32_MAX, STEPS, Number, learn_number
from phishcli.tables.arrow import frame, series

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from phishcli.documents.schema import Column, Schema
    from phishcli.features.learned import LearnedColumn, Learner
    from phishcli.tables.table import Table

DEFAULT = Strategy()
LEARNED = "learned:"
"""How the names of the parts of a preprocessor begin that are learned from labels."""


@dataclass(frozen=True)
class Fitted:
    """A fitted preprocessor, and what the n rows that it was fitted on get in its learned columns, shape (n, m).

    Those come last in its output.
    """

    preprocessor: Pipeline
    crossfitted: NDArray[np.float64]

    def training_matrix(
        self, features: Table, rows: NDArray[np.intp], into: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """The matrix to train on; ``rows`` are those that the preprocessor was fitted on, in that order."""
        matrix = transform(self.preprocessor, features, rows=rows, into=into, learned=False)
        if learned := self.crossfitted.shape[1]:
            matrix[:, -learned:] = np.clip(self.crossfitted, -FLOAT32_MAX, FLOAT32_MAX)
        return matrix


def build_preprocessor(
    schema: Schema, learned: Sequence[LearnedColumn] = (), numbers: Sequence[Number] = (), *, log: bool = False
) -> Pipeline:
    """Give the unfitted preprocessor of a table; without learned columns it holds scikit-learn's own classes only.

    Numbers: median imputation, then scaling by a center and a scale, in float64; fitted alone it is the published
    procedure, by median and quartiles. Categories: one column each but the first, which is all zeros, as is a category
    that was not seen. The result is limited to the range of float32.

    Parameters
    ----------
    schema
        Tells which columns are numbers and which are categories.
    learned
        The columns that are learned from labels, fitted; fitting the preprocessor leaves them as they are.
    numbers, log
        What was learned of the numbers: some of it needs steps of its own.
    """
    shaped = [_limits(numbers)] if any(np.isfinite([each.low, each.high]).any() for each in numbers) else []
    shaped += [("log", _function(np.arcsinh, {}))] if log else []
    scale = QuantileTransformer(n_quantiles=STEPS + 1) if any(each.quantiles for each in numbers) else RobustScaler()
    impute = SimpleImputer(strategy="median", keep_empty_features=True)
    numeric = Pipeline([("impute", impute), *shaped, ("scale", scale)])
    encoder = OneHotEncoder(drop="first", handle_unknown="ignore", sparse_output=False, dtype=np.float32)
    columns = ColumnTransformer(
        [
            ("numeric", numeric, schema.names("numeric")),
            ("categorical", encoder, _one_hot(schema, learned)),
            *((f"{LEARNED}{column.name}", column.transformer, [column.name]) for column in learned),
        ],
        verbose_feature_names_out=False,
    )
    return Pipeline(
        [
            ("columns", columns),
            ("limit", _function(np.clip, {"a_min": -FLOAT32_MAX, "a_max": FLOAT32_MAX})),
            ("float32", _function(np.asarray, {"dtype": "float32"})),
        ]
    )


def _one_hot(schema: Schema, learned: Sequence[LearnedColumn]) -> list[str]:
    """The categories that become columns of their own."""
    others = {each.name for each in learned}
    return [name for name in schema.names("categorical") if name not in others]


def _limits(numbers: Sequence[Number]) -> tuple[str, FunctionTransformer]:
    bounds = {"a_min": np.array([each.low for each in numbers]), "a_max": np.array([each.high for each in numbers])}
    return "clip", _function(np.clip, bounds)


def _function(function: Any, arguments: dict[str, Any]) -> FunctionTransformer:
    return FunctionTransformer(function, kw_args=arguments, feature_names_out="one-to-one")


def fit_preprocessor(
    features: Table,
    schema: Schema,
    rows: NDArray[np.intp],
    learner: Learner,
    strategy: Strategy = DEFAULT,
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
        Their classes and folds, for columns that are learned from labels.
    strategy
        How columns become features.
    """
    learned = learn_columns(features, schema, rows, learner, strategy)
    crossfitted = np.stack([each.crossfitted for each in learned], axis=1) if learned else np.empty((len(rows), 0))
    return Fitted(_fitted(features, schema, rows, strategy, learned), crossfitted)


def _fitted(
    features: Table, schema: Schema, rows: NDArray[np.intp], strategy: Strategy, learned: Sequence[LearnedColumn]
) -> Pipeline:
    numbers = [
        learn_number(_some(features, name, rows).to_numpy(np.float64), strategy) for name in schema.names("numeric")
    ]
    one_hot = _one_hot(schema, learned)
    categories = {name: _some(features, name, rows).drop_duplicates().array for name in one_hot}
    length = max([1, *map(len, categories.values())])
    made = {name: values.take(np.arange(length) % len(values)) for name, values in categories.items()}
    made |= {name: np.zeros(length) for name in schema.names("numeric")}
    made |= {each.name: np.full(length, "", dtype=object) for each in learned}
    names = [name for name in schema.names() if name in made]
    unfitted = build_preprocessor(schema, learned, numbers, log=strategy.log)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="n_quantiles")  # of few made rows; what was learned takes its place
        preprocessor = unfitted.fit(pd.DataFrame({name: made[name] for name in names}))
    return _with_learned(preprocessor, numbers)


def _with_learned(preprocessor: Pipeline, numbers: Sequence[Number]) -> Pipeline:
    """Give scikit-learn's steps what was learned, in place of what they learned from zeros."""
    if numbers:
        numeric = preprocessor.named_steps["columns"].named_transformers_["numeric"].named_steps
        learned = np.array([each.scaling for each in numbers], dtype=np.float64).T.copy()
        numeric["impute"].statistics_ = learned[0]
        if numbers[0].quantiles:
            numeric["scale"].quantiles_ = np.array([each.quantiles for each in numbers]).T.copy()
            numeric["scale"].references_ = np.linspace(0, 1, STEPS + 1)
            numeric["scale"].n_quantiles_ = STEPS + 1
        else:
            numeric["scale"].center_, numeric["scale"].scale_ = learned[1:]
    return preprocessor


def _some(features: Table, name: str, rows: NDArray[np.intp]) -> pd.Series[Any]:
    return series(features.column(name), name).iloc[rows]


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
    spared = () if learned else _learned_names(preprocessor)
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
    """Give the columns that are learned from labels as objects, None for a missing one."""
    names = _learned_names(preprocessor)
    texts = {name: features[name].astype(object).where(features[name].notna(), None) for name in names}
    return features.assign(**texts) if texts else features


def _learned_names(preprocessor: Pipeline) -> list[str]:
    parts = preprocessor.named_steps["columns"].transformers_
    return [columns[0] for name, _, columns in parts if name.startswith(LEARNED)]


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
    outputs = preprocessor.named_steps["columns"].output_indices_.values()
    return sum(part.stop - part.start for part in outputs)


def _known(preprocessor: Pipeline) -> dict[str, NDArray[Any]]:
    """Give the categories that each categorical column had when the preprocessor was fitted."""
    for name, encoder, columns in preprocessor.named_steps["columns"].transformers_:
        if name == "categorical" and columns:
            return dict(zip(columns, encoder.categories_, strict=True))
    return {}


def _as_first(rows: pd.DataFrame, known: Mapping[str, NDArray[Any]]) -> pd.DataFrame:
    """Put the first category in the place of unknown ones: both are all zeros, and scikit-learn need not warn."""
    for column, categories in known.items():
        unknown = ~rows[column].isin(categories)
        if unknown.any():
            rows = rows.assign(**{column: rows[column].astype(object).mask(unknown, categories[0])})
    return rows


def describe_features(preprocessor: Pipeline, schema: Schema, strategy: Strategy = DEFAULT) -> Features:
    """Say for each output column of a fitted preprocessor where it comes from; all names are different."""
    described: list[Feature] = []
    taken = {"target"}
    for column, kind, category in _origins(preprocessor, schema, strategy):
        name = unused(column.name if kind != "category" else f"{column.name}_{category}", taken)
        taken.add(name)
        described.append(
            Feature(
                name=name,
                column=column.indicator_of or column.name,
                role=column.role,
                kind=kind,
                category=category if isinstance(category, str) else None,
            )
        )
    return Features(features=tuple(described), strategy=strategy)


def _origins(preprocessor: Pipeline, schema: Schema, strategy: Strategy) -> Iterator[tuple[Column, Kind, object]]:
    known = _known(preprocessor)
    for column in schema.columns:
        if column.role == "numeric":
            yield column, "indicator" if column.indicator_of else "value", None
    for column in schema.columns:
        for category in known.get(column.name, ())[1:]:
            yield column, "category", category
    kinds: dict[str, Kind] = {"target": "share", "ordinal": "code", "count": "count"}
    for column in learned_columns(schema, strategy):
        of_names = "share" if column.role == "high_cardinality" else kinds.get(strategy.encode, "share")
        yield column, "score" if column.role == "text" else of_names, None
