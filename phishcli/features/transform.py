"""From raw features to the float32 matrix that the models see: imputed, scaled, one-hot encoded."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, RobustScaler

from phishcli.features.clean import unused
from phishcli.features.fold import Fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import ArrayLike, NDArray

    from phishcli.types import Column, Schema

CHUNK = 65_536
"""Rows transformed at once: the steps work in float64 and on Python strings, which costs memory."""
FLOAT32_MAX = float(np.finfo(np.float32).max)


def build_preprocessor(schema: Schema) -> Pipeline:
    """Give the unfitted preprocessor of a table; it holds scikit-learn's own classes only.

    Numbers: median imputation, then scaling by median and quartiles, in float64. Categories: one column each but the
    first, which is all zeros, as is a category that was not seen. The result is limited to the range of float32.

    Parameters
    ----------
    schema
        Tells which columns are numbers and which are categories.
    """
    numeric = Pipeline(
        [("impute", SimpleImputer(strategy="median", keep_empty_features=True)), ("scale", RobustScaler())]
    )
    encoder = OneHotEncoder(drop="first", handle_unknown="ignore", sparse_output=False, dtype=np.float32)
    columns = ColumnTransformer(
        [("numeric", numeric, schema.names("numeric")), ("categorical", encoder, schema.names("categorical"))],
        verbose_feature_names_out=False,
    )
    return Pipeline(
        [
            ("columns", columns),
            ("limit", _function(np.clip, {"a_min": -FLOAT32_MAX, "a_max": FLOAT32_MAX})),
            ("float32", _function(np.asarray, {"dtype": "float32"})),
        ]
    )


def _function(function: Any, arguments: dict[str, Any]) -> FunctionTransformer:
    return FunctionTransformer(function, kw_args=arguments, feature_names_out="one-to-one")


def fit_preprocessor(features: pd.DataFrame, schema: Schema, rows: NDArray[np.intp]) -> Pipeline:
    """Fit the preprocessor of a table on some of its rows.

    All it learns are medians, quartiles and categories. So it is fitted on a few rows that have the same ones, found
    column by column: exactly the same preprocessor, without several copies of the whole table in memory.

    Parameters
    ----------
    features
        Raw features.
    schema
        Tells which columns are numbers and which are categories.
    rows
        Positions of the rows to fit on.
    """
    made = {name: _same_quartiles(features[name].iloc[rows]) for name in schema.names("numeric")}
    made |= {name: features[name].iloc[rows].drop_duplicates().array for name in schema.names("categorical")}
    length = 5 * ceil(max(len(values) for values in made.values()) / 5)  # whole repeats, see `_same_quartiles`
    summary = pd.DataFrame({name: values.take(np.arange(length) % len(values)) for name, values in made.items()})
    return build_preprocessor(schema).fit(summary)


def _same_quartiles(values: pd.Series[Any]) -> NDArray[np.float64]:
    """Give five numbers with the median of a column and the quartiles that it has once missing values are filled.

    However often all five are repeated (k times), the median and both quartiles lie between equal numbers: of the 5 k
    in order, the lower quartile is at (5 k - 1) / 4, among the first 2 k, and the median in the middle k.
    """
    numbers = values.to_numpy(np.float64, copy=True)
    missing = np.isnan(numbers)
    if missing.all():
        return np.full(5, np.nan)
    numbers[missing] = median = np.median(numbers[~missing])
    low, high = np.percentile(numbers, [25, 75])
    return np.array([low, low, median, high, high])


def transform(
    preprocessor: Pipeline,
    features: pd.DataFrame,
    *,
    rows: NDArray[np.intp] | None = None,
    order: Literal["C", "F"] = "C",
) -> NDArray[np.float32]:
    """Transform raw features in chunks of rows, so that the memory needed beyond the result is bounded.

    Parameters
    ----------
    preprocessor
        A fitted preprocessor of `build_preprocessor`.
    features
        Raw features.
    rows
        Positions of the rows to transform, in the order of the result; None for all.
    order
        Memory order of the result: ``C`` by rows, ``F`` by columns.

    Returns
    -------
    ndarray of float32, shape (number of rows, number of outputs)
    """
    rows = np.arange(len(features)) if rows is None else rows
    known = _known(preprocessor)
    outputs = preprocessor.named_steps["columns"].output_indices_.values()
    matrix = np.empty((len(rows), sum(part.stop - part.start for part in outputs)), dtype=np.float32, order=order)
    for begin in range(0, len(rows), CHUNK):
        chunk = _as_first(features.iloc[rows[begin : begin + CHUNK]], known)
        matrix[begin : begin + CHUNK] = preprocessor.transform(chunk)
    return matrix


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


def describe_features(preprocessor: Pipeline, schema: Schema) -> list[dict[str, Any]]:
    """Say for each output column of a fitted preprocessor where it comes from.

    Returns
    -------
    list of dict
        ``name`` (unique), ``column`` of the source, ``role``, ``kind`` (``value``, ``indicator``, ``category``) and
        ``category`` (the text, None where a missing value is the category, and for numbers).
    """
    described: list[dict[str, Any]] = []
    taken = {"target"}
    for column, kind, category in _sources(preprocessor, schema):
        name = unused(column.name if kind != "category" else f"{column.name}_{category}", taken)
        taken.add(name)
        described.append(
            {
                "name": name,
                "column": column.indicator_of or column.name,
                "role": column.role,
                "kind": kind,
                "category": category if isinstance(category, str) else None,
            }
        )
    return described


def _sources(preprocessor: Pipeline, schema: Schema) -> Iterator[tuple[Column, str, object]]:
    known = _known(preprocessor)
    for column in schema.columns:
        if column.role == "numeric":
            yield column, "indicator" if column.indicator_of else "value", None
    for column in schema.columns:
        for category in known.get(column.name, ())[1:]:
            yield column, "category", category


def fold_matrices(
    features_train: pd.DataFrame, target_train: ArrayLike, folds: ArrayLike, schema: Schema, number: int
) -> Fold:
    """Make the matrices of one fold with a preprocessor that is fitted on the training rows of the fold only.

    Parameters
    ----------
    features_train
        Raw features of the training part, n rows in its order.
    target_train
        The 0/1 target of these rows.
    folds
        The fold of each of these rows.
    schema
        What is known about the table.
    number
        The fold whose rows are held out.
    """
    held_out = np.asarray(folds) == number
    target = np.asarray(target_train, dtype=np.int8)
    fitting, valid = np.flatnonzero(~held_out), np.flatnonzero(held_out)
    preprocessor = fit_preprocessor(features_train, schema, fitting)
    return Fold(
        number=number,
        x_train=transform(preprocessor, features_train, rows=fitting),
        y_train=target[fitting],
        x_valid=transform(preprocessor, features_train, rows=valid),
        y_valid=target[valid],
        valid_rows=valid,
    )
