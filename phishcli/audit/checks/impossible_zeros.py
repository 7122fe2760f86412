"""Zeros far from all other values, such as a blood pressure of 0."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.words import literal
from phishcli.wording import counted, percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST, SHARE = 5, 0.002
"""The number of rows, and their share, that must be zero."""
FEW = 10
"""A column with fewer different other values is a code as a whole."""
LOW, HIGH = 0.01, 0.99
"""Shares of the other values that are below the bulk of them, and above it."""
FAR, OFTEN, FAR_IF_OFTEN = 0.2, 0.1, 0.1
"""How far the others must begin from zero, as a share of their median; less far where a tenth of the rows is zero."""
STEPS, LAST = 5, 10
"""How many times the usual step between values, and the mean step between the least of them, zero must be away."""
USUAL = 0.5
"""Where more rows than this share are zero, zero is what is usual: nothing gained, never renovated."""
NONE_IS_ZERO = re.compile(
    r"balance|amount|amt|loan|debt|mortgage|fee|fare|charge|cost|price|pay|paid|salary|income|wage|revenue|sales|profit|"
    r"gain|loss|limit|credit|deposit|tax|donat|spent|spend|purchase|count|num|total|bytes|packets|duration|days|hours",
    flags=re.IGNORECASE,
)
"""Names of amounts, of which there may be none."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column."""
    for column in evidence.numeric():
        values = evidence.sampled_numbers(column)
        least = _stand_apart(values)
        if least is not None:
            rows = int((evidence.column(column) == 0).sum())
            yield Observation(
                f"{column} is 0 in {counted(rows, 'row')} ({percent(rows / evidence.rows)}), and the next value is "
                f"{literal(least)}{evidence.by_sample}: 0 most likely means 'not measured' or 'none'.",
                column,
                severity="note" if NONE_IS_ZERO.search(column) else None,
                numbers={"rows": rows, "next": least},
            )


def _stand_apart(values: NDArray[np.float64]) -> float | None:
    """Give the value next to zero if zero is far from all others, which have one sign."""
    others = np.abs(values[values != 0])
    zeros = len(values) - len(others)
    if zeros < max(LEAST, SHARE * len(values)) or not len(others) or values.min() * values.max() < 0:
        return None
    distinct = np.unique(others)
    if len(distinct) < FEW:
        return None
    low, median, high = np.quantile(others, [LOW, 0.5, HIGH])
    least, share = float(distinct[0]), zeros / len(values)
    begins = (FAR if share < OFTEN else FAR_IF_OFTEN) * median
    far = least >= begins if share <= USUAL else low >= high - low
    step = max(np.median(np.diff(distinct)), np.diff(np.sort(others)[:LAST]).mean())
    return float(np.sign(values.sum())) * least if far and least >= STEPS * step else None


CHECK = Check(
    title="Implausible zeros",
    severity="warning",
    scope="table",
    explanation="If all other values are far from zero, a 0 was probably not measured: a blood pressure of 0 means "
    "that nobody took it, a year of 0 that none was known. As a number it misleads every model that is not a tree. "
    "Reported if at least 5 rows and 0.2% of all rows are 0 and the other values do not tail off toward zero; a note "
    "if the column is named like an amount, which may really be 0. If most rows are 0, the other values must be "
    "farther from 0 than they spread.",
    advice="If 0 means 'not measured', leave such values empty in the source so that they count as missing; otherwise "
    "ignore this, or leave the column out with --drop {column}.",
    function=observe,
    applies=lambda evidence: bool(evidence.numeric()),
)
