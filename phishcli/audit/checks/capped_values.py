"""Values that pile up at one end, where a cap or a limit of detection has cut the rest off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from phishcli.audit.check import Check, Observation
from phishcli.audit.checks.sentinel_values import codes_among
from phishcli.audit.evidence import Evidence
from phishcli.audit.words import literal
from phishcli.wording import counted, percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

DISTINCT = 15
"""A column of fewer different values is a scale, whose ends may be frequent."""
LEAST, SHARE = 10, 0.01
"""The number of rows, and their share, at the end."""
MOST = 0.5
"""A value that more rows have is what is usual."""
NEAR = 3
"""Values next to the end that are compared with it."""
TIMES = 2
"""How many times as frequent as these the end must be."""
CLEAR = 5
"""Standard errors (Poisson) by which it must be more frequent."""
BEYOND = 1.5
"""How many times as frequent as a rise up to it explains."""
BOUNDS = (1, 100)
"""Ends that a share or a percentage has by nature."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column."""
    for column in evidence.numeric():
        sample = evidence.sampled_numbers(column)
        distinct, counts = np.unique(sample, return_counts=True)
        ends = [high for high in (True, False) if _piled_up(counts if high else counts[::-1])]
        if len(ends) != 1 or _natural(distinct, high=ends[0]):
            continue
        end, following = (distinct[-1], distinct[-2]) if ends[0] else (distinct[0], distinct[1])
        if end in codes_among(sample):
            continue
        values = evidence.column(column)
        rows, others = int((values == end).sum()), int((values == following).sum())
        yield Observation(
            f"{column} is {literal(end)}, its {'highest' if ends[0] else 'lowest'} value, in {counted(rows, 'row')} "
            f"({percent(rows / evidence.rows)}), and the next value, {literal(following)}, in "
            f"{counted(others, 'row')}: {'higher' if ends[0] else 'lower'} values were most likely cut off there.",
            column,
            numbers={"value": float(end), "rows": rows, "next": float(following), "rows_next": others},
        )


def _piled_up(counts: NDArray[np.int64]) -> bool:
    """Whether the last of values holds far more rows than those before it lead one to expect."""
    rows = int(counts.sum())
    if len(counts) < DISTINCT or not max(LEAST, SHARE * rows) <= counts[-1] <= MOST * rows:
        return False
    end, near = float(counts[-1]), counts[-1 - NEAR : -1]
    mean = float(near.mean())
    clear = (end - mean) / np.sqrt(end + mean / NEAR) >= CLEAR
    return bool(clear and end > near.max() and end >= TIMES * mean and not _rises_to(counts))


def _rises_to(counts: NDArray[np.int64]) -> bool:
    """Whether the frequencies rise toward the end anyway, and go on rising as fast."""
    near = counts[-2 - NEAR : -1].astype(float)
    return bool((np.diff(near) >= 0).all() and counts[-1] < BEYOND * near[-1] * (near[-1] / near[0]) ** (1 / NEAR))


def _natural(distinct: NDArray[np.float64], *, high: bool) -> bool:
    return bool(distinct[-1] in BOUNDS and distinct[0] >= 0) if high else distinct[0] in {0, 1}


CHECK = Check(
    title="Values cut off at one end",
    severity="note",
    scope="table",
    explanation="If many rows have the highest (or lowest) value and far fewer have the values next to it, that value "
    "means 'this or more': incomes were capped, observation ended, a detector was saturated. A model cannot "
    "distinguish these rows. Reported if at least 10 rows and 1% of all rows have it, and at least twice as many as "
    "have one of the next three values; 0, 1 and 100 are natural limits.",
    advice="Find out whether values naturally end there. If they were cut off, obtain the full values, or expect "
    "worse scores on these rows. --drop {column} leaves the column out.",
    function=observe,
    applies=lambda evidence: bool(evidence.numeric()),
)
