"""Rows that repeat an earlier one."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found

MANY = 0.05
"""The share of repeats from which they are more than an oversight."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the table."""
    if evidence.repeats:
        cleaned = evidence.schema.clean["drop_duplicates"]
        share = evidence.repeats / (evidence.rows + (evidence.repeats if cleaned else 0))
        yield Found(
            f"{evidence.repeats:,} rows ({share:.1%}) repeat an earlier row in every column but row numbers; "
            f"{'they were left out' if cleaned else 'they are used'}.",
            severity="warning" if share >= MANY and not cleaned else "note",
            numbers={"rows": evidence.repeats, "share": share},
        )


CHECK = Check(
    title="Duplicate rows",
    severity="note",
    of="table",
    explanation="A row that occurs twice counts twice, and one copy may train while the other one tests. From 5 % of "
    "the rows on this is a warning.",
    advice="Leave the repeats out with --set load.clean.drop_duplicates=true.",
    function=look,
)
