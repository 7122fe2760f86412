"""Numbers stored as text or decimals with more digits than a number holds."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.wording import counted, plural


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column."""
    for column, counts in evidence.counts.items():
        if lost := counts.get("merged", 0):
            yield Observation(
                f"{column} is stored as text or decimals and read as numbers; {counted(lost, 'value')} "
                f"{plural(lost, 'has', 'have')} too many digits and {plural(lost, 'becomes', 'become')} equal to "
                f"another one.",
                column,
                numbers={"values": lost},
            )


CHECK = Check(
    title="Digits lost in reading",
    severity="warning",
    scope="table",
    explanation="Text and decimals are read as float64, which holds 15 to 17 digits. Values that differ only beyond "
    "that become equal, and so may whole rows.",
    advice="Round the numbers in the source, or store them with fewer digits.",
    function=observe,
    applies=lambda evidence: bool(evidence.numeric()),
)
