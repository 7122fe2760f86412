"""Columns that hold (nearly) one value."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.measure import commonest

NEARLY = 0.999


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for all columns together."""
    found: dict[str, int] = {}
    for column in evidence.schema.columns:
        values = evidence.features[column.name]
        value, share = commonest(values.iloc[evidence.sampled])
        if share >= NEARLY / 1.01:
            others = evidence.rows - int((values == value).sum())
            if others <= (1 - NEARLY) * evidence.rows:
                found[column.name] = others
    aside = [name for name, reason in evidence.schema.set_aside.items() if reason.startswith("every row has the same")]
    if found or aside:
        told = [f"{name} (but for {others:,} rows)" if others else name for name, others in found.items()]
        told += [f"{name} (set aside)" for name in aside]
        yield Found(
            f"Columns with one value in at least {NEARLY:.1%} of the rows: {', '.join(told)}.",
            numbers={"others": found, "set_aside": aside},
        )


CHECK = Check(
    title="Constant columns",
    severity="note",
    of="table",
    explanation="A column with one value says nothing; one with a few exceptions says something about a few rows only.",
    advice="Nothing, or leave them out with --drop COLUMN for smaller releases.",
    function=look,
)
