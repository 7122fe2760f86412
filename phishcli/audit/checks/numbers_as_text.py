"""Columns stored as text that hold numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from phishcli.audit.check import Check, Evidence, Found

TEXTS = ("string", "large_string", "string_view")
MOSTLY = 0.9


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per column."""
    for column in evidence.schema.columns:
        if column.dtype not in TEXTS:
            continue
        if column.role == "numeric":
            yield Found(
                f"{column.name} is stored as text but holds numbers only, and is read as numbers.",
                column.name,
                severity="note",
                advice="Nothing, or store it as a number.",
            )
            continue
        rows = evidence.features[column.name].value_counts()
        rows = rows[rows > 0]
        strange = pd.to_numeric(pd.Series(rows.index.astype(str)), errors="coerce").isna().to_numpy()
        share = float(rows[~strange].sum() / max(rows.sum(), 1))
        if share >= MOSTLY and (~strange).sum() > 2:  # noqa: PLR2004 (more than a yes and a no)
            examples = ", ".join(map(repr, rows.index[strange][:3]))
            yield Found(
                f"{column.name} holds numbers in {share:.1%} of its rows and is used as categories because of {examples}.",
                column.name,
                numbers={"share": share},
            )
    for column_name, reason in evidence.schema.set_aside.items():
        if reason.startswith("it holds numbers written like"):
            yield Found(f"{column_name} is set aside: {reason}.", column_name)


CHECK = Check(
    title="Numbers stored as text",
    severity="warning",
    of="table",
    explanation="A column of numbers that is stored as text is read as numbers when every value is one. If a few are "
    "not ('unknown', '1.649,39'), all of them become categories or are set aside, and their order is lost.",
    advice="Leave what is not a number empty in the source.",
    function=look,
)
