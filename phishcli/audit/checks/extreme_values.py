"""Values far from nearly all others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.words import literal
from phishcli.wording import bounded, counted

if TYPE_CHECKING:
    import pandas as pd

FAR = 100
"""Interquartile ranges."""
SHOWN = 5


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding for all columns together."""
    extremes: dict[str, dict[str, float]] = {}
    for column in evidence.numeric():
        median, reach = _usual(evidence.sample[column])
        values = evidence.column(column).to_numpy()
        farthest = max(np.fmax.reduce(values), np.fmin.reduce(values), key=lambda value: abs(float(value) - median))
        if reach and abs(float(farthest) - median) > reach:
            far = np.abs(values.astype(np.float64) - median) > reach
            extremes[column] = {"rows": int(np.count_nonzero(far)), "farthest": float(farthest)}
    if extremes:
        shown = [
            f"{name} ({counted(int(each['rows']), 'row')}, up to {literal(each['farthest'])})"
            for name, each in extremes.items()
        ]
        yield Observation(
            f"Values more than {FAR} interquartile ranges from the median: {bounded(shown, SHOWN)}.",
            numbers={"columns": extremes},
        )


def _usual(values: pd.Series[Any]) -> tuple[float, float]:
    """The median, and the distance from it that is extreme; zero if it is unknown."""
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return 0.0, 0.0
    low, median, high = np.quantile(numbers, [0.25, 0.5, 0.75])
    return float(median), FAR * float(high - low)


CHECK = Check(
    title="Extreme values",
    severity="note",
    scope="table",
    explanation="Values more than a hundred interquartile ranges away from the median. Trees are robust to them; "
    "linear models, nearest neighbors and neural networks are not.",
    advice="Check whether they are real; prefer trees, or cap them in the source.",
    function=observe,
    applies=lambda evidence: bool(evidence.numeric()),
)
