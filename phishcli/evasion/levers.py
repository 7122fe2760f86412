"""The columns that an attacker can change: values to try, what they cost a row, and how they enter the matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from phishcli.features.transform import transform_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

    from phishcli.config.schema import Mutable
    from phishcli.documents.features import Features
    from phishcli.documents.schema import Column, Schema

    Floats = NDArray[np.float64]

VALUES = 48
"""Values of a column that are tried: all of the training rows if there are no more, else quantiles."""
STEPS = 20
"""A step moves a row past a twentieth of the training rows."""
NO_CHANGE = -1


@dataclass(frozen=True)
class Lever:
    """One column that can be changed, for n rows and m values.

    ``options`` are the values to try, numbers in rising order or categories; ``costs`` has what each costs each row,
    shape (n, m), infinite where it cannot be had. ``own`` are the numbers of the rows, NaN for categories. ``places``
    are the k columns of the matrix that it enters, and ``encoded`` what they become, shape (m, k).
    """

    column: Column
    how: Mutable
    per: str
    options: NDArray[Any]
    own: Floats
    costs: Floats
    places: NDArray[np.intp]
    encoded: NDArray[np.float32]

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.column.role == "numeric"


@dataclass(frozen=True)
class Attacked:
    """The n rows that are attacked, as the table has them, and the training rows that say what is usual."""

    rows: pd.DataFrame
    training: pd.DataFrame
    preprocessor: Pipeline
    schema: Schema
    features: Features

    @property
    def matrix(self) -> NDArray[np.float32]:
        """The rows as the model sees them, shape (n, k)."""
        return transform_frame(self.preprocessor, self.rows)


def levers(given: Attacked, mutable: Mapping[str, Mutable]) -> Iterator[Lever]:
    """Prepare the columns that can be changed; one without another value is left out.

    Parameters
    ----------
    given
        The rows and the training rows.
    mutable
        How each column can be changed.
    """
    columns = {column.name: column for column in given.schema.columns}
    for name, how in mutable.items():
        column = columns[name]
        training = given.training[name]
        values = _numbers(training, how) if column.role == "numeric" else _names(training)
        if len(values) < 2:  # noqa: PLR2004 (a choice)
            continue
        per = how.per or ("step" if column.role == "numeric" and training.nunique() > 2 else "edit")  # noqa: PLR2004 (two)
        costs = _costs(given.rows[name], training, values, how, per, number=column.role == "numeric")
        places, encoded = _encoded(given, name, values)
        if len(places):
            own = given.rows[name].to_numpy(np.float64, na_value=np.nan) if column.role == "numeric" else _none(costs)
            yield Lever(column, how, per, values, own, costs, places, encoded)


def _none(costs: Floats) -> Floats:
    return np.full(len(costs), np.nan)


def _numbers(training: pd.Series[Any], how: Mutable) -> Floats:
    """The values of the training rows, or quantiles of them, within the limits, and the limits."""
    known = np.sort(training.dropna().to_numpy(np.float64))
    distinct = np.unique(known)
    if len(distinct) > VALUES:
        distinct = np.unique(np.quantile(known, np.linspace(0, 1, VALUES), method="nearest"))
    low, high = _limits(known, how)
    ends = [end for end in (how.min, how.max) if end is not None]
    found = np.unique([*distinct, *ends])
    return found[(found >= low) & (found <= high)]


def _limits(known: Floats, how: Mutable) -> tuple[float, float]:
    ends = (known[0], known[-1]) if len(known) else (0.0, 0.0)
    return ends[0] if how.min is None else how.min, ends[1] if how.max is None else how.max


def _names(training: pd.Series[Any]) -> NDArray[Any]:
    return np.array(sorted(map(str, training.dropna().unique())), dtype=object)


def _costs(
    rows: pd.Series[Any], training: pd.Series[Any], values: NDArray[Any], how: Mutable, per: str, *, number: bool
) -> Floats:
    if not number:
        same = rows.to_numpy(object)[:, None] == values
        costs = np.where(same, np.inf, how.cost)
        costs[rows.isna().to_numpy()] = np.inf if how.fill is None else how.fill * how.cost
        return costs
    own, missing = rows.to_numpy(np.float64), rows.isna().to_numpy()
    costs = how.cost * distance(own, values, training, per)
    up, down = values > own[:, None], values < own[:, None]
    allowed = up if how.direction == "up" else down if how.direction == "down" else up | down
    costs = np.where(allowed, costs, np.inf)
    costs[missing] = np.inf if how.fill is None else how.fill * how.cost
    return costs


def distance(own: Floats, values: Floats, training: pd.Series[Any], per: str) -> Floats:
    """How far m values are from those of n rows, shape (n, m): at least one step, units, or 1 for any change."""
    if per == "edit":
        return np.ones((len(own), len(values)))
    if per == "unit":
        return np.abs(values - own[:, None])
    known = np.sort(training.dropna().to_numpy(np.float64))
    before, after = _ranks(known, own), _ranks(known, values)
    return np.maximum(1.0, STEPS * np.abs(after - before[:, None]) / max(len(known), 1))


def _ranks(known: Floats, values: Floats) -> Floats:
    """The places of values among known ones in rising order; among equal ones the middle one."""
    return (np.searchsorted(known, values, "left") + np.searchsorted(known, values, "right")) / 2


def _encoded(given: Attacked, name: str, values: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The columns of the matrix that a column enters, its mark of missing values included, and what they become."""
    origins = np.array([feature.column for feature in given.features.features])
    places = np.flatnonzero(origins == name)
    made = given.rows.iloc[np.zeros(len(values), dtype=np.intp)].reset_index(drop=True)
    kept = made[name]
    made[name] = pd.Series(values).astype(kept.dtype if kept.dtype != object and not _integer(kept) else values.dtype)
    for column in given.schema.columns:
        if column.indicator_of == name:
            made[column.name] = np.zeros(len(values), dtype=made[column.name].to_numpy().dtype)
    return places, transform_frame(given.preprocessor, made)[:, places]


def _integer(column: pd.Series[Any]) -> bool:
    return pd.api.types.is_integer_dtype(column.dtype)
