"""The best score that anything can reach on the test part."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.checks.conflicting_labels import LOW
from phishcli.audit.words import counted, floored, verb
from phishcli.tables.twins import ceiling


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the test part."""
    test = evidence.test
    assert test is not None  # noqa: S101 (checks of the split are given one)
    best = ceiling(evidence.twins[test], evidence.positive[test])
    if best.mixed:
        auc = "" if best.roc_auc is None else f", the best ROC-AUC {floored(best.roc_auc)}"
        yield Found(
            f"The best accuracy that any function of these features can reach on the test part is "
            f"{floored(best.accuracy)}{auc}: {counted(best.mixed, 'feature vector')} "
            f"{verb(best.mixed, 'carries', 'carry')} both labels, so that {counted(best.lost)} must be judged wrongly.",
            severity="warning" if best.accuracy < LOW and not evidence.coarse else "note",
            numbers={"accuracy": best.accuracy, "roc_auc": best.roc_auc, "vectors": best.mixed, "lost": best.lost},
        )


CHECK = Check(
    title="Score ceiling of the test part",
    severity="warning",
    of="split",
    explanation="The same as for the whole table (conflicting-labels), on the rows that scores are measured on: a "
    "score above it is impossible. A warning where the accuracy is below 0.995, else a note; a note also where columns "
    "hold so few different values that most twins are there by chance.",
    advice="Measure a model by the distance to the ceiling, not to 1.",
    function=look,
    applies=lambda evidence: evidence.test is not None and bool(evidence.test.any()) and bool(evidence.columns()),
)
