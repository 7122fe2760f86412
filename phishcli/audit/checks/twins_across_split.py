"""Test rows whose features a model has seen in training."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.wording import percent, plural

MANY, SOME = 0.2, 0.05
"""The shares of test rows with a twin in training, beyond chance, that make it an error, and a warning."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding for the split."""
    test = evidence.tested
    trained = np.zeros(int(evidence.twins.max()) + 1, dtype=bool)
    trained[evidence.twins[~test]] = True
    seen = trained[evidence.twins[test]]
    if seen.any():
        rows, share = int(seen.sum()), float(seen.mean())
        chance = evidence.twins_by_chance(int(np.count_nonzero(~test))) if share >= SOME else 0.0
        beyond = share - chance
        expected = f" (about {percent(chance)} would by chance, as columns hold few different values)"
        expected = expected if chance >= SOME else ""
        yield Observation(
            f"{rows:,} of {len(seen):,} test rows ({percent(share)}) {plural(rows, 'has', 'have')} a twin in the "
            f"training part, a row with equal features{expected}.",
            severity="error" if beyond >= MANY else "warning" if beyond >= SOME else "note",
            numbers={"rows": rows, "of": len(seen), "share": share, "by_chance": chance},
        )


CHECK = Check(
    title="Test rows that training has seen",
    severity="warning",
    scope="split",
    explanation="A test row that equals a training row in all features tests memory, not skill. A note below 5% of the "
    "test rows, a warning from 5%, an error from 20%. Columns with few different values produce such twins naturally: "
    "as many as chance would produce, if the columns were independent within each class, are not counted.",
    advice="Measure the effect with phish audit --gap; drop exact repeats with --set load.clean.drop_duplicates=true, "
    "or keep together what belongs together with --set preprocess.split.group=COLUMN.",
    function=observe,
    applies=lambda evidence: evidence.test is not None and bool(evidence.test.any()) and bool(evidence.columns()),
)
