"""Rules that choose the threshold of a model on out-of-fold scores of the training part, never on the test part."""

from __future__ import annotations

from math import ceil, log
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.stats import beta

from phishcli.config.schema import CostRatio, MaxFpr
from phishcli.documents.metrics import ThresholdRule
from phishcli.errors import EvaluateError
from phishcli.evaluation.counts import ScoreCounts, ScoredRows
from phishcli.wording import counted, exact, percent

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

DECIMALS = 12
"""Gains that agree to this many decimals are equal; the rest is rounding noise."""

Rule = float | Literal["max_f1", "youden"] | MaxFpr | CostRatio
"""What ``evaluate.threshold`` may be."""


def choose(rule: Rule, rows: ScoredRows) -> ThresholdRule:
    """Choose a threshold: a row is positive if its probability is at least that.

    Parameters
    ----------
    rule
        A number is used as it is. ``max_f1``: the highest F1. ``youden``: the highest recall minus FPR (Youden 1950,
        Cancer 3, 32-35). `CostRatio`: the lowest expected cost where a missed positive costs ``cost_ratio`` times as
        much as a false alarm and a share ``base_rate`` of the rows is positive (None: as in ``rows``). `MaxFpr`: the
        lowest threshold whose upper Clopper-Pearson bound of the FPR (one-sided, at level ``confidence``) is at most
        ``max_fpr``. Since the FPR falls as the threshold rises, the chosen one exceeds the limit only if the bound
        fails at the one threshold where the FPR equals the limit: in at most 1 - confidence of all training sets.
    rows
        Classes and out-of-fold probabilities. Ties go to the higher threshold.

    Raises
    ------
    EvaluateError
        When there are too few negative rows to certify the FPR.
    """
    if isinstance(rule, int | float):
        return ThresholdRule(threshold=float(rule), rule=exact(rule), why="as given")
    counts = rows.by_score
    if isinstance(rule, MaxFpr):
        return _certified(rule, counts)
    if isinstance(rule, CostRatio):
        return _cheapest(rule, counts)
    if rule == "max_f1":
        return _best(2 * counts.tp / (counts.n_positive + counts.tp + counts.fp), counts, "max_f1", "highest F1")
    return _best(_recall(counts) - _fpr(counts), counts, "youden", "highest recall minus FPR")


def upper_bound(events: ArrayLike, trials: int, confidence: float) -> NDArray[np.float64]:
    """One-sided upper bounds of rates, same shape as ``events`` (Clopper and Pearson 1934, Biometrika 26, 404-413)."""
    seen = np.asarray(events, dtype=np.float64)
    bound: NDArray[np.float64] = np.where(
        seen >= trials, 1.0, beta.ppf(confidence, seen + 1, np.maximum(trials - seen, 1))
    )
    return bound


def negatives_needed(max_fpr: float, confidence: float) -> int:
    """The number of negative rows that certifies an FPR if none raises a false alarm; about 3 / FPR at 95%."""
    return ceil(log(1 - confidence) / log(1 - max_fpr))


def certify(rule: MaxFpr, n_negative: int) -> None:
    """Raise an `EvaluateError` when there are too few negative training rows to certify an FPR."""
    needed = negatives_needed(rule.max_fpr, rule.confidence)
    if n_negative < needed:
        raise EvaluateError(
            f"A false-positive rate of {exact(rule.max_fpr)} cannot be certified with {n_negative:,} negative training "
            "rows.",
            where="evaluate.threshold.max_fpr",
            hint=f"It takes {needed:,} at a confidence of {rule.confidence:g}; raise max_fpr, or add rows.",
        )


def _certified(rule: MaxFpr, counts: ScoreCounts) -> ThresholdRule:
    n_negative = int(counts.n_negative)
    certify(rule, n_negative)
    bounds = upper_bound(counts.fp, n_negative, rule.confidence)
    allowed = int(np.count_nonzero(bounds <= rule.max_fpr))
    threshold = counts.scores[allowed - 1] if allowed else _above(counts)
    false_alarms = int(counts.fp[allowed - 1]) if allowed else 0
    seen, level = counted(false_alarms, "false alarm"), percent(rule.confidence, 0)
    why = f"{seen} in {n_negative:,}: FPR at most {exact(rule.max_fpr)} with {level} confidence"
    return ThresholdRule(threshold=float(threshold), rule=f"max_fpr={exact(rule.max_fpr)}", why=why)


def _cheapest(rule: CostRatio, counts: ScoreCounts) -> ThresholdRule:
    ratio = rule.cost_ratio
    base_rate = (
        counts.n_positive / (counts.n_positive + counts.n_negative) if rule.base_rate is None else rule.base_rate
    )
    cost = base_rate * (1 - _recall(counts)) * ratio + (1 - base_rate) * _fpr(counts)
    why = f"lowest cost if a miss costs {exact(ratio)} false alarms and {percent(base_rate, 3)} of rows are positive"
    return _best(-cost, counts, f"cost_ratio={exact(ratio)}", why, without=-base_rate * ratio)


def _best(
    gain: NDArray[np.float64], counts: ScoreCounts, rule: str, why: str, without: float = -np.inf
) -> ThresholdRule:
    """The highest threshold with the highest gain; ``without`` is the gain of flagging no row at all."""
    best = int(np.argmax(gain.round(DECIMALS)))
    threshold = counts.scores[best] if gain[best] > without else _above(counts)
    return ThresholdRule(threshold=float(threshold), rule=rule, why=why)


def _above(counts: ScoreCounts) -> float:
    """A threshold that no row reaches."""
    return float(np.nextafter(counts.scores[0], 2))


def _recall(counts: ScoreCounts) -> NDArray[np.float64]:
    recall: NDArray[np.float64] = counts.tp / max(counts.n_positive, 1)
    return recall


def _fpr(counts: ScoreCounts) -> NDArray[np.float64]:
    fpr: NDArray[np.float64] = counts.fp / max(counts.n_negative, 1)
    return fpr
