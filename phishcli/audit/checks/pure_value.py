"""One value of a column that only one class has, and that holds nearly all of that class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.measure import commonest

if TYPE_CHECKING:
    import pandas as pd

PART = 0.9
"""The share of a class that must have the value."""
LEAST = 30
"""Rows that must have it."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per feature at most."""
    for column in evidence.schema.columns:
        values = evidence.features[column.name]
        for towards in (True, False):
            if (value := _stands_for(evidence, values, towards=towards)) is not None:
                size = int(np.count_nonzero(evidence.positive == towards))
                yield _told(evidence, column.name, value, int((values == value).sum()), size, towards=towards)
                break


def _stands_for(evidence: Evidence, values: pd.Series[Any], *, towards: bool) -> Any:
    """The value that only one class has, and nearly all of it, or None."""
    of_class = evidence.positive == towards
    in_sample = values.iloc[evidence.sampled][of_class[evidence.sampled]]
    value, share = commonest(in_sample)
    if share < PART / 2:
        return None
    rows = (values == value).to_numpy()
    pure = not (rows & ~of_class).any()
    return value if pure and rows.sum() >= max(LEAST, PART * of_class.sum()) else None


def _told(evidence: Evidence, column: str, value: Any, rows: int, size: int, *, towards: bool) -> Found:
    label = evidence.label(towards)
    shown = value if isinstance(value, str) else f"{value:g}"
    return Found(
        f"{column} = {shown} in {rows:,} of {size:,} rows with the label {label!r}, and in no other row.",
        column,
        numbers={"value": str(shown), "rows": rows, "of": size, "label": label},
    )


CHECK = Check(
    title="One value stands for a class",
    severity="warning",
    of="table",
    explanation="A value that only one class has, and nearly all of it (90 %), is how that class was collected or how it "
    "was filled in rather than what it is like: a similarity that is 100 on every legitimate row, say.",
    advice="Ask why no other row has it. If it will not be so in use, leave the column out with --drop {column}.",
    function=look,
)
