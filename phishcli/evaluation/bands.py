"""The thresholds between allow, review and block, chosen on out-of-fold scores of the training part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import beta

from phishcli.config.schema import MaxFpr, MinRecall
from phishcli.documents.metrics import ThresholdRule
from phishcli.documents.operation import Operation, Quantity
from phishcli.documents.verdicts import Band, Bands
from phishcli.errors import EvaluateError
from phishcli.evaluation.operation import DRAWS, quantities
from phishcli.evaluation.thresholds import choose, negatives_needed
from phishcli.wording import counted, exact, percent

if TYPE_CHECKING:
    from phishcli.config.schema import VerdictsConfig
    from phishcli.evaluation.counts import ScoreCounts, ScoredRows

RARE = MaxFpr(max_fpr=0.01)
"""The rule for blocking by default."""
SEED = 42
CONFIDENCE = 0.95


def choose_bands(settings: VerdictsConfig, label: ThresholdRule, rows: ScoredRows, operation: Operation) -> Bands:
    """Choose both thresholds.

    Parameters
    ----------
    settings
        The section ``verdicts``.
    label
        The threshold of the model's label, which ``threshold`` stands for.
    rows
        Classes and out-of-fold probabilities of the training part.
    operation
        Base rate and volume, for precision, rows a day and the review capacity.

    Raises
    ------
    EvaluateError
        When there are too few rows to certify a rule.
    """
    block = _chosen(settings.block, label, rows)
    if settings.review_capacity is None:
        review = _chosen(settings.review, label, rows)
    else:
        review = _affordable(settings.review_capacity, block, rows.by_score, operation)
    return _bands(block, review, rows, operation, settings.max_strange)


def affordable_bands(bands: Bands, capacity: float, rows: ScoredRows, volume: float | None = None) -> Bands:
    """Choose the review threshold again, by how many reviews per day people have time for.

    Parameters
    ----------
    bands
        Those of a release; block, base rate and everything else stay.
    capacity
        Reviews a day.
    rows
        Classes and out-of-fold probabilities of the training part.
    volume
        Rows a day; by default that of ``bands``.
    """
    operation = Operation(base_rate=bands.base_rate, volume=volume or bands.volume, analyst_minutes=0)
    review = _affordable(capacity, bands.block, rows.by_score, operation)
    return _bands(bands.block, review, rows, operation, bands.max_strange)


def _bands(
    block: ThresholdRule | None,
    review: ThresholdRule | None,
    rows: ScoredRows,
    operation: Operation,
    max_strange: float,
) -> Bands:
    if block and review and block.threshold < review.threshold:
        block = ThresholdRule(
            threshold=review.threshold, rule=block.rule, why=f"{block.why}; raised to the review threshold"
        )
    return Bands(
        block=_band(block, rows, operation),
        review=_band(review, rows, operation),
        reviews=_reviews(review, block, rows, operation),
        volume=operation.volume,
        base_rate=operation.base_rate,
        max_strange=max_strange,
    )


def _chosen(rule: Any, label: ThresholdRule, rows: ScoredRows) -> ThresholdRule | None:
    if rule == "never":
        return None
    if rule == "threshold":
        return label
    if isinstance(rule, MinRecall):
        return _certified_recall(rule, rows.by_score)
    if rule == "auto":
        enough = rows.by_score.n_negative >= negatives_needed(RARE.max_fpr, RARE.confidence)
        return choose(RARE, rows) if enough else None
    return choose(rule, rows)


def _certified_recall(rule: MinRecall, counts: ScoreCounts) -> ThresholdRule:
    """The highest threshold whose recall is certified, by its one-sided Clopper-Pearson bound."""
    n = int(counts.n_positive)
    bounds = np.where(counts.tp > 0, beta.ppf(1 - rule.confidence, np.maximum(counts.tp, 1), n - counts.tp + 1), 0.0)
    enough = np.flatnonzero(bounds >= rule.min_recall)
    if not len(enough):
        raise EvaluateError(
            f"A recall of {exact(rule.min_recall)} cannot be certified with {counted(n, 'positive training row')}.",
            where="verdicts.review.min_recall",
            hint="Lower it, or add rows.",
        )
    place = int(enough[0])
    why = (
        f"{int(counts.tp[place]):,} of {n:,} found: recall at least {exact(rule.min_recall)} with "
        f"{percent(rule.confidence, 0)} confidence"
    )
    return ThresholdRule(threshold=float(counts.scores[place]), rule=f"min_recall={exact(rule.min_recall)}", why=why)


def _affordable(
    capacity: float, block: ThresholdRule | None, counts: ScoreCounts, operation: Operation
) -> ThresholdRule | None:
    """The lowest threshold from which there are no more reviews a day than people have time for."""
    daily = _daily(counts.tp / max(counts.n_positive, 1), counts.fp / max(counts.n_negative, 1), operation)
    blocked = counts.scores >= block.threshold if block else np.zeros(len(counts.scores), dtype=bool)
    first = daily[blocked][-1] if blocked.any() else 0.0
    fit = np.flatnonzero(~blocked & (daily - first <= capacity))
    if not len(fit):
        return block
    why = f"at most {capacity:,.6g} reviews per day of {operation.volume:,.0f} rows"
    return ThresholdRule(
        threshold=float(counts.scores[fit[-1]]), rule=f"review_capacity={exact(capacity)}/day", why=why
    )


def _daily(recall: Any, fpr: Any, operation: Operation) -> Any:
    return operation.volume * (operation.base_rate * recall + (1 - operation.base_rate) * fpr)


def _band(rule: ThresholdRule | None, rows: ScoredRows, operation: Operation) -> Band | None:
    if rule is None:
        return None
    confusion = rows.at(rule.threshold).confusion.matrix()
    expected = quantities(confusion, operation)
    return Band(
        threshold=rule.threshold,
        rule=rule.rule,
        why=rule.why,
        confusion=confusion,
        recall=_rate(confusion.tp, confusion.positives),
        fpr=_rate(confusion.fp, confusion.negatives),
        precision=expected.precision,
        daily=expected.alerts,
    )


def _rate(hits: int, trials: int) -> Quantity:
    """A share with its Jeffreys interval, which extends to the share itself."""
    share = hits / trials if trials else 0.0
    low, high = beta.ppf([(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], hits + 0.5, trials - hits + 0.5)
    return Quantity(value=share, low=float(min(low, share)), high=float(max(high, share)))


def _reviews(
    review: ThresholdRule | None, block: ThresholdRule | None, rows: ScoredRows, operation: Operation
) -> Quantity | None:
    """Rows a day between both thresholds, with the interval of draws as in `quantities`."""
    if review is None:
        return None
    inside = rows.scores >= review.threshold
    if block is not None:
        inside &= rows.scores < block.threshold
    rng = np.random.default_rng(SEED)
    shares = [
        (int(np.count_nonzero(inside & chosen)), int(np.count_nonzero(chosen)))
        for chosen in (rows.positive, ~rows.positive)
    ]
    recall, fpr = (hits / max(n, 1) for hits, n in shares)
    value = float(_daily(recall, fpr, operation))
    drawn_recall, drawn_fpr = (rng.beta(hits + 0.5, n - hits + 0.5, DRAWS) for hits, n in shares)
    drawn = _daily(drawn_recall, drawn_fpr, operation)
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Quantity(value=value, low=float(min(low, value)), high=float(max(high, value)))


def described(bands: Bands) -> list[str]:
    """What both thresholds promise, in a sentence each."""
    return [*_block_said(bands.block), *_review_said(bands)]


def _block_said(band: Band | None) -> list[str]:
    if band is None:
        return ["Block: never, because too few rows certify a threshold, or because verdicts.block is never."]
    return [f"Block: {_from(band)} ({band.why}). {_found(band)}; {_alerts(band.daily)} blocked per day."]


def _review_said(bands: Bands) -> list[str]:
    band = bands.review
    if band is None or bands.reviews is None:
        return []
    upper = f" and below {_short(bands.block.threshold)}" if bands.block else ""
    found = f"{_found(band)}{', including blocked ones' if bands.block else ''}"
    volume = f"{bands.volume:,.0f} rows, {percent(bands.base_rate)} of them positive"
    daily = f"{_alerts(bands.reviews)} reviews per day (of {volume})"
    return [f"Review: {_from(band)}{upper} ({band.why}). {found}; {daily}."]


def _from(band: Band) -> str:
    return f"probability at least {_short(band.threshold)}"


def _found(band: Band) -> str:
    recall = band.recall
    return f"Detects {percent(recall.value or 0)} of positive rows ({percent(recall.low)} to {percent(recall.high)})"


def _alerts(daily: Quantity) -> str:
    return f"{daily.value or 0:,.0f} ({daily.low:,.0f} to {daily.high:,.0f})"


def _short(threshold: float) -> str:
    return exact(float(f"{threshold:.4g}"))
