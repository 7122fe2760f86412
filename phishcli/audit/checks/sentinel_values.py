"""Numbers that probably are codes: -1 among counts, 999 far above all others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.words import literal
from phishcli.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

BELOW = (-1, -9, -99, -999, -9999)
ABOVE = (99, 999, 9999, 99999, 999999)
SHARE = 0.002
LEAST = 5
"""The share of the rows, and the number of them, that must have the value."""
ISOLATION = 2
"""A high code is the only value between its half and its double."""
STRAY = 0.02
"""Rows near it that are tolerated, as a share of those that have it."""
FEW = 5
"""A column with fewer different other values is a code as a whole."""
WIDE = 10
"""The spread of whole numbers at which -1 is not just the end of their tail."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per value."""
    for column in evidence.numeric():
        sample = evidence.sample[column].to_numpy(dtype=np.float64, na_value=np.nan)
        sample = sample[~np.isnan(sample)]
        if not len(sample):
            continue
        for code in _suspects(sample, max(LEAST, SHARE * len(sample))):
            rows = int((evidence.column(column) == code).sum())
            yield Observation(
                f"{column} is {literal(code)} in {counted(rows, 'row')} and otherwise "
                f"{'hardly ever negative' if code < 0 else 'far from it'}: this looks like a code, not a number.",
                column,
                numbers={"value": code, "rows": rows},
            )


def _suspects(values: NDArray[np.float64], least: float) -> Iterator[int]:
    """Find -1 and its like where hardly anything else is negative, and 999 and its like where nothing else is near."""
    lowest, highest = values.min(), values.max()
    for code in (*(code for code in BELOW if lowest <= code), *(code for code in ABOVE if code <= highest)):
        rows = int(np.count_nonzero(values == code))
        if rows >= least:
            near = values < 0 if code < 0 else (values > code / ISOLATION) & (values < code * ISOLATION)
            strays = int(np.count_nonzero(near)) - rows
            others = values[~near]
            if strays <= STRAY * rows and _measures(others) and (code != -1 or _no_tail(others, rows)):
                yield code


def _measures(others: NDArray[np.float64]) -> bool:
    return len(np.unique(others[:1000])) >= FEW


def _no_tail(others: NDArray[np.float64], rows: int) -> bool:
    """Whether -1 is more than the last value of a distribution that ends there.

    It is if values are fractions or spread widely. Otherwise the steps 1, 0, -1 become less frequent faster and faster
    at the end of a distribution with one mode (log-concavity); a code breaks that.
    """
    if (others != np.round(others)).any() or np.subtract(*np.quantile(others, [0.95, 0.05])) >= WIDE:
        return True
    zeros, ones = np.count_nonzero(others == 0), np.count_nonzero(others == 1)
    return bool(rows * ones > zeros**2)


CHECK = Check(
    title="Values that look like codes",
    severity="warning",
    scope="table",
    explanation="A -1 in a column that is otherwise never negative, or a 999 with no other value near, usually means "
    "'unknown' or 'failed'. As a number it misleads every model that is not a tree. Covers -1, -9, -99 and so on and "
    "99, 999 and so on, in at least 0.2% of the rows; columns with few different values are codes as a whole and are "
    "skipped.",
    advice="Leave such values empty in the source, so that they count as missing.",
    function=observe,
    applies=lambda evidence: bool(evidence.numeric()),
)
