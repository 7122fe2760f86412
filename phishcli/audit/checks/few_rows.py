"""Tables too small for reliable scores."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.wording import counted

LEAST_ROWS, LEAST_OF_A_CLASS = 200, 50


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding for the table."""
    positives = int(evidence.positive.sum())
    rarer = min(positives, evidence.rows - positives)
    if evidence.rows < LEAST_ROWS or rarer < LEAST_OF_A_CLASS:
        tested = max(round(0.2 * rarer), 1)
        width = min(1.96 * 0.5 / sqrt(tested), 0.5)
        yield Observation(
            f"{counted(evidence.rows, 'row')}, {rarer:,} of the rarer class: a test on a fifth of them measures a rate "
            f"of one half only to within {width:.2f}.",
            numbers={"rows": evidence.rows, "rarer": rarer, "half_width": width},
        )


CHECK = Check(
    title="Few rows",
    severity="warning",
    scope="table",
    explanation="Fewer than 200 rows, or fewer than 50 of a class: intervals will be so wide that models can hardly be "
    "distinguished. (Half width of a 95% interval for a rate of 50%: 1.96 * 0.5 / sqrt(n).)",
    advice="Collect more rows of the rarer class, and rely on intervals rather than scores.",
    function=observe,
)
