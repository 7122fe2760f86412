"""What monotone constraints gain and cost: a model with them against the same one without, over the same folds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from phishcli.documents.evasion import Defense, PairedScore
from phishcli.evaluation.significance import corrected_t

if TYPE_CHECKING:
    from phishcli.documents.evasion import Evasion
    from phishcli.documents.metrics import Metrics

Scored = tuple["Evasion", "Metrics"]


def defenses(without: Mapping[str, Scored], constrained: Mapping[str, Scored], confidence: float) -> list[Defense]:
    """Compare the models that there are both with and without constraints.

    Parameters
    ----------
    without, constrained
        Each model under attack, with its scores.
    confidence
        Level of the intervals.
    """
    return [_defense(without[name], constrained[name], confidence) for name in constrained if name in without]


def _defense(without: Scored, constrained: Scored, confidence: float) -> Defense:
    (before, scores), (after, others) = without, constrained
    return Defense(
        model=after.model,
        before=before.curve[0],
        after=after.curve[0],
        attacked_before=before.any_budget.recall,
        attacked_after=after.any_budget.recall,
        certified_after=after.any_budget.certified,
        accuracy=_paired(scores, others, "accuracy", confidence),
        roc_auc=_paired(scores, others, "roc_auc", confidence),
    )


def _paired(without: Metrics, constrained: Metrics, metric: str, confidence: float) -> PairedScore:
    first, second = (np.asarray(each.cv[metric].folds, dtype=np.float64) for each in (constrained, without))
    differences = first - second
    found = corrected_t(differences, n_train=len(differences) - 1, n_test=1, confidence=confidence)
    return PairedScore(value=found.value, low=found.low, high=found.high, p=found.p)
