"""Values that only one class has, in nearly all of its rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.measure import most_frequent
from phishcli.audit.words import literal

PART = 0.9
"""The share of a class that must have the value."""
LEAST = 30
"""Rows that must have it."""
BY_CHANCE = 1e-6
"""It is no finding if chance alone would keep the value out of the other class with a greater probability."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per feature at most."""
    for column in evidence.columns():
        for towards in (True, False):
            value, rows = _marker(evidence, column, towards=towards)
            if rows:
                size = int(np.count_nonzero(evidence.positive == towards))
                yield _observed(evidence, column, value, rows, size, towards=towards)
                break


def _marker(evidence: Evidence, column: str, *, towards: bool) -> tuple[Any, int]:
    """The value that only one class has, in nearly all of its rows, and the number of these; or none."""
    value, share = most_frequent(evidence.sample[column], evidence.sampled_positive == towards)
    if share < PART / 2:
        return None, 0
    has_it = (evidence.column(column) == value).to_numpy()
    of_class = evidence.positive == towards
    rows, size = int(has_it.sum()), int(of_class.sum())
    if rows < max(LEAST, PART * size) or (has_it & ~of_class).any():
        return None, 0
    by_chance = float((1 - rows / evidence.rows) ** (evidence.rows - size))
    return (value, rows) if by_chance < BY_CHANCE else (None, 0)


def _observed(evidence: Evidence, column: str, value: Any, rows: int, size: int, *, towards: bool) -> Observation:
    label = evidence.label(towards)
    return Observation(
        f"{column} = {literal(value)} in {rows:,} of {size:,} rows with the label {label!r}, and in no other row.",
        column,
        numbers={"value": value if isinstance(value, str) else float(value), "rows": rows, "of": size, "label": label},
    )


CHECK = Check(
    title="One value stands for a class",
    severity="warning",
    scope="table",
    explanation="A value that only one class has, in nearly all of its rows (90%), usually reflects how that class was "
    "collected or how the value was filled in, such as a similarity that is 100 on every legitimate row. Reported if "
    "there are at least 30 such rows and the other class is large enough to rule out chance.",
    advice=(
        "Find out why no other row has it. If that will change in production, leave the column out with --drop "
        "{column}."
    ),
    function=observe,
    applies=lambda evidence: bool(evidence.columns()),
)
