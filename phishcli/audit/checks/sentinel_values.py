"""Numbers that probably stand for something else: -1 among counts, 999 far above all others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from phishcli.audit.check import Check, Evidence, Found

BELOW = (-1, -9, -99, -999, -9999)
ABOVE = (99, 999, 9999, 99999, 999999)
SHARE = 0.002
"""The share of the rows that must have the value."""
APART = 2
"""How many times greater than all others a high one must be."""
FEW = 5
"""A column of so few different values is a code as a whole."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per column."""
    for column in evidence.numeric():
        values = evidence.features[column].to_numpy(dtype=np.float64, na_value=np.nan)
        values = values[~np.isnan(values)]
        least = max(3, SHARE * evidence.rows)
        for suspect in _suspects(values, least):
            rows = int(np.count_nonzero(values == suspect))
            yield Found(
                f"{column} is {suspect:g} in {rows:,} rows and otherwise "
                f"{'never negative' if suspect < 0 else f'at most {values[values < suspect].max():g}'}: this looks like "
                "a code, not a number.",
                column,
                numbers={"value": suspect, "rows": rows},
            )


def _suspects(values: Any, least: float) -> Iterator[float]:
    """Yield -1 and its like if nothing else is negative, and 999 and its like if the next value is far below."""
    if not len(values):
        return
    lowest, highest = float(values.min()), float(values.max())
    if lowest in BELOW and np.count_nonzero(values == lowest) >= least and _otherwise(values, lowest).min() >= 0:
        yield lowest
    if highest in ABOVE and np.count_nonzero(values == highest) >= least:
        others = _otherwise(values, highest)
        if others.max() < highest / APART:
            yield highest


def _otherwise(values: Any, suspect: float) -> Any:
    """The values without the suspect one; itself where too few others are left to tell a code from a number."""
    others = values[values != suspect]
    return others if len(others) and len(np.unique(others[:1000])) >= FEW else np.array([suspect])


CHECK = Check(
    title="Values that look like codes",
    severity="warning",
    of="table",
    explanation="A -1 in a column that is otherwise never negative, or a 999 far above all other values, mostly means "
    "'unknown' or 'failed'. As a number it misleads every model that is not a tree.",
    advice="Leave such values empty in the source, so that they count as missing.",
    function=look,
    applies=lambda evidence: bool(evidence.numeric()),
)
