"""How rare the rarer class is."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.words import counted, floored

RARE, VERY_RARE = 0.1, 0.01


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the table."""
    positives = int(evidence.positive.sum())
    rarer = min(positives, evidence.rows - positives)
    share = rarer / evidence.rows
    if share < RARE:
        label = evidence.label(positives == rarer)
        yield Found(
            f"Only {rarer:,} of {counted(evidence.rows)} have the label {label!r}: always giving the other answer has "
            f"an accuracy of {floored(1 - share)}.",
            severity="warning" if share < VERY_RARE else "note",
            numbers={"share": share, "rows": rarer, "label": label},
        )


CHECK = Check(
    title="Classes of very different size",
    severity="note",
    of="table",
    explanation="With one class rare, accuracy says little: never finding it scores high. A note below 10 % of the "
    "rows, a warning below 1 %.",
    advice="Judge by PR-AUC, recall at a false-positive rate and MCC, and choose the threshold with "
    "evaluate.threshold; search with --set train.tune.scoring=pr_auc.",
    function=look,
)
