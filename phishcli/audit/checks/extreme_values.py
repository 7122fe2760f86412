"""Values far outside of where nearly all others are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from phishcli.audit.check import Check, Evidence, Found

FAR = 100
"""Distances between the quartiles."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for all columns together."""
    found: dict[str, dict[str, float]] = {}
    for column in evidence.numeric():
        values = evidence.features[column].to_numpy(dtype=np.float64, na_value=np.nan)
        values = values[~np.isnan(values)]
        if not len(values):
            continue
        low, median, high = np.quantile(values[:: max(1, len(values) // 100_000)], [0.25, 0.5, 0.75])
        if high > low:
            distance = np.abs(values - median) / (high - low)
            if rows := int(np.count_nonzero(distance > FAR)):
                found[column] = {"rows": rows, "farthest": float(values[distance.argmax()])}
    if found:
        told = [f"{name} ({each['rows']:,} rows, as far as {each['farthest']:g})" for name, each in found.items()]
        yield Found(
            f"Values more than {FAR} quartile distances from the median: {', '.join(told)}.", numbers={"columns": found}
        )


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
