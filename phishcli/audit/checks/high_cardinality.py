"""Columns with very many categories, or with categories that hardly occur."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence

RARE = 5
"""With fewer rows, little can be learned about a category."""
MANY = 20
TOO_MANY = ("hardly repeat", "every value is different")
"""What the reasons for setting such a column aside contain."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column."""
    for column in evidence.categorical():
        rows = evidence.column(column).value_counts()
        rows = rows[rows > 0]
        rare = int((rows < RARE).sum())
        if len(rows) > MANY and 2 * rare > len(rows):
            yield Observation(
                f"{column} has {len(rows):,} categories, {rare:,} of them in fewer than {RARE} rows.",
                column,
                numbers={"categories": len(rows), "rare": rare},
            )
    for column, reason in evidence.schema.set_aside.items():
        if any(words in reason for words in TOO_MANY):
            yield Observation(
                f"{column} is set aside: {reason}.",
                column,
                advice="Derive features from it in the source.",
                numbers={"reason": reason},
            )


CHECK = Check(
    title="Many categories",
    severity="note",
    scope="table",
    explanation="A category that occurs in a handful of rows cannot be learned, only memorized. For columns with more "
    "values than load.max_categories, the share of positive rows per value is learned instead, if values repeat.",
    advice="Merge rare categories in the source, or leave the column out with --drop {column}.",
    function=observe,
)
