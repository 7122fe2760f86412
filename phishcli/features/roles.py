"""The role of each column: a number, a category, or nothing that a model can learn from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.errors import DataError
from phishcli.features import kinds
from phishcli.features.identifiers import different, identifies_rows
from phishcli.features.kinds.date import date_text
from phishcli.features.written import as_notice, find_written
from phishcli.tables.arrow import decoded, exact_series, is_text, series
from phishcli.typed import option, setting
from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.config.schema import CsvConfig
    from phishcli.documents.schema import Role, Written

INDEX_NAME = re.compile(r"^(Unnamed: \d+|index|level_\d+|__index_level_\d+__|rowid|)$", flags=re.IGNORECASE)
NUMBER = r"^\s*[+-]?((0|[1-9][0-9]{0,14})(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
"""A number as a text, and not a code: no leading zeros, and no more digits than a float64 keeps."""
OTHER_NUMBER = r"^\s*[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+|(,\d+|\.\d+)?\s*%)\s*$"
"""Numbers with a decimal comma (1.649,39) or a percent sign."""
NUMBER_LIKE = r"^[\s\pZ+-]*[\d.,][\d\pZ.,'%eE#A-Z+-]*$"
"""Loose: what may be a number in any of the ways that `find_written` knows."""
ANY_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
NUMBERS_ROWS = "it numbers the rows"
IDENTIFIES = "it identifies rows"
"""How the reason begins for setting aside a column of which name and values say so."""
MOSTLY = 0.9
MOST_CATEGORIES = 10**9
KEPT_AS_TEXT = "it counts as text, which keeps its numbers unchanged (leading zeros, many digits)"
HALF = 0.5
SMALL = 20
FEW_MARKS = 5
"""So many texts among numbers may be ways to say that there is none."""
LONG = 40
"""Characters of a value that a message shows."""
REPEATED = 2
"""Rows of each value on average from which names of many values say something about other rows."""
DATE_FORMS = {"date-day-first": "day first", "date-month-first": "month first"}
"""Roles that say how a date is written."""


@dataclass(frozen=True)
class ColumnDecision:
    """How a column is used.

    ``role`` is its role as a feature, None when it cannot be one; ``set_aside`` is the reason for not using it, None
    when it is used; ``warning`` is about a column that is used, or that is not though it may be of use (``loud``).
    ``written`` says how the numbers of a text column are written, where that is not plain; ``unclear`` is a number that
    can be read in two ways. ``level`` is that of the warning. ``kind`` is what texts hold, ``form`` how they write
    it.
    """

    role: Role | None
    set_aside: str | None = None
    warning: str | None = None
    written: Written | None = None
    unclear: str | None = None
    loud: bool = False
    level: Literal["info", "warning"] = "warning"
    kind: str | None = None
    form: str | None = None

    @property
    def feature_role(self) -> Role | None:
        """The role of a column that is used as a feature, None for any other."""
        return self.role if self.set_aside is None else None


def decide_role(
    name: str, column: pa.ChunkedArray, *, max_categories: int, csv: CsvConfig | None = None
) -> ColumnDecision:
    """Decide by the values of a column, without its label, whether it can be a feature and of which role.

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
        return _decide_texts(name, pc.drop_null(column), missing, max_categories, coded=coded, csv=csv)
    if _is_number(kind):
        return _decide_numbers(name, column, missing)
    if pa.types.is_temporal(kind) and not (pa.types.is_duration(kind) or pa.types.is_time(kind)):
        first = pc.min(column).as_py()
        same = not missing and first == pc.max(column).as_py()
        return ColumnDecision(None, f"every row has the same value, {first}") if same else _of_dates()
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
        return _of_kind(kinds.get("date"), DATE_FORMS[asked])
    kind = kinds.get(asked)
    form = kind.form(_distinct_texts(column)) if is_text(column.type) else "year first"
    return _of_kind(kind, form) if form or not kind.needs_form else _unclear_form(name, kind)


def _of_dates() -> ColumnDecision:
    return _of_kind(kinds.get("date"), "year first")


def _distinct_texts(column: pa.ChunkedArray) -> pa.Array:
    return pc.unique(pc.drop_null(column)).cast(pa.string())


def _of_kind(kind: kinds.Kind, form: str | None) -> ColumnDecision:
    learned = " and their n-grams are scored" if kind.grams else ""
    return ColumnDecision(
        "text" if kind.grams else "source",
        warning=f"it holds {kind.title}: features are derived from them{learned}",
        level="info",
        kind=kind.name,
        form=form,
    )


def _unclear_form(name: str, kind: kinds.Kind) -> ColumnDecision:
    ways = " or ".join(option("--role", f"{name}={way}") for way in DATE_FORMS)
    return ColumnDecision(
        None, f"it holds {kind.title} that can be read in two ways; say which: {ways}", loud=True, kind=kind.name
    )


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _decide_numbers(name: str, column: pa.ChunkedArray, missing: int) -> ColumnDecision:
    extremes = pc.min_max(column).as_py()
    if not missing and extremes["min"] == extremes["max"]:
        return ColumnDecision("numeric", f"every row has the same value, {extremes['min']}")
    if numbers_rows(name, column):
        return ColumnDecision("numeric", NUMBERS_ROWS)
    if identifies_rows(name, column):
        return ColumnDecision("numeric", _identifies(column, missing))
    return ColumnDecision(
        "numeric", warning="it is named like an index, but does not number the rows" if _named_index(name) else None
    )


