"""Columns that hold (nearly) one value."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.measure import commonest
from phishcli.audit.words import counted

NEARLY = 0.999
SLACK = 0.99
"""How far below that a sample may be before a column is counted through."""
EMPTY = ("every row has the same", "it holds no value")
"""How reasons begin for which such a column was set aside."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for all columns together."""
    found: dict[str, int] = {}
    for column in evidence.columns():
        value, share = commonest(evidence.sample[column])
        if share >= NEARLY * SLACK:
            others = evidence.rows - int((evidence.features[column] == value).sum())
            if others <= (1 - NEARLY) * evidence.rows:
                found[column] = others
    aside = [name for name, reason in evidence.schema.set_aside.items() if reason.startswith(EMPTY)]
    if found or aside:
        told = [f"{name} (but for {counted(others)})" if others else name for name, others in found.items()]
        told += [f"{name} (set aside)" for name in aside]
        yield Found(
            f"One value or none in at least {NEARLY:.1%} of the rows: {', '.join(told)}.",
            numbers={"others": found, "set_aside": aside},
        )


CHECK = Check(
    title="Constant columns",
    severity="note",
    of="table",
    explanation="A column with one value says nothing; one with a few exceptions says something about a few rows only.",
    advice="Leave them out with --drop COLUMN if models are to be small.",
    function=look,
)
