"""What is known when, in words and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phishcli.render.beside import TIERS, Beside
from phishcli.render.formats import interval, number, p_value, signed
from phishcli.wording import bounded, percent

if TYPE_CHECKING:
    from phishcli.documents.gap import Estimate
    from phishcli.documents.tiers import Tier, Tiers

HOW = (
    "Each tier is a model of its own, trained on what is known by then. Lost: accuracy over the folds relative to the "
    "last tier, paired."
)
SETTLED = (
    "Settled: test rows whose label by the model of all columns cannot change, whatever comes later; the bounds are "
    "sound but not always tight."
)
SCORES = ("accuracy", "recall", "fpr", "roc_auc")


def tiers_view(found: Tiers, confidence: float) -> Beside:
    """Show the tiers in their order."""
    return Beside(
        title=f"{found.model} at each tier, with what is known by then",
        source=TIERS,
        heads=("Tier", "Features", "Accuracy", "Recall", "FPR", "ROC-AUC", "lost (CV)", "Settled"),
        rows=[_row(each) for each in found.tiers],
        findings=[f"No verdict is known to be settled: {found.why}."] if found.why else [],
        explained=[
            *(f"{each.name} adds {bounded(each.adds, 20)}." for each in found.tiers),
            f"{HOW} {percent(confidence, 0)} intervals.",
            SETTLED,
        ],
    )


def _row(tier: Tier) -> tuple[str, ...]:
    scores = (_score(getattr(tier, name)) for name in SCORES)
    lost = f"{signed(-tier.lost.value)}\np {p_value(tier.p or 0.0)}" if tier.lost else "-"
    return tier.name, f"{tier.features:,}", *scores, lost, "-" if tier.settled is None else percent(tier.settled)


def _score(score: Estimate) -> str:
    return f"{number(score.value)}\n{interval(score)}"
