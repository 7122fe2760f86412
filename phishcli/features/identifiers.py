"""Columns that identify rows, as customer numbers do: by their names, and by whole numbers that avoid each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

THING = (
    r"account|acct|application|applicant|booking|borrower|card|case|claim|client|contract|customer|cust|device|doc|"
    r"document|emp|employee|encounter|entry|event|household|invoice|item|lead|loan|member|message|msg|object|obs|"
    r"observation|order|passenger|patient|person|policy|product|record|rec|reference|ref|request|row|sample|seq|sequence|"
    r"serial|session|student|subject|ticket|trans|transaction|user|visit|visitor"
)
NAMED = re.compile(
    rf"^(id|ids|idx|index|ident|identifier|uid|uuid|guid|pk|key|nr|no|ref|reference|rownames|row_?names?|obs|"
    rf"s\.? ?no\.?|sr\.? ?no\.?|serial)$|"
    rf"^({THING})s?[_ .\-]*(id|ids|idx|index|no|nr|nbr|num|number|key|code|ref|#)$|"
    rf"(^|[_ .\-])(id|ids|idx|uid|uuid|guid|identifier)$",
    flags=re.IGNORECASE,
)
CAMEL = re.compile(r"[a-z0-9](Id|ID|Uid|UID|Uuid|UUID)$")
"""``CustomerId`` is named like an identifier; ``valid``, ``paid`` and ``grid`` are not."""
LEAST_ROWS = 20
"""In fewer rows, values may be all different by chance."""
MOSTLY_DIFFERENT = 0.5
"""The share of different values from which a column under such a name identifies rows, and not kinds of rows."""
NEAR, LEAST_NEAR = 0.001, 5
"""Two values are close if they differ by no more than this share of the middle half of all values, or by this much."""


def named_identifier(name: str) -> bool:
    """Whether a column is named like an identifier: ``id``, ``CustomerId``, ``CLIENTNUM``, ``Loan ID``."""
    return bool(NAMED.search(name) or CAMEL.search(name))


def identifies_rows(name: str, column: pa.ChunkedArray) -> bool:
    """Whether both the name and the values of a column say that it identifies rows: whole numbers, mostly different."""
    if not named_identifier(name):
        return False
    filled = column.filter(pc.invert(pc.is_null(column, nan_is_null=True)))
    whole = pa.types.is_integer(filled.type) or (pa.types.is_floating(filled.type) and _all_whole(filled))
    return whole and len(filled) >= LEAST_ROWS and different(filled) >= MOSTLY_DIFFERENT * len(filled)


def different(column: pa.ChunkedArray) -> int:
    """How many different values there are, missing ones aside."""
    return int(pc.count_distinct(column.filter(pc.invert(pc.is_null(column, nan_is_null=True)))).as_py())


def _all_whole(column: pa.ChunkedArray) -> bool:
    return bool(pc.all(pc.equal(pc.round(column), column)).as_py())


def ties_by_chance(distinct: NDArray[Any], counts: NDArray[np.int64]) -> float:
    """How many pairs of rows would have equal whole numbers, as many pairs have numbers close to each other.

    Values that are measured repeat about as often as they miss each other by one: the pairs that differ by 1 to d are
    2 d times as many as those that are equal. Numbers that are given out never repeat.

    Parameters
    ----------
    distinct, counts
        The different values, rising whole numbers, and how many rows have each.
    """
    values = np.repeat(distinct.astype(np.float64), counts)
    middle = float(np.subtract(*np.quantile(values, [0.75, 0.25])))
    reach = max(LEAST_NEAR, np.floor(NEAR * middle))
    above = np.searchsorted(values, values + reach, side="right") - np.searchsorted(values, values, side="right")
    return float(above.sum() / (2 * reach))


def ties(counts: NDArray[np.int64]) -> int:
    """How many pairs of rows have equal values."""
    return int((counts * (counts - 1) // 2).sum())
