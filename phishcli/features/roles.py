"""The role of each column: a number, a category, or nothing that a model can learn from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.errors import DataError
from phishcli.features import kinds
from phishcli.features.column_decision import DATE_FORMS, ColumnDecision, of_kind, reason_identifies, unclear_form
from phishcli.features.identifiers import identifies_rows
from phishcli.features.kinds.date import date_text
from phishcli.features.text_roles import decide_texts
from phishcli.tables.arrow import decoded, exact_series, is_text, series

if TYPE_CHECKING:
    from phishcli.config.schema import CsvConfig
    from phishcli.documents.schema import Role

INDEX_NAME = re.compile(r"^(Unnamed: \d+|index|level_\d+|__index_level_\d+__|rowid|)$", flags=re.IGNORECASE)
NUMBERS_ROWS = "it numbers the rows"
MOST_CATEGORIES = 10**9
"""No limit."""


def decide_role(
    name: str, column: pa.ChunkedArray, *, max_categories: int, csv: CsvConfig | None = None
) -> ColumnDecision:
    """Decide by the values of a column, without the labels, whether it can be a feature, and its role.

    Parameters
    ----------
    name
        The column's name, which matters for index columns and identifiers only.
    column
        All values of the column.
    max_categories
        Texts with more distinct values are set aside.
    csv
        How texts write numbers, where the settings say it.
    """
    coded = pa.types.is_dictionary(column.type) and _is_number(column.type.value_type)
    column = decoded(column)
    kind = column.type
    missing = pc.sum(pc.is_null(column, nan_is_null=True)).as_py()
    if missing == len(column):
        return ColumnDecision("numeric", "it holds no value at all")
    if coded or is_text(kind):
        return decide_texts(name, pc.drop_null(column), missing, max_categories, coded=coded, csv=csv)
    if _is_number(kind):
        return _decide_numbers(name, column, missing)
    if pa.types.is_temporal(kind) and not (pa.types.is_duration(kind) or pa.types.is_time(kind)):
        first = pc.min(column).as_py()
        if not missing and first == pc.max(column).as_py():
            return ColumnDecision(None, f"every row has the same value, {first}")
        return of_kind(kinds.get("date"), "year first")
    return ColumnDecision(None, f"it holds values of type {kind}")


def as_asked(name: str, column: pa.ChunkedArray, asked: str, csv: CsvConfig | None = None) -> ColumnDecision:
    """The decision for a column whose role is given (``load.roles``).

    Parameters
    ----------
    name, column, csv
        As for `decide_role`.
    asked
        ``numeric``, ``categorical``, ``high_cardinality``, the name of a kind, or one of `DATE_FORMS`.

    Raises
    ------
    DataError
        When the values cannot have that role.
    """
    column = decoded(column)
    if asked == "numeric":
        decision = decide_role(name, column, max_categories=MOST_CATEGORIES, csv=csv)
        return ColumnDecision("numeric", written=decision.written, unclear=decision.unclear)
    if asked in ("categorical", "high_cardinality"):
        return ColumnDecision("categorical" if asked == "categorical" else "high_cardinality")
    if not (is_text(column.type) or pa.types.is_temporal(column.type)):
        raise DataError(
            f"{name!r} cannot be {asked}: it holds values of type {column.type}, not texts.",
            where=f"load.roles.{name}",
            hint="Remove it from load.roles, or turn it into text in the source.",
        )
    if asked in DATE_FORMS:
        return of_kind(kinds.get("date"), DATE_FORMS[asked])
    kind = kinds.get(asked)
    form = kind.form(_distinct_texts(column)) if is_text(column.type) else "year first"
    return of_kind(kind, form) if form or not kind.needs_form else unclear_form(name, kind)


def _distinct_texts(column: pa.ChunkedArray) -> pa.Array:
    return pc.unique(pc.drop_null(column)).cast(pa.string())


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _decide_numbers(name: str, column: pa.ChunkedArray, missing: int) -> ColumnDecision:
    extremes = pc.min_max(column).as_py()
    if not missing and extremes["min"] == extremes["max"]:
        return ColumnDecision("numeric", f"every row has the same value, {extremes['min']}")
    if numbers_rows(name, column):
        return ColumnDecision("numeric", NUMBERS_ROWS)
    if identifies_rows(name, column):
        return ColumnDecision("numeric", reason_identifies(column, missing))
    return ColumnDecision(
        "numeric", warning="it is named like an index, but does not number the rows" if _named_index(name) else None
    )


def _named_index(name: str) -> bool:
    return INDEX_NAME.match(name) is not None


def numbers_rows(name: str, column: pa.ChunkedArray) -> bool:
    """Whether a column is an index: whole numbers that rise by one, or all different under the name of an index."""
    column = decoded(column)
    if not pa.types.is_integer(column.type) or column.null_count:
        return False
    return _counts_rows(column) or (_named_index(name) and pc.count_distinct(column).as_py() == len(column))


def _counts_rows(column: pa.ChunkedArray) -> bool:
    values = column.to_numpy()
    # Cheap to rule out for nearly every column; two values always look like a series.
    rises_by_rows = int(values[-1]) - int(values[0]) == len(values) - 1 > 1
    return rises_by_rows and bool((np.diff(values) == 1).all())


def as_series(column: pa.ChunkedArray, name: str, role: Role) -> pd.Series[Any]:
    """Bring a column to pandas with little memory and all its values: texts as codes, booleans as int8."""
    column = decoded(column)
    if role in ("text", "source"):
        texts = column if is_text(column.type) else pa.chunked_array([_date_texts(column)])
        return series(texts.dictionary_encode(), name)
    if role in ("categorical", "high_cardinality"):
        column = column.dictionary_encode()
    elif pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return exact_series(column, name)


def _date_texts(column: pa.ChunkedArray) -> pa.Array:
    return pa.array([date_text(value) for value in column.to_pylist()], pa.string())