def _identifies(column: pa.ChunkedArray, missing: int) -> str:
    return (
        f"{IDENTIFIES}: {different(column):,} different whole numbers in {len(column) - missing:,} rows, under the "
        "name of an identifier"
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


def _decide_texts(
    name: str,
    values: pa.ChunkedArray,
    missing: int,
    max_categories: int,
    *,
    coded: bool,
    csv: CsvConfig | None,
) -> ColumnDecision:
    distinct = pc.unique(values).cast(pa.string())
    if not coded and len(distinct) > 1:
        plain = csv is None or (csv.decimal != "," and csv.thousands != ".")
        if plain and _holds_numbers(distinct):
            return _numbers_as_text(name, values)
        if found := _other_numbers(distinct, csv):
            return found
    if not coded and (of_kind := _recognized(name, distinct, len(values), max_categories)):
        return of_kind
    against = _reason_against(distinct, len(values), missing)
    mixed = None if coded else _mixed(values)
    if against is None and len(distinct) > max_categories:
        return _many(distinct, len(values), mixed)
    if not coded and _share(distinct, ANY_NUMBER) == 1:
        return ColumnDecision("categorical", against, KEPT_AS_TEXT, loud=True, level="info")
    return ColumnDecision("categorical", against, mixed, loud=mixed is not None)


def _recognized(name: str, distinct: pa.Array, filled: int, max_categories: int) -> ColumnDecision | None:
    """The decision for texts of a kind; few texts that repeat are categories all the same, but for dates."""
    several = len(distinct) > max_categories or len(distinct) > HALF * filled
    for kind in kinds.registry().values():
        if (several or kind.needs_form) and len(distinct) > 1 and kind.recognize(distinct):
            form = kind.form(distinct)
            return _of_kind(kind, form) if form or not kind.needs_form else _unclear_form(name, kind)
    return None


def _many(distinct: pa.Array, filled: int, mixed: str | None) -> ColumnDecision:
    """The decision for names of more values than a category may have."""
    number = f"{len(distinct):,} different values"
    hardly = (
        f"{number} in {filled:,} rows hardly repeat (names or codes)" if filled < REPEATED * len(distinct) else None
    )
    if mixed or hardly:
        return ColumnDecision("high_cardinality", hardly, mixed, loud=mixed is not None)
    learned = f"{number}: the share of positive rows of each is learned"
    return ColumnDecision("high_cardinality", warning=learned, level="info")


def _numbers_as_text(name: str, values: pa.ChunkedArray) -> ColumnDecision:
    numbers = pc.cast(pc.utf8_trim_whitespace(values.filter(_filled(values))), pa.float64())
    if identifies_rows(name, numbers):
        return ColumnDecision("numeric", _identifies(numbers, 0))
    return ColumnDecision("numeric", warning="it is stored as text but holds numbers only, and is read as numbers")


def _other_numbers(distinct: pa.Array, csv: CsvConfig | None) -> ColumnDecision | None:
    """Find out how a column writes its numbers; None if it does not hold numbers only."""
    if len(distinct) > SMALL and _share(distinct, NUMBER_LIKE) < HALF:
        return None
    found = find_written(distinct.to_pylist(), csv)
    if found is None:
        return None
    if found.written is None:
        return ColumnDecision("numeric", unclear=next(text for text in distinct.to_pylist() if "," in text))
    return ColumnDecision("numeric", warning=as_notice(found.written), written=found.written)


def _mixed(values: pa.ChunkedArray) -> str | None:
    """Say that half of the texts or more are numbers, and what keeps the column from being numeric."""
    is_number = pc.match_substring_regex(values, ANY_NUMBER)
    numbers = pc.sum(is_number).as_py() or 0
    others = values.filter(pc.invert(is_number))
    if not len(others) or numbers < len(others):
        return None
    texts = pc.unique(pc.utf8_trim_whitespace(others)).to_pylist()
    what = (
        f"it holds {counted(len(others), 'text value')} (for example {texts[0][:LONG]!r}) among "
        f"{counted(numbers, 'number')}, so all count as texts"
    )
    if len(texts) > FEW_MARKS:
        return what
    mean = "it stands" if len(texts) == 1 else "they stand"
    return f"{what}; if {mean} for missing values: {setting('load.csv.missing', texts)}"


def _reason_against(distinct: pa.Array, filled: int, missing: int) -> str | None:
    number = len(distinct)
    if number == 1 and not missing:
        return f"every row has the same value, {distinct[0].as_py()!r}"
    if kind := _other_content(distinct):
        return kind
    return "every value is different (names or codes)" if number == filled else None


def _other_content(distinct: pa.Array) -> str | None:
    """Say what texts are that do not look like categories."""
    if _share(distinct, OTHER_NUMBER) >= MOSTLY:
        return f"it holds numbers written like {distinct[0].as_py()!r}; only 1234.5 is read as one"
    return None


def _holds_numbers(distinct: pa.Array) -> bool:
    filled = distinct.filter(_filled(distinct))
    return len(filled) > 0 and _share(filled, NUMBER) == 1


def _filled(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return pc.not_equal(pc.utf8_trim_whitespace(texts), "")


def _share(distinct: pa.Array, pattern: str) -> float:
    return float(pc.mean(pc.match_substring_regex(distinct, pattern)).as_py())


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
