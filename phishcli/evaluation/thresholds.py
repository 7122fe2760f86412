"""Rules that choose the threshold of a model on out-of-fold scores of the training part, never on the test part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.stats import beta

from phishcli.errors import EvaluateError
from phishcli.evaluation.counts import Ladder, checked, ladder

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

DECIMALS = 12
"""Gains that agree so far are equal; what differs behind is rounding noise."""

Rule = float | Literal["max_f1", "youden"] | Mapping[str, float | None]
"""What may stand under ``evaluate.threshold``."""


@dataclass(frozen=True)
class Chosen:
    """A threshold, the name of the rule that chose it, and why in a few words."""

    value: float
    rule: str
    why: str

    def to_json(self) -> dict[str, Any]:
        """Plain values: ``threshold``, ``rule``, ``why``."""
        return {"threshold": self.value, "rule": self.rule, "why": self.why}


def choose(rule: Rule, y: ArrayLike, proba: ArrayLike) -> Chosen:
    """Choose a threshold: a row is positive from this probability on.

    Parameters
    ----------
    rule
        A number is taken as it is. ``max_f1``: the greatest F1. ``youden``: the greatest recall minus FPR (Youden
        1950, Cancer 3, 32-35). ``{"cost_ratio": r, "base_rate": b}``: the least expected cost where a missed positive
        costs ``r`` times a false alarm and a share ``b`` of the rows is positive (None: as in ``y``).
        ``{"max_fpr": f, "confidence": c}``: the smallest threshold whose upper Clopper-Pearson bound of the FPR (one
        sided, at level c) is at most ``f``. Since the FPR falls with the threshold, the chosen one exceeds the budget
        only if the bound fails at the one threshold where the FPR is ``f``: in at most 1 - c of all training sets.
    y, proba
        Shape (n,): 1 = positive class, and its out-of-fold probability. Ties go to the higher threshold.

    Raises
    ------
    EvaluateError
        When so few negative rows cannot certify the FPR that is asked for, or a probability is none.
    """
    if isinstance(rule, int | float):
        return Chosen(float(rule), f"{rule:g}", "as given")
    positive, scores = checked(y, proba)
    counts, distinct = ladder(positive, scores), np.unique(scores)[::-1]
    if rule == "max_f1":
        gain = 2 * counts.found / (counts.n_positive + counts.found + counts.false_alarms)
        return _best(gain, distinct, "max_f1", "greatest F1")
    if rule == "youden":
        return _best(_recall(counts) - _fpr(counts), distinct, "youden", "greatest recall minus FPR")
    if "max_fpr" in rule:
        return _within_budget(float(rule["max_fpr"] or 0), float(rule["confidence"] or 0), counts, distinct)
    ratio, base = float(rule["cost_ratio"] or 0), rule.get("base_rate")
    share = float(base) if base is not None else counts.n_positive / len(scores)
    cost = share * (1 - _recall(counts)) * ratio + (1 - share) * _fpr(counts)
    why = f"least cost where a miss costs {ratio:g} false alarms and {share:.3%} of the rows are positive"
    return _best(-cost, distinct, f"cost_ratio={ratio:g}", why, nothing=-share * ratio)


def upper_bound(events: ArrayLike, trials: int, confidence: float) -> NDArray[np.float64]:
    """One-sided upper bounds of rates, as many as ``events`` (Clopper and Pearson 1934, Biometrika 26, 404-413)."""
    seen = np.asarray(events, dtype=np.float64)
    bound: NDArray[np.float64] = np.where(
        seen >= trials, 1.0, beta.ppf(confidence, seen + 1, np.maximum(trials - seen, 1))
    )
    return bound


def negatives_needed(max_fpr: float, confidence: float) -> int:
    """The negative rows it takes to certify an FPR if none of them raises an alarm; about 3 / FPR at 95 %."""
    return ceil(log(1 - confidence) / log(1 - max_fpr))


def certify(max_fpr: float, confidence: float, n_negative: int) -> None:
    """Raise an `EvaluateError` where so few negative training rows cannot show that an FPR is kept."""
    needed = negatives_needed(max_fpr, confidence)
    if n_negative < needed:
        raise EvaluateError(
            f"A false-positive rate of {max_fpr:g} cannot be certified with {n_negative:,} negative training rows.",
            where="evaluate.threshold.max_fpr",
            hint=f"It takes {needed:,} at a confidence of {confidence:g}; allow more false alarms, or add rows.",
        )


def _within_budget(max_fpr: float, confidence: float, counts: Ladder, distinct: NDArray[np.float64]) -> Chosen:
    n_negative = int(counts.n_negative)
    certify(max_fpr, confidence, n_negative)
    bounds = upper_bound(counts.false_alarms, n_negative, confidence)
    allowed = int(np.count_nonzero(bounds <= max_fpr))
    value = distinct[allowed - 1] if allowed else float(np.nextafter(distinct[0], 2))
    seen = int(counts.false_alarms[allowed - 1]) if allowed else 0
    why = f"{seen:,} false alarms in {n_negative:,}: FPR at most {max_fpr:g} with {confidence:.0%} confidence"
    return Chosen(float(value), f"max_fpr={max_fpr:g}", why)


def _best(
    gain: NDArray[np.float64], distinct: NDArray[np.float64], rule: str, why: str, nothing: float = -np.inf
) -> Chosen:
    """The highest threshold of the greatest gain; ``nothing`` is the gain of flagging no row at all."""
    step = int(np.argmax(gain.round(DECIMALS)))
    value = distinct[step] if gain[step] > nothing else np.nextafter(distinct[0], 2)
    return Chosen(float(value), rule, why)


def _recall(counts: Ladder) -> NDArray[np.float64]:
    recall: NDArray[np.float64] = counts.found / max(counts.n_positive, 1)
    return recall


def _fpr(counts: Ladder) -> NDArray[np.float64]:
    fpr: NDArray[np.float64] = counts.false_alarms / max(counts.n_negative, 1)
    return fpr
