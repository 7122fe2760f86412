"""How rare the rarer class is."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found

RARE, VERY_RARE = 0.1, 0.01


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the table."""
    rarer = min(evidence.share, 1 - evidence.share)
    if rarer < RARE:
        label = evidence.label(evidence.share <= 0.5)  # noqa: PLR2004 (one half)
        yield Found(
            f"Only {rarer:.2%} of the rows have the label {label!r}: always giving the other answer has an accuracy of "
            f"{1 - rarer:.4f}.",
            severity="warning" if rarer < VERY_RARE else "note",
            numbers={"share": rarer, "label": label},
        )


CHECK = Check(
    title="Classes of very different size",
    severity="note",
    of="table",
    explanation="With one class rare, accuracy says little: never finding it scores high. A note below 10 %, a warning "
    "below 1 %.",
    advice="Judge by PR-AUC, recall at a false-positive rate and MCC, and choose the threshold with "
    "evaluate.threshold; search with --set train.tune.scoring=pr_auc.",
    function=look,
)
