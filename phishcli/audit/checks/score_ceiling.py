"""The best score that anything can reach on the test part."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.checks.conflicting_labels import LOW
from phishcli.audit.twins import ceiling


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the test part."""
    test = evidence.test
    assert test is not None  # noqa: S101 (checks of the split are given one)
    best = ceiling(evidence.twins[test], evidence.positive[test])
    if best.mixed:
        auc = "" if best.roc_auc is None else f", the ROC-AUC {best.roc_auc:.4f}"
        yield Found(
            f"On the test part the accuracy of any function of these features is at most {best.accuracy:.4f}{auc}: "
            f"{best.mixed:,} feature vectors carry both labels, and {best.lost:,} rows must be judged wrongly.",
            severity="warning" if best.accuracy < LOW else "note",
            numbers={"accuracy": best.accuracy, "roc_auc": best.roc_auc, "vectors": best.mixed, "lost": best.lost},
        )


CHECK = Check(
    title="Score ceiling of the test part",
    severity="warning",
    of="split",
    explanation="The same as for the whole table (conflicting-labels), on the rows that scores are measured on. A score "
    "above it is impossible. A warning where it is below 0.995, else a note.",
    advice="Measure a model by the distance to the ceiling, not to 1.",
    function=look,
)
