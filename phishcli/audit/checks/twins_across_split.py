"""Test rows whose features a model has seen in training."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from phishcli.audit.check import Check, Evidence, Found

MANY, SOME = 0.2, 0.05
"""The share of test rows with a twin in training from which it is an error, and a warning."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the split."""
    test = evidence.test
    assert test is not None  # noqa: S101 (checks of the split are given one)
    seen = np.isin(evidence.twins[test], evidence.twins[~test])
    if seen.any():
        share = float(seen.mean())
        yield Found(
            f"{int(seen.sum()):,} of {len(seen):,} test rows ({share:.1%}) have a twin in the training part: all "
            "features are equal.",
            severity="error" if share >= MANY else "warning" if share >= SOME else "note",
            numbers={"rows": int(seen.sum()), "of": len(seen), "share": share},
        )


CHECK = Check(
    title="Test rows that training has seen",
    severity="warning",
    of="split",
    explanation="A test row that equals a training row in all features tests memory, not judgement. A note up to 5 % "
    "of the test rows, a warning from there, an error from 20 % on. Tables of few, coarse columns have such twins "
    "without any fault; scores then say how often sites of that kind come back.",
    advice="phish audit --gap shows what it is worth; leave exact repeats out with --set load.clean.drop_duplicates=true, "
    "or split by what belongs together with --set preprocess.split.group=COLUMN.",
    function=look,
)
