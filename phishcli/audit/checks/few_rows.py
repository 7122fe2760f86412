"""Tables too small to say much."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.words import counted

LEAST_ROWS, LEAST_OF_A_CLASS = 200, 50


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the table."""
    positives = int(evidence.positive.sum())
    rarer = min(positives, evidence.rows - positives)
    if evidence.rows < LEAST_ROWS or rarer < LEAST_OF_A_CLASS:
        tested = max(round(0.2 * rarer), 1)
        width = min(1.96 * 0.5 / sqrt(tested), 0.5)
        yield Found(
            f"{counted(evidence.rows)}, {rarer:,} of the rarer class: a test on a fifth of them knows a rate of one "
            f"half only to {width:.2f} either way.",
            numbers={"rows": evidence.rows, "rarer": rarer, "half_width": width},
        )


CHECK = Check(
    title="Few rows",
    severity="warning",
    of="table",
    explanation="Fewer than 200 rows, or fewer than 50 of a class: intervals will be so wide that models can hardly be "
    "told apart. (Half width of a 95 % interval for a rate of one half: 1.96 * 0.5 / sqrt(n).)",
    advice="Collect more rows of the rarer class, and trust intervals rather than scores.",
    function=look,
)
