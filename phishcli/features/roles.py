"""What each column of a table is good for: a number, a category, or nothing that can be learnt from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from phishcli.types import Role

INDEX_NAME = re.compile(r"^(Unnamed: \d+|index|level_\d+|__index_level_\d+__|rowid|)$", flags=re.IGNORECASE)
NUMBER = r"^\s*[+-]?((0|[1-9][0-9]{0,14})(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
"""A number as a text, told from a code: no leading zeros, and no more digits than a float64 keeps."""
DATE = r"^\s*(\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4})([ T]\d{1,2}:\d{2}.*)?\s*$"
ADDRESS = r"(?i)^\s*([a-z][a-z0-9+.-]*://|www\.)"
DOMAIN = r"(?i)^\s*([a-z0-9_-]+\.)+[a-z][a-z0-9-]+\.?(:\d+)?(/.*)?\s*$"
OTHER_NUMBER = r"^\s*[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+|(,\d+|\.\d+)?\s*%)\s*$"
"""Numbers with a decimal comma (1.649,39) or a percent sign."""
MOSTLY = 0.9
LONG = 40
"""Texts of more characters on average are called free text."""


@dataclass(frozen=True)
class Verdict:
    """What is to be done with a column.

    ``role`` is what it is used as, None when it cannot be used at all; ``reason`` says why it is set aside, None when
    it is used; ``note`` is a warning about a column that is used.
    """

    role: Role | None
    reason: str | None = None
    note: str | None = None


def judge(name: str, column: pa.ChunkedArray, *, max_categories: int) -> Verdict:
    """Decide by a column's values, without a look at the label, whether and as what it can be used.

    Parameters
    ----------
    name
        The column's name, which matters for index columns only.
    column
        All values of the column.
    max_categories
        Texts with more distinct values are set aside.
    """
    coded = pa.types.is_dictionary(column.type) and not is_text(column.type.value_type)
    column = decoded(column)
    kind = column.type
    missing = pc.sum(pc.is_null(column, nan_is_null=True)).as_py()
    if missing == len(column):
        return Verdict("numeric", "it holds no value at all")
    if coded or is_text(kind):
        return _judge_texts(pc.drop_null(column), missing, max_categories, coded=coded)
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _judge_numbers(name, column, missing)
    return Verdict(None, "it holds dates or times" if pa.types.is_temporal(kind) else f"it holds values of type {kind}")


def decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give the values of a column in a type that Arrow's functions and pandas know.

    Dictionaries become what they stand for; decimals, half floats and nulls become float64, views of texts texts.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind) or pa.types.is_null(kind):
        return column.cast(pa.float64())
    return column.cast(pa.string()) if pa.types.is_string_view(kind) else column


def is_text(kind: pa.DataType) -> bool:
    """Tell whether an Arrow type is one of the string types."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _judge_numbers(name: str, column: pa.ChunkedArray, missing: int) -> Verdict:
    extremes = pc.min_max(column).as_py()
    if not missing and extremes["min"] == extremes["max"]:
        return Verdict("numeric", f"every row has the same value, {extremes['min']}")
    if numbers_rows(name, column):
        return Verdict("numeric", "it numbers the rows")
    return Verdict(
        "numeric", note="it is named like an index, but does not number the rows" if _named_index(name) else None
    )


def _named_index(name: str) -> bool:
    return INDEX_NAME.match(name) is not None


def numbers_rows(name: str, column: pa.ChunkedArray) -> bool:
    """Tell whether a column is an index: whole numbers that rise by one, or all different under an index's name."""
    if not pa.types.is_integer(column.type) or column.null_count:
        return False
    return _counts_rows(column) or (_named_index(name) and pc.count_distinct(column).as_py() == len(column))


def _counts_rows(column: pa.ChunkedArray) -> bool:
    values = column.to_numpy()
    # Cheap to rule out for nearly every column; two values always look like a series.
    rises_by_rows = int(values[-1]) - int(values[0]) == len(values) - 1 > 1
    return rises_by_rows and bool((np.diff(values) == 1).all())


def _judge_texts(values: pa.ChunkedArray, missing: int, max_categories: int, *, coded: bool) -> Verdict:
    distinct = pc.unique(values).cast(pa.string())
    if not coded and len(distinct) > 1 and _holds_numbers(distinct):
        return Verdict("numeric", note="it is stored as text but holds numbers only, and is read as numbers")
    return Verdict("categorical", _reason_against(distinct, len(values), missing, max_categories))


def _reason_against(distinct: pa.Array, filled: int, missing: int, max_categories: int) -> str | None:
    number = len(distinct)
    if number == 1 and not missing:
        return f"every row has the same value, {distinct[0].as_py()!r}"
    if kind := _no_category(distinct):
        return kind
    if number == filled:
        return f"every value is different ({_sort(distinct)})"
    if number > max_categories:
        return f"{number:,} different values ({_sort(distinct)}) are more than load.max_categories ({max_categories})"
    return None


def _no_category(distinct: pa.Array) -> str | None:
    """Say what texts are that look like something else than names."""
    if _share(distinct, DATE) == 1:
        return "it holds dates or times"
    if _share(distinct, ADDRESS) >= MOSTLY:
        return "it holds web addresses"
    if _share(distinct, OTHER_NUMBER) >= MOSTLY:
        return f"it holds numbers written like {distinct[0].as_py()!r}; only 1234.5 is read as one"
    return None


def _holds_numbers(distinct: pa.Array) -> bool:
    filled = distinct.filter(pc.not_equal(pc.utf8_trim_whitespace(distinct), ""))
    return len(filled) > 0 and _share(filled, NUMBER) == 1


def _share(distinct: pa.Array, pattern: str) -> float:
    return float(pc.mean(pc.match_substring_regex(distinct, pattern)).as_py())


def _sort(distinct: pa.Array) -> str:
    if _share(distinct, DOMAIN) >= MOSTLY:
        return "domain names"
    return "free text" if pc.mean(pc.utf8_length(distinct)).as_py() > LONG else "names or codes"


def as_series(column: pa.ChunkedArray, name: str, role: Role) -> pd.Series[Any]:
    """Bring an Arrow column to pandas at little memory: texts that are categories by their codes, numbers uncopied."""
    column = decoded(column)
    if role == "categorical":
        column = column.dictionary_encode()
    elif pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    series: pd.Series[Any] = column.to_pandas()
    return series.rename(name)
