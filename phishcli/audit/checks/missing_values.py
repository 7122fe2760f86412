"""How many values are missing, column by column."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for all columns together."""
    missing = {column.name: column.missing for column in evidence.schema.columns if column.missing}
    if missing:
        counted = [f"{name} {count:,} ({count / evidence.rows:.1%})" for name, count in missing.items()]
        yield Found(f"Missing values in {evidence.rows:,} rows: {', '.join(counted)}.", numbers={"missing": missing})


CHECK = Check(
    title="Missing values",
    severity="note",
    of="table",
    explanation="Missing values are replaced by the median of the training part, and each numeric column with at least "
    "1 % of them gets an indicator that says where they were.",
    advice="Nothing, as long as values will be missing for the same reasons in use.",
    function=look,
)
