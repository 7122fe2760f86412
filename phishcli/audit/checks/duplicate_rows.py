"""Rows that repeat an earlier one."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.words import counted, verb

MANY = 0.05
"""The share of repeats, beyond chance, from which they are more than an oversight."""

TELL_NOTHING = ("it numbers the rows", "it repeats the target", "every row has the same", "it holds no value")
"""How reasons begin for which a column was set aside that tells no rows apart."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the table."""
    if not evidence.repeats:
        return
    cleaned = evidence.schema.clean["drop_duplicates"]
    share = evidence.repeats / (evidence.rows + (evidence.repeats if cleaned else 0))
    chance = _by_chance(evidence) if share >= MANY and not cleaned else 0.0
    done = verb(evidence.repeats, "it was", "they were") + (" left out" if cleaned else " kept")
    expected = f"; of columns so coarse about {chance:.1%} would" if chance >= MANY else ""
    yield Found(
        f"{counted(evidence.repeats)} ({share:.1%}) {verb(evidence.repeats, 'repeats', 'repeat')} an earlier row in "
        f"every column but row numbers; {done}{expected}.",
        severity="warning" if share - chance >= MANY and not cleaned else "note",
        advice="Nothing is left to do." if cleaned else None,
        numbers={"rows": evidence.repeats, "share": share, "by_chance": chance},
    )


def _by_chance(evidence: Evidence) -> float:
    """The share of rows that an earlier one equals by chance; on average half of the rows are earlier ones.

    None where further columns of the source, such as addresses, are equal, too.
    """
    further = [reason for reason in evidence.schema.set_aside.values() if not reason.startswith(TELL_NOTHING)]
    return 0.0 if further else evidence.twins_by_chance(evidence.rows // 2, of_a_class=True)


CHECK = Check(
    title="Duplicate rows",
    severity="note",
    of="table",
    explanation="A row that occurs twice counts twice, and one copy may train while the other one tests. A warning "
    "from 5 % of the rows on, those not counted that columns of few different values make equal by mere chance.",
    advice="Leave the repeats out with --set load.clean.drop_duplicates=true.",
    function=look,
)
