"""Categories with very many values, or values that hardly occur."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found

RARE = 5
"""Rows below which little can be learnt about a category."""
MANY = 20


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
        if "load.max_categories" in reason or "every value is different" in reason:
            yield Found(f"{column} is set aside: {reason}.", column, advice="Nothing, or derive features from it.")


CHECK = Check(
    title="Many categories",
    severity="note",
    of="table",
    explanation="A category that occurs in a handful of rows cannot be learnt, only remembered. Columns with more "
    "values than load.max_categories are set aside.",
    advice="Merge rare categories in the source, or leave the column out with --drop {column}.",
    function=look,
)
