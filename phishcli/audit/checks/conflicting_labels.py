"""Equal feature vectors with both labels, and the score that nobody can exceed because of them."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.twins import ceiling

LOW = 0.995
"""The ceiling below which it is a warning."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the table."""
    best = ceiling(evidence.twins, evidence.positive)
    if best.mixed:
        auc = "" if best.roc_auc is None else f" and no ROC-AUC {best.roc_auc:.4f}"
        yield Found(
            f"{best.mixed:,} feature vectors carry both labels ({best.mixed_rows:,} rows): on this table no function of "
            f"these features can exceed an accuracy of {best.accuracy:.4f}{auc}.",
            severity="warning" if best.accuracy < LOW else "note",
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
    explanation="Rows that are equal in all features and differ in their label cannot both be judged rightly. The score "
    "ceiling is what remains: of each feature vector the rows of its more frequent label. A warning where it is below "
    "0.995, else a note.",
    advice="Look at these rows (label_suspects.csv lists them): either the labels are wrong, or the features do not "
    "hold what parts the two.",
    function=look,
)
