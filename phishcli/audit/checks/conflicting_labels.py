"""Equal feature vectors with both labels, and the score that no model can exceed because of them."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.ceiling import ceiling
from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.words import floored
from phishcli.wording import counted, plural

LOW = 0.995
"""Below this ceiling it is a warning."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding for the table."""
    best = ceiling(evidence.twins, evidence.positive)
    if best.mixed:
        auc = "" if best.roc_auc is None else f", the best ROC-AUC {floored(best.roc_auc)}"
        yield Observation(
            f"{counted(best.mixed, 'feature vector')} ({counted(best.mixed_rows, 'row')}) "
            f"{plural(best.mixed, 'carries', 'carry')} both labels: the best accuracy that any function of these "
            f"features can reach on this table is {floored(best.accuracy)}{auc}.",
            severity="warning" if best.accuracy < LOW and not evidence.coarse else "note",
            numbers={
                "vectors": best.mixed,
                "rows": best.mixed_rows,
                "lost": best.lost,
                "accuracy": best.accuracy,
                "roc_auc": best.roc_auc,
            },
        )


CHECK = Check(
    title="Conflicting labels",
    severity="warning",
    scope="table",
    explanation="Rows with equal features and different labels cannot all be classified correctly. The score ceiling "
    "is the best accuracy that remains: from each feature vector, the rows with its more frequent label. A warning if "
    "it is below 0.995, otherwise a note; also a note if columns hold so few different values that most twins arise by "
    "chance.",
    advice="Look at these rows (label_suspects.csv lists them): either labels are wrong, or the features lack what "
    "distinguishes the classes.",
    function=observe,
    applies=lambda evidence: bool(evidence.columns()),
)
