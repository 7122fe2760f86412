"""One value of a column that only one class has, and that holds nearly all of that class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.measure import commonest
from phishcli.audit.words import shown

PART = 0.9
"""The share of a class that must have the value."""
LEAST = 30
"""Rows that must have it."""
BY_CHANCE = 1e-6
"""It is no finding if no row of the other class would have the value by chance with a greater probability."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per feature at most."""
    for column in evidence.columns():
        for towards in (True, False):
            value, rows = _stands_for(evidence, column, towards=towards)
            if rows:
                size = int(np.count_nonzero(evidence.positive == towards))
                yield _told(evidence, column, value, rows, size, towards=towards)
                break


def _stands_for(evidence: Evidence, column: str, *, towards: bool) -> tuple[Any, int]:
    """The value that only one class has, and nearly all of it, and the rows that have it; or none."""
    value, share = commonest(evidence.sample[column][evidence.sampled_positive == towards])
    if share < PART / 2:
        return None, 0
    has_it = (evidence.features[column] == value).to_numpy()
    of_class = evidence.positive == towards
    rows, size = int(has_it.sum()), int(of_class.sum())
    if rows < max(LEAST, PART * size) or (has_it & ~of_class).any():
        return None, 0
    by_chance = float((1 - rows / evidence.rows) ** (evidence.rows - size))
    return (value, rows) if by_chance < BY_CHANCE else (None, 0)


def _told(evidence: Evidence, column: str, value: Any, rows: int, size: int, *, towards: bool) -> Found:
    label = evidence.label(towards)
    return Found(
        f"{column} = {shown(value)} in {rows:,} of {size:,} rows with the label {label!r}, and in no other row.",
        column,
        numbers={"value": value if isinstance(value, str) else float(value), "rows": rows, "of": size, "label": label},
    )


CHECK = Check(
    title="One value stands for a class",
    severity="warning",
    of="table",
    explanation="A value that only one class has, and nearly all of it (90 %), is mostly how that class was collected "
    "or how the value was filled in rather than what the class is like: a similarity that is 100 on every legitimate "
    "row. Fires from 30 such rows on, if the other class is large enough to rule out chance.",
    advice="Ask why no other row has it. If it will not be so in use, leave the column out with --drop {column}.",
    function=look,
    applies=lambda evidence: bool(evidence.columns()),
)
