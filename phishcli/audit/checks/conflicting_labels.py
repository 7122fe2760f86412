"""Equal feature vectors with both labels, and the score that nobody can exceed because of them."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.words import counted, floored, verb
from phishcli.tables.twins import ceiling

LOW = 0.995
"""The ceiling below which it is a warning."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the table."""
    best = ceiling(evidence.twins, evidence.positive)
    if best.mixed:
        auc = "" if best.roc_auc is None else f", the best ROC-AUC {floored(best.roc_auc)}"
        yield Found(
            f"{counted(best.mixed, 'feature vector')} ({counted(best.mixed_rows)}) "
            f"{verb(best.mixed, 'carries', 'carry')} both labels: the best accuracy that any function of these "
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
    of="table",
    explanation="Rows that are equal in all features and differ in their label cannot both be judged rightly. The "
    "score ceiling is what remains: of each feature vector the rows of its more frequent label. A warning where it is "
    "below 0.995, else a note; a note also where columns hold so few different values that most twins are there by "
    "chance.",
    advice="Look at these rows (label_suspects.csv lists them): either labels are wrong, or the features lack what "
    "tells the classes apart.",
    function=look,
    applies=lambda evidence: bool(evidence.columns()),
)
