"""Missing values that give the label away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import hypergeom

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.wording import percent, plural

BY_CHANCE = 0.001
"""It is no finding if random labels would be as one-sided in any column with a greater probability."""
PURE = 0.95
"""The share of one label among the rows without a value that gives it away."""
SOME = 0.01
"""The share of the rows that makes it a warning."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column."""
    positives = int(evidence.positive.sum())
    incomplete = _incomplete(evidence)
    for column in incomplete:
        absent = evidence.column(column).isna().to_numpy()
        rows, hits = int(absent.sum()), int(np.count_nonzero(absent & evidence.positive))
        towards = 2 * hits >= rows
        hits, of_label = (hits, positives) if towards else (rows - hits, evidence.rows - positives)
        share = of_label / evidence.rows
        informative = hits / rows >= PURE and hits / rows > share + (1 - share) / 2
        if informative and hypergeom.sf(hits - 1, evidence.rows, of_label, rows) * len(incomplete) < BY_CHANCE:
            label = evidence.label(towards)
            which = (
                "The only row" if rows == 1 else f"All {rows:,} rows" if hits == rows else f"{hits:,} of {rows:,} rows"
            )
            yield Observation(
                f"{which} without {column} {plural(rows, 'has', 'have')} the label {label!r}, against "
                f"{percent(share)} of all rows. This may come from how the data were collected.",
                column,
                severity="warning" if rows >= SOME * evidence.rows else "note",
                numbers={"rows": rows, "hits": hits, "label": label, "share": share},
            )


def _incomplete(evidence: Evidence) -> list[str]:
    return [column.name for column in evidence.schema.columns if column.missing and column.indicator_of is None]


CHECK = Check(
    title="Missing values reveal the label",
    severity="warning",
    scope="table",
    explanation="If the classes were collected in different ways, a value may be missing in one of them only. A model "
    "learns that, and its score says how well it recognizes the collection. Reported if at least 95% of the rows "
    "without a value have the same label and random labels would hardly do that (exact test, 0.001 over all columns); "
    "a warning from 1% of the rows, otherwise a note.",
    advice="Look at the scores on rows with the value, which the report shows separately; leave the column out with "
    "--drop {column} unless it will be missing for the same reason in use.",
    function=observe,
    applies=lambda evidence: bool(_incomplete(evidence)),
)
