"""The role of a column of texts: numbers written as texts, texts of a kind, categories, or names of many values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from phishcli.features import kinds
from phishcli.features.column_decision import ColumnDecision, of_kind, reason_identifies, unclear_form
from phishcli.features.identifiers import identifies_rows
from phishcli.features.written import as_notice, find_written
from phishcli.typed import setting
from phishcli.wording import counted

if TYPE_CHECKING:
    from phishcli.config.schema import CsvConfig

NUMBER = r"^\s*[+-]?((0|[1-9][0-9]{0,14})(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
"""A number as a text, and not a code: no leading zeros, and no more digits than a float64 keeps."""
OTHER_NUMBER = r"^\s*[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+|(,\d+|\.\d+)?\s*%)\s*$"
"""Numbers with a decimal comma (1.649,39) or a percent sign."""
NUMBER_LIKE = r"^[\s\pZ+-]*[\d.,][\d\pZ.,'%eE#A-Z+-]*$"
"""Loose: what may be a number in any of the ways that `find_written` knows."""
ANY_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
"""A number or a code of digits."""
MOSTLY = 0.9
"""The share of distinct texts that are numbers of another writing, from which on a column holds these."""
KEPT_AS_TEXT = "it counts as text, which keeps its numbers unchanged (leading zeros, many digits)"
HALF = 0.5
SMALL = 20
"""So few distinct texts are always looked at one by one."""
FEW_MARKS = 5
"""So many texts among numbers may be ways to say that there is none."""
LONG = 40
"""Characters of a value that a message shows."""
REPEATED = 2
"""Rows of each value on average from which names of many values say something about other rows."""


def decide_texts(
    name: str,
    values: pa.ChunkedArray,
    missing: int,
    max_categories: int,
    *,
    coded: bool,
    csv: CsvConfig | None,
) -> ColumnDecision:
    """Decide the role of a column of texts.

    Parameters
    ----------
    name
        The column's name, which matters for identifiers only.
    values, missing
        Its texts without missing ones, and how many rows have none.
    max_categories
        A category has no more distinct values.
    coded
        Whether the source has the values as codes of categories, which are never read as numbers.
    csv
        How texts write numbers, where the settings say it.
    """
    distinct = pc.unique(values).cast(pa.string())
    if not coded and len(distinct) > 1:
        plain = csv is None or (csv.decimal != "," and csv.thousands != ".")
        if plain and _holds_numbers(distinct):
            return _numbers_as_text(name, values)
        if found := _other_numbers(distinct, csv):
            return found
    if not coded and (recognized := _recognized(name, distinct, len(values), max_categories)):
        return recognized
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
            return of_kind(kind, form) if form or not kind.needs_form else unclear_form(name, kind)
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
        return ColumnDecision("numeric", reason_identifies(numbers, 0))
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
