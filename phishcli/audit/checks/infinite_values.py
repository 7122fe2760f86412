"""Infinite values, which count as missing."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.words import counted, verb


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per column."""
    for column, found in evidence.counts.items():
        if rows := found.get("infinite", 0):
            yield Found(
                f"{column} holds {counted(rows, 'infinite value')}; {verb(rows, 'it counts', 'they count')} as "
                f"missing.",
                column,
                numbers={"rows": rows},
            )


CHECK = Check(
    title="Infinite values",
    severity="warning",
    of="table",
    explanation="An infinite value is mostly a division by zero in whatever wrote the table. It counts as missing.",
    advice="Correct them in the source.",
    function=look,
    applies=lambda evidence: bool(evidence.numeric()),
)
