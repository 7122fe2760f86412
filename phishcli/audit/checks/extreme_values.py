"""Values far outside of where nearly all others are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.words import counted, shown

if TYPE_CHECKING:
    import pandas as pd

FAR = 100
"""Distances between the quartiles."""
SHOWN = 5


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for all columns together."""
    found: dict[str, dict[str, float]] = {}
    for column in evidence.numeric():
        median, reach = _usual(evidence.sample[column])
        values = evidence.features[column].to_numpy()
        farthest = max(np.fmax.reduce(values), np.fmin.reduce(values), key=lambda value: abs(float(value) - median))
        if reach and abs(float(farthest) - median) > reach:
            far = np.abs(values.astype(np.float64) - median) > reach
            found[column] = {"rows": int(np.count_nonzero(far)), "farthest": float(farthest)}
    if found:
        told = [f"{name} ({counted(int(f['rows']))}, up to {shown(f['farthest'])})" for name, f in found.items()]
        more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
        yield Found(
            f"Values more than {FAR} quartile distances from the median: {', '.join(told[:SHOWN])}{more}.",
            numbers={"columns": found},
        )


def _usual(values: pd.Series[Any]) -> tuple[float, float]:
    """The median, and how far from it is far; zero where that cannot be said."""
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return 0.0, 0.0
    low, median, high = np.quantile(numbers, [0.25, 0.5, 0.75])
    return float(median), FAR * float(high - low)


CHECK = Check(
    title="Extreme values",
    severity="note",
    of="table",
    explanation="Values more than a hundred times the distance of the quartiles away from the median. Trees do not "
    "mind; linear models, neighbours and neural networks are pulled towards them.",
    advice="See whether they are real; prefer trees, or cap them in the source.",
    function=look,
    applies=lambda evidence: bool(evidence.numeric()),
)
