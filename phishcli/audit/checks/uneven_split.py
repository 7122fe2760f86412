"""Splits and folds that are not of the size asked for, or hold one class only."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence

OTHER_SHARE = (
    "Choose another share with --set preprocess.split.test_size=SHARE, or fewer folds with --set preprocess.folds=2."
)


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding for the test part, one for the sizes of the folds, one for folds of one class."""
    for part in evidence.uneven:
        yield Observation(
            part.sentence, part.column, advice=OTHER_SHARE if part.column is None else None, numbers=part.numbers
        )


CHECK = Check(
    title="The split is not what was asked for",
    severity="warning",
    scope="split",
    explanation="Rows of one group, or of one time, stay together, so one large group decides how many rows train and "
    "how many test. A warning where the test share is off by more than a quarter (of the share asked for, or of the "
    "rest if that is smaller), where a fold is smaller than half or larger than one and a half times an equal share, "
    "and where a fold holds out rows of one class only, so that some metrics are undefined there.",
    advice="Split by a column with more and smaller groups or times, or set test_size to what the rows allow: --set "
    "preprocess.split.test_size=SHARE.",
    function=observe,
    applies=lambda evidence: evidence.test is not None,
)
