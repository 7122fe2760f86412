"""Whether the absence of a value gives the label away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import binom

from phishcli.audit.check import Check, Evidence, Found

BY_CHANCE = 0.001
"""It is no finding if labels drawn at random would be as one-sided with a greater probability."""
PURE = 0.95
"""The share of one label among the rows without a value from which the absence gives it away."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per column."""
    for column in evidence.schema.columns:
        if not column.missing or column.indicator_of:
            continue
        absent = evidence.features[column.name].isna().to_numpy()
        rows, positives = int(absent.sum()), int(np.count_nonzero(absent & evidence.positive))
        towards = 2 * positives >= rows
        hits, share = (positives, evidence.share) if towards else (rows - positives, 1 - evidence.share)
        telling = hits / rows >= PURE and hits / rows > share + (1 - share) / 2
        if telling and binom.sf(hits - 1, rows, share) < BY_CHANCE:
            label = evidence.label(towards)
            numbers = {"rows": rows, "hits": hits, "label": label, "share": share}
            every = f"All {rows:,}" if hits == rows else f"{hits:,} of the {rows:,}"
            yield Found(
                f"{every} rows without {column.name} have the label {label!r}; of all rows it is {share:.1%}. This may "
                "come from how the data were collected.",
                column.name,
                numbers=numbers,
            )


CHECK = Check(
    title="Missing values reveal the label",
    severity="warning",
    of="table",
    explanation="If one class was collected in another way than the other, a value may be missing in it alone. A model "
    "learns that, and its score says how well it recognises the collection. Fires where at least 95 % of the rows "
    "without a value have the same label, more than chance would explain (binomial test, 0.001).",
    advice="Look at the scores on rows with the value, which the report shows apart; leave the column out with "
    "--drop {column} unless it will be missing for the same reason in use.",
    function=look,
    applies=lambda evidence: any(column.missing for column in evidence.schema.columns),
)
