"""Numbers that probably are codes: -1 among counts, 999 far above all others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.words import literal
from phishcli.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

BELOW = (-1, -9, -88, -98, -99, -888, -998, -999, -8888, -9998, -9999)
ABOVE = (77, 88, 97, 98, 99, 777, 888, 997, 998, 999, 7777, 8888, 9997, 9998, 9999, 99999, 999999)
SHARE = 0.002
LEAST = 5
"""The share of the rows, and the number of them, that must have the value."""
ISOLATION = 2
"""A code is the only value between its half and its double, other codes aside."""
STRAY = 0.2
"""Rows near it that are tolerated, as a share of those that have it."""
SPIKE = 5
"""How many times as frequent as any of them it must be."""
LAST, GAP = 10, 3
"""Or it lies beyond all others, by more than so many times the widest step between the last ones."""
FEW = 5
"""A column with fewer different other values is a code as a whole."""
MOSTLY = 0.5
"""The share of values that are not negative where a code that is negative is an exception."""
WIDE = 10
"""The spread of whole numbers at which -1 is not just the end of their tail."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per value."""
    for column in evidence.numeric():
        sample = evidence.sampled_numbers(column)
        for code in codes_among(sample):
            rows = int((evidence.column(column) == code).sum())
            how = "hardly ever negative" if code < 0 and (sample >= 0).mean() >= MOSTLY else "far from it"
            yield Observation(
                f"{column} is {literal(code)} in {counted(rows, 'row')} and otherwise {how}: this looks like a code, "
                "not a number.",
                column,
                numbers={"value": code, "rows": rows},
            )


def codes_among(values: NDArray[np.float64]) -> list[float]:
    """Find codes among numbers: -1 where hardly anything else is negative, 999 where hardly anything is near.

    A frequent value of any kind is one, too, if it is the only negative one, or lies as far from all others as these
    spread.
    """
    distinct, counts = np.unique(values, return_counts=True)
    frequent = distinct[counts >= max(LEAST, SHARE * len(values))]
    known = [code for code in (*BELOW, *ABOVE) if code in frequent]
    plain = ~np.isin(distinct, [code for code in known if code != -1])
    found = [float(code) for code in known if _alone(code, distinct, counts, plain & (distinct != code))]
    ends = distinct[[0, -1]] if len(distinct) > FEW and not found else ()
    return found or [float(end) for end in ends if end in frequent and _apart(end, distinct, counts)]


def _alone(code: int, distinct: NDArray[np.float64], counts: NDArray[np.int64], others: NDArray[np.bool_]) -> bool:
    rows, distinct, counts = int(counts[distinct == code][0]), distinct[others], counts[others]
    if len(distinct) < FEW:
        return False
    lower, upper = sorted((code / ISOLATION, code * ISOLATION))
    between = (distinct > lower) & (distinct < upper)
    for near in (distinct < 0,) if code == -1 else (distinct < 0, between) if code < 0 else (between,):
        few = counts[near].sum() <= STRAY * rows and SPIKE * counts[near].max(initial=0) <= rows
        if few and (~near).sum() >= FEW and (code != -1 or _no_tail(distinct[~near], counts[~near], rows)):
            return True
    return code != -1 and rows >= SPIKE * _last(counts, code).max() and _gap(code, distinct) > 1


def _apart(end: float, distinct: NDArray[np.float64], counts: NDArray[np.int64]) -> bool:
    """Whether the least or greatest value, which is no known code, is one by where it lies."""
    rows, others = int(counts[distinct == end][0]), distinct != end
    distinct, counts = distinct[others], counts[others]
    if end in {-1, 0} or rows < SPIKE * _last(counts, end).max():
        return False
    low, high = np.quantile(np.repeat(distinct, counts), [0.05, 0.95])
    far = min(abs(end - distinct[0]), abs(end - distinct[-1])) > high - low
    return _gap(end, distinct) > 1 and bool(far or end < 0 <= distinct[0])


def _last(values: NDArray[Any], code: float) -> NDArray[Any]:
    return values[-LAST:] if code > 0 else values[:LAST]


def _gap(code: float, distinct: NDArray[np.float64]) -> float:
    """How far a code lies beyond all others, in `GAP` times the widest step between the last of these."""
    last = _last(distinct, code)
    gap = code - last[-1] if code > 0 else last[0] - code
    return float(gap / (GAP * np.diff(last).max()))


def _no_tail(distinct: NDArray[np.float64], counts: NDArray[np.int64], rows: int) -> bool:
    """Whether -1 is more than the last value of a distribution that ends there.

    It is if values are fractions or spread widely. Otherwise the steps 1, 0, -1 become less frequent faster and faster
    at the end of a distribution with one mode (log-concavity); a code breaks that.
    """
    values = np.repeat(distinct, counts)
    if (distinct != np.round(distinct)).any() or np.subtract(*np.quantile(values, [0.95, 0.05])) >= WIDE:
        return True
    zeros, ones = counts[distinct == 0].sum(), counts[distinct == 1].sum()
    return bool(rows * ones > zeros**2)


CHECK = Check(
    title="Values that look like codes",
    severity="warning",
    scope="table",
    explanation="A -1 in a column that is otherwise hardly ever negative, or a 999 or -99 with hardly another value "
    "near, or beyond a gap at the end of all others, usually means 'unknown', 'refused' or 'failed'. As a number it "
    "misleads every model that is not a tree. Covers -1, -9, -99 and so on, 99, 999 and so on, and 77, 88, 97, 98 and "
    "their like, in at least 0.2% of the rows; columns with few different values are codes as a whole and are skipped.",
    advice="Leave such values empty in the source, so that they count as missing.",
    function=observe,
    applies=lambda evidence: bool(evidence.numeric()),
)
