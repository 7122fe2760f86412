"""Columns that hold one value in (nearly) all rows."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.measure import most_frequent
from phishcli.wording import counted, percent

NEARLY = 0.999
SLACK = 0.99
"""How far below that a sample may be for all rows of a column to be counted."""
EMPTY = ("every row has the same", "it holds no value")
"""How reasons begin for which such a column was set aside."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding for all columns together."""
    exceptions: dict[str, int] = {}
    for column in evidence.columns():
        value, share = most_frequent(evidence.sample[column])
        if share >= NEARLY * SLACK:
            others = evidence.rows - int((evidence.column(column) == value).sum())
            if others <= (1 - NEARLY) * evidence.rows:
                exceptions[column] = others
    aside = [name for name, reason in evidence.schema.set_aside.items() if reason.startswith(EMPTY)]
    if exceptions or aside:
        shown = [f"{name} (except {counted(rows, 'row')})" if rows else name for name, rows in exceptions.items()]
        shown += [f"{name} (set aside)" for name in aside]
        yield Observation(
            f"One value or none in at least {percent(NEARLY)} of the rows: {', '.join(shown)}.",
            numbers={"others": exceptions, "set_aside": aside},
        )


CHECK = Check(
    title="Constant columns",
    severity="note",
    scope="table",
    explanation="A column with one value carries no information; one with a few exceptions says something "
    "about those rows only.",
    advice="Leave them out with --drop COLUMN to keep models small.",
    function=observe,
)
