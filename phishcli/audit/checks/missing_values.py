"""How many values are missing, column by column."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.words import counted

SHOWN = 10


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for all columns together."""
    missing = {column.name: column.missing for column in evidence.schema.columns if column.missing}
    if missing:
        most = sorted(missing, key=lambda name: -missing[name])[:SHOWN]
        told = [f"{name} {missing[name]:,} ({missing[name] / evidence.rows:.1%})" for name in most]
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        yield Found(
            f"Missing values in {counted(evidence.rows)}: {', '.join(told)}{more}.", numbers={"missing": missing}
        )


CHECK = Check(
    title="Missing values",
    severity="note",
    of="table",
    explanation="Missing values are replaced by the median of the training part, and each numeric column with at least "
    "1 % of them gets an indicator that says where they were.",
    advice="Make sure that values will be missing for the same reasons in use.",
    function=look,
)
