"""The profile of a release: what training rows usually hold, measured with one column in memory at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.documents.profile import NumberProfile, Profile, TextProfile
from phishcli.tables.arrow import series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.schema import Schema
    from phishcli.tables.table import Table

STEPS = 40
"""Steps between the quantiles: even, so that the median is one of them."""


def make_profile(features: Table, schema: Schema, rows: NDArray[np.intp]) -> Profile:
    """Measure the columns of the source on the training rows.

    Parameters
    ----------
    features
        Raw features, as ``load`` gives them.
    schema
        Says which columns are numbers and which are categories.
    rows
        Positions of the training rows.
    """
    sources = schema.features()
    taken = {each.name: features.column(each.name).take(rows) for each in sources}
    return Profile(
        rows=len(rows),
        numeric={each.name: _number(taken[each.name]) for each in sources if each.role == "numeric"},
        categorical={each.name: _text(taken[each.name]) for each in sources if each.role == "categorical"},
    )


def _number(column: Any) -> NumberProfile:
    values = series(column, "").to_numpy(np.float64, na_value=np.nan)
    present = values[~np.isnan(values)]
    return NumberProfile(
        missing=_share(len(values) - len(present), len(values)),
        quantiles=tuple(_quantiles(present)) if len(present) else (),
    )


def _quantiles(values: NDArray[np.float64]) -> list[float]:
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.quantile(values, np.linspace(0, 1, STEPS + 1))
    finite = np.clip(np.nan_to_num(found, nan=0.0), values.min(), values.max())  # between huge values of both signs
    return [float(value) for value in np.maximum.accumulate(finite)]


def _text(column: Any) -> TextProfile:
    values = series(column, "").dropna().astype(str)
    counts = sorted(values.value_counts().items(), key=lambda each: (-each[1], each[0]))
    return TextProfile(
        missing=_share(len(column) - len(values), len(column)),
        counts={str(name): int(number) for name, number in counts if number},
    )


def _share(number: int, of: int) -> float:
    return number / of if of else 0.0
