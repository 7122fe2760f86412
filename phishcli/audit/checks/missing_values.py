"""The number of missing values of each column."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.wording import bounded, counted, percent

SHOWN = 10


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding for all columns together."""
    missing = {column.name: column.missing for column in evidence.schema.columns if column.missing}
    if missing:
        most = sorted(missing, key=lambda name: -missing[name])
        shown = [f"{name} {missing[name]:,} ({percent(missing[name] / evidence.rows)})" for name in most]
        yield Observation(
            f"Missing values in {counted(evidence.rows, 'row')}: {bounded(shown, SHOWN)}.", numbers={"missing": missing}
        )


CHECK = Check(
    title="Missing values",
    severity="note",
    scope="table",
    explanation="Missing values are replaced by the median of the training part, and each numeric column with at least "
    "1% of them gets an indicator that shows where they were.",
    advice="Make sure that values will be missing for the same reasons in production.",
    function=observe,
)
