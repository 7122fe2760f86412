"""Infinite values, which count as missing."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per column."""
    for column, counted in evidence.counts.items():
        if rows := counted.get("infinite", 0):
            yield Found(
                f"{column} holds {rows:,} infinite values; they count as missing.", column, numbers={"rows": rows}
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
