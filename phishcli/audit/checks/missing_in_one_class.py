"""Whether the absence of a value gives the label away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import hypergeom

from phishcli.audit.check import Check, Evidence, Found

BY_CHANCE = 0.001
"""It is no finding if labels dealt at random would be as one-sided in any column with a greater probability."""
PURE = 0.95
"""The share of one label among the rows without a value from which the absence gives it away."""
SOME = 0.01
"""The share of the rows from which it is a warning."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per column."""
    positives = int(evidence.positive.sum())
    incomplete = _incomplete(evidence)
    for column in incomplete:
        absent = evidence.features[column].isna().to_numpy()
        rows, hits = int(absent.sum()), int(np.count_nonzero(absent & evidence.positive))
        towards = 2 * hits >= rows
        hits, of_label = (hits, positives) if towards else (rows - hits, evidence.rows - positives)
        share = of_label / evidence.rows
        telling = hits / rows >= PURE and hits / rows > share + (1 - share) / 2
        if telling and hypergeom.sf(hits - 1, evidence.rows, of_label, rows) * len(incomplete) < BY_CHANCE:
            label = evidence.label(towards)
            which = (
                "The only row" if rows == 1 else f"All {rows:,} rows" if hits == rows else f"{hits:,} of {rows:,} rows"
            )
            yield Found(
                f"{which} without {column} {'has' if rows == 1 else 'have'} the label {label!r}; of all rows it is "
                f"{share:.1%}. This may come from how the data were collected.",
                column,
                severity="warning" if rows >= SOME * evidence.rows else "note",
                numbers={"rows": rows, "hits": hits, "label": label, "share": share},
            )


def _incomplete(evidence: Evidence) -> list[str]:
    return [column.name for column in evidence.schema.columns if column.missing and column.indicator_of is None]


CHECK = Check(
    title="Missing values reveal the label",
    severity="warning",
    of="table",
    explanation="If one class was collected in another way than the other, a value may be missing in it alone. A model "
    "learns that, and its score says how well it recognises the collection. Fires where at least 95 % of the rows "
    "without a value have the same label, and labels dealt at random would hardly do that (exact test, 0.001 over all "
    "columns); a warning from 1 % of the rows on, else a note.",
    advice="Look at the scores on rows with the value, which the report shows apart; leave the column out with "
    "--drop {column} unless it will be missing for the same reason in use.",
    function=look,
    applies=lambda evidence: bool(_incomplete(evidence)),
)
