"""Infinite values, which count as missing."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.wording import counted, plural


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column."""
    for column, counts in evidence.counts.items():
        if rows := counts.get("infinite", 0):
            yield Observation(
                f"{column} holds {counted(rows, 'infinite value')}; {plural(rows, 'it counts', 'they count')} as "
                f"missing.",
                column,
                numbers={"rows": rows},
            )


CHECK = Check(
    title="Infinite values",
    severity="warning",
    scope="table",
    explanation="An infinite value usually comes from a division by zero in the program that wrote the table. It "
    "counts as missing.",
    advice="Correct them in the source.",
    function=observe,
    applies=lambda evidence: bool(evidence.numeric()),
)
