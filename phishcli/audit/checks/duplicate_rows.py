"""Rows that repeat an earlier one."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.wording import counted, percent, plural

MANY = 0.05
"""The share of repeats, beyond chance, from which they are more than an oversight."""

UNINFORMATIVE = ("it numbers the rows", "it repeats the target", "every row has the same", "it holds no value")
"""How reasons begin for setting aside a column that distinguishes no rows."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding for the table."""
    if not evidence.repeats:
        return
    cleaned = evidence.schema.clean.drop_duplicates
    share = evidence.repeats / (evidence.rows + (evidence.repeats if cleaned else 0))
    chance = _by_chance(evidence) if share >= MANY and not cleaned else 0.0
    done = plural(evidence.repeats, "it was", "they were") + (" dropped" if cleaned else " kept")
    expected = (
        f" (about {percent(chance)} would by chance, as columns hold few different values)" if chance >= MANY else ""
    )
    yield Observation(
        f"{counted(evidence.repeats, 'row')} ({percent(share)}) {plural(evidence.repeats, 'repeats', 'repeat')} an "
        f"earlier row in every column but row numbers{expected}; {done}.",
        severity="warning" if share - chance >= MANY and not cleaned else "note",
        advice="Nothing to do." if cleaned else None,
        numbers={"rows": evidence.repeats, "share": share, "by_chance": chance},
    )


def _by_chance(evidence: Evidence) -> float:
    """The share of rows that equal an earlier one by chance; on average half of the rows are earlier ones.

    Zero if the source has further columns, such as addresses, that are equal, too.
    """
    further = [reason for reason in evidence.schema.set_aside.values() if not reason.startswith(UNINFORMATIVE)]
    return 0.0 if further else evidence.twins_by_chance(evidence.rows // 2, same_class=True)


CHECK = Check(
    title="Duplicate rows",
    severity="note",
    scope="table",
    explanation="A row that occurs twice counts twice, and one copy may be in training and the other one in the test. "
    "A warning from 5% of the rows, not counting those that are equal by chance because columns hold few different "
    "values.",
    advice="Drop the repeats with --set load.clean.drop_duplicates=true.",
    function=observe,
)
