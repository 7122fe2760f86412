"""Missing values that give the label away, and values that do so by being there."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.one_sided import OneSided, one_sided
from phishcli.wording import percent, plural

SOME = 0.01
"""The share of the rows that makes it a warning."""


WITHOUT, WITH = "without", "with a value of"


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column."""
    incomplete = _incomplete(evidence)
    for column in incomplete:
        absent = evidence.column(column).isna().to_numpy()
        tried = 2 * len(incomplete)
        if found := one_sided(absent, evidence.positive, tried):
            yield _observed(evidence, column, WITHOUT, found)
        elif found := one_sided(~absent, evidence.positive, tried):
            yield _observed(evidence, column, WITH, found)


def _observed(evidence: Evidence, column: str, which: str, found: OneSided) -> Observation:
    label = evidence.label(found.towards)
    return Observation(
        f"{found.which} {which} {column} {plural(found.rows, 'has', 'have')} the label {label!r}, against "
        f"{percent(found.share)} of all rows. This may come from how the data were collected.",
        column,
        severity="warning" if found.rows >= SOME * evidence.rows else "note",
        numbers={
            "rows": found.rows,
            "hits": found.hits,
            "label": label,
            "share": found.share,
            **({} if which == WITHOUT else {"present": True}),
        },
    )


def _incomplete(evidence: Evidence) -> list[str]:
    return [column.name for column in evidence.schema.columns if column.missing and column.indicator_of is None]


CHECK = Check(
    title="Missing values reveal the label",
    severity="warning",
    scope="table",
    explanation="If the classes were collected in different ways, a value may be missing, or present, in only one of "
    "them. A model learns that, and its score says how well it recognizes the collection. Reported if at least 95% of "
    "the rows without a value, or of those with one, have the same label and chance hardly explains that (exact test, "
    "0.001 over all columns); a warning from 1% of the rows, otherwise a note.",
    advice="Look at the scores on rows with and without the value, which the report shows separately; leave the column "
    "out with --drop {column} unless it will be missing for the same reason in production.",
    function=observe,
    applies=lambda evidence: bool(_incomplete(evidence)),
)
