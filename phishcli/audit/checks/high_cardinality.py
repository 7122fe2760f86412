"""Categories with very many values, or values that hardly occur."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found

RARE = 5
"""Rows below which little can be learnt about a category."""
MANY = 20
TOO_MANY = ("load.max_categories", "every value is different")
"""What the reasons say for which such a column was set aside."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per column."""
    for column in evidence.categorical():
        rows = evidence.features[column].value_counts()
        rows = rows[rows > 0]
        rare = int((rows < RARE).sum())
        if len(rows) > MANY and 2 * rare > len(rows):
            yield Found(
                f"{column} has {len(rows):,} categories, {rare:,} of them in fewer than {RARE} rows.",
                column,
                numbers={"categories": len(rows), "rare": rare},
            )
    for column, reason in evidence.schema.set_aside.items():
        if any(words in reason for words in TOO_MANY):
            yield Found(
                f"{column} is set aside: {reason}.",
                column,
                advice="Derive features from it in the source, if it holds any.",
                numbers={"reason": reason},
            )


CHECK = Check(
    title="Many categories",
    severity="note",
    of="table",
    explanation="A category that occurs in a handful of rows cannot be learnt, only remembered. Columns with more "
    "values than load.max_categories are set aside.",
    advice="Merge rare categories in the source, or leave the column out with --drop {column}.",
    function=look,
)
