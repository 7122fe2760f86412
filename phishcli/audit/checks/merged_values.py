"""Numbers whose different values a model cannot distinguish."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.wording import percent

NOTED, MANY = 0.01, 0.1
"""The shares of lost values that make it a note, and a warning, beyond those that chance brings together."""
BY_CHANCE = 2.0**23
"""So many values of a continuous column lose about a quarter of themselves in float32, and fewer in proportion less."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column."""
    for feature in evidence.processed:
        before, after = feature.distinct or 0, feature.kept or 0
        share = 1 - after / before if before else 0.0
        if share > NOTED + before / BY_CHANCE:
            yield Observation(
                f"{feature.column} has {before:,} different values in the training part, but only {after:,} different "
                f"ones reach the models ({percent(share)} are lost): they need more digits, or a wider range, than "
                f"float32 has.",
                feature.column,
                severity="warning" if share > MANY + before / BY_CHANCE else "note",
                numbers={"before": before, "after": after, "share": share},
            )


CHECK = Check(
    title="Different values become equal",
    severity="warning",
    scope="split",
    explanation="Models see every number scaled and rounded to float32, which holds seven digits. Values that differ "
    "only beyond that become equal: identifiers of many digits, times in nanoseconds over several years, numbers that "
    "span many orders of magnitude. The number of different values in the training part is counted before and after. A "
    "note above 1% lost values, a warning above 10%, beyond what chance does to a continuous column.",
    advice="If the digits matter, store the column as several (day and time of day), as the difference from a fixed "
    "point, or as its logarithm; if it is an identifier, leave it out: --drop {column}.",
    function=observe,
    applies=lambda evidence: bool(evidence.processed),
)
