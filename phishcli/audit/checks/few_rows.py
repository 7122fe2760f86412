"""Tables too small to say much."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from phishcli.audit.check import Check, Evidence, Found

LEAST_ROWS, LEAST_OF_A_CLASS = 200, 50


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the table."""
    rarer = int(min(evidence.positive.sum(), (~evidence.positive).sum()))
    if evidence.rows < LEAST_ROWS or rarer < LEAST_OF_A_CLASS:
        tested = max(round(0.2 * rarer), 1)
        width = 1.96 * 0.5 / sqrt(tested)
        yield Found(
            f"{evidence.rows:,} rows, {rarer:,} of the rarer class: a test of a fifth of them knows a recall only to "
            f"about {min(width, 1):.2f} either way.",
            numbers={"rows": evidence.rows, "rarer": rarer},
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
