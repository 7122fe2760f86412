"""From raw features to the float32 matrix of the models: imputed, scaled, one-hot encoded, learned from labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.pipeline import Pipeline

from phishcli.features.parts import (
    CATEGORICAL,
    LEARNED,
    ONE_HOT,
)
from phishcli.tables.arrow import frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from phishcli.tables.table import Table


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
        A fitted preprocessor of `phishcli.features.preprocessor`.
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
