"""The best score that any model can reach on the test part."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.ceiling import ceiling
from phishcli.audit.check import Check, Observation
from phishcli.audit.checks.conflicting_labels import LOW
from phishcli.audit.evidence import Evidence
from phishcli.audit.words import floored
from phishcli.wording import counted, plural


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding for the test part."""
    test = evidence.tested
    best = ceiling(evidence.twins[test], evidence.positive[test])
    if best.mixed:
        auc = "" if best.roc_auc is None else f", the best ROC-AUC {floored(best.roc_auc)}"
        yield Observation(
            f"The best accuracy that any function of these features can reach on the test part is "
            f"{floored(best.accuracy)}{auc}: {counted(best.mixed, 'feature vector')} "
            f"{plural(best.mixed, 'carries', 'carry')} both labels, so that {counted(best.lost, 'row')} must be "
            "misclassified.",
            severity="warning" if best.accuracy < LOW and not evidence.coarse else "note",
            numbers={"accuracy": best.accuracy, "roc_auc": best.roc_auc, "vectors": best.mixed, "lost": best.lost},
        )


CHECK = Check(
    title="Score ceiling of the test part",
    severity="warning",
    scope="split",
    explanation="The same as conflicting-labels, for the rows that scores are measured on: a score above it is "
    "impossible. A warning if the accuracy is below 0.995, otherwise a note; also a note if columns hold so few "
    "different values that most twins arise by chance.",
    advice="Measure a model by its distance to the ceiling, not to 1.",
    function=observe,
    applies=lambda evidence: evidence.test is not None and bool(evidence.test.any()) and bool(evidence.columns()),
)
