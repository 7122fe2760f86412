"""Test rows whose features a model has seen in training."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.words import verb

MANY, SOME = 0.2, 0.05
"""The share of test rows with a twin in training, beyond chance, from which it is an error, and a warning."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the split."""
    test = evidence.test
    assert test is not None  # noqa: S101 (checks of the split are given one)
    trained = np.zeros(int(evidence.twins.max()) + 1, dtype=bool)
    trained[evidence.twins[~test]] = True
    seen = trained[evidence.twins[test]]
    if seen.any():
        rows, share = int(seen.sum()), float(seen.mean())
        chance = evidence.twins_by_chance(int(np.count_nonzero(~test))) if share >= SOME else 0.0
        beyond = share - chance
        yield Found(
            f"{rows:,} of {len(seen):,} test rows ({share:.1%}) {verb(rows, 'has', 'have')} a twin in the training "
            f"part: all features are "
            f"equal{f'; of columns so coarse about {chance:.1%} would' if chance >= SOME else ''}.",
            severity="error" if beyond >= MANY else "warning" if beyond >= SOME else "note",
            numbers={"rows": rows, "of": len(seen), "share": share, "by_chance": chance},
        )


CHECK = Check(
    title="Test rows that training has seen",
    severity="warning",
    of="split",
    explanation="A test row that equals a training row in all features tests memory, not judgement. A note below 5 % "
    "of the test rows, a warning from there, an error from 20 % on. Columns of few different values make such "
    "twins without any fault: as many as chance would bring about, were the columns independent in each "
    "class, do not count.",
    advice="See what it is worth with phish audit --gap; leave exact repeats out with "
    "--set load.clean.drop_duplicates=true, or split by what belongs together with "
    "--set preprocess.split.group=COLUMN.",
    function=look,
    applies=lambda evidence: evidence.test is not None and bool(evidence.test.any()) and bool(evidence.columns()),
)
