"""The share of the rarer class."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.words import floored
from phishcli.wording import counted, plural

RARE, VERY_RARE = 0.1, 0.01


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding for the table."""
    positives = int(evidence.positive.sum())
    rarer = min(positives, evidence.rows - positives)
    share = rarer / evidence.rows
    if share < RARE:
        label = evidence.label(positives == rarer)
        yield Observation(
            f"Only {rarer:,} of {counted(evidence.rows, 'row')} {plural(rarer, 'has', 'have')} the label {label!r}: "
            f"always predicting the other class has an accuracy of {floored(1 - share)}.",
            severity="warning" if share < VERY_RARE else "note",
            numbers={"share": share, "rows": rarer, "label": label},
        )


CHECK = Check(
    title="Classes of very different size",
    severity="note",
    scope="table",
    explanation="When one class is rare, accuracy says little: a model that never finds it scores high. A note below "
    "10% of the rows, a warning below 1%.",
    advice="Compare models by PR-AUC, recall at a fixed false-positive rate and MCC, choose the threshold with "
    "evaluate.threshold, and tune with --set train.tune.scoring=pr_auc.",
    function=observe,
)
