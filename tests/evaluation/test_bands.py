"""Thresholds between allow, review and block keep what they promise, counted row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest

from phishcli.config.schema import VerdictsConfig
from phishcli.documents.metrics import ThresholdRule
from phishcli.documents.operation import Operation
from phishcli.documents.verdicts import Bands
from phishcli.errors import EvaluateError
from phishcli.evaluation.bands import choose_bands, described
from phishcli.evaluation.counts import ScoredRows

HALF = ThresholdRule(threshold=0.5, rule="0.5", why="as given")


def rows(n: int = 4000, seed: int = 0) -> ScoredRows:
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < 0.4
    return ScoredRows(positive, np.clip(np.where(positive, 0.7, 0.3) + rng.normal(scale=0.17, size=n), 0, 1).round(3))


def chosen(
    given: ScoredRows | None = None, *, volume: float = 10_000, base_rate: float = 0.01, **settings: Any
) -> Bands:
    operation = Operation(base_rate=base_rate, volume=volume, analyst_minutes=5)
    return choose_bands(VerdictsConfig(**settings), HALF, rows() if given is None else given, operation)


def test_by_default_rows_are_reviewed_from_the_label_on_and_blocked_where_false_alarms_are_certified_to_be_rare() -> (
    None
):
    given, bands = rows(), chosen()
    assert bands.review is not None
    assert bands.block is not None
    assert bands.review.threshold == 0.5
    assert bands.block.threshold > 0.5
    negative = given.scores[~given.positive]
    alarms, n = int((negative >= bands.block.threshold).sum()), len(negative)
    bound = binomtest(alarms, n).proportion_ci(0.90, method="exact").high  # two-sided 90%: one-sided 95%
    assert bound <= 0.01
    below = np.unique(given.scores[given.scores < bands.block.threshold])[-1]
    alarms = int((negative >= below).sum())
    assert binomtest(alarms, n).proportion_ci(0.90, method="exact").high > 0.01


def test_too_few_rows_to_certify_block_nothing_and_say_so() -> None:
    with pytest.raises(EvaluateError, match="cannot be certified"):
        chosen(rows(200), block={"max_fpr": 0.01})
    bands = chosen(rows(200))
    assert bands.block is None
    assert bands.review is not None
    assert described(bands)[0].startswith("Block: never, ")


def test_a_recall_is_certified_with_the_highest_threshold_that_does() -> None:
    given = rows()
    bands = chosen(review={"min_recall": 0.95})
    assert bands.review is not None
    positive = given.scores[given.positive]

    def bound(threshold: float) -> float:
        found = int((positive >= threshold).sum())
        return float(binomtest(found, len(positive)).proportion_ci(0.90, method="exact").low)

    assert bound(bands.review.threshold) >= 0.95
    above = np.unique(given.scores[given.scores > bands.review.threshold])[0]
    assert bound(above) < 0.95


def test_a_recall_that_no_number_of_rows_shows_is_an_error() -> None:
    with pytest.raises(EvaluateError, match=r"A recall of 0\.99 cannot be certified with 3 positive training rows"):
        chosen(ScoredRows(np.array([1, 1, 1, 0]) == 1, np.array([0.9, 0.8, 0.7, 0.1])), review={"min_recall": 0.99})


@pytest.mark.parametrize("capacity", [50, 200, 1_000, 5_000, "200/day", "1,000 a day"])
def test_there_are_no_more_reviews_than_people_have_time_for_and_as_many_as_possible(capacity: float | str) -> None:
    given, bands = rows(), chosen(review_capacity=capacity)
    most = float(str(capacity).split("/")[0].split(" ")[0].replace(",", ""))
    assert bands.review is not None
    assert bands.block is not None
    assert bands.reviews is not None

    def daily(low: float) -> float:
        inside = (given.scores >= low) & (given.scores < bands.block.threshold)  # type: ignore[union-attr]  # not None
        recall, fpr = inside[given.positive].mean(), inside[~given.positive].mean()
        return float(10_000 * (0.01 * recall + 0.99 * fpr))

    assert daily(bands.review.threshold) <= most
    assert bands.reviews.value == pytest.approx(daily(bands.review.threshold))
    assert bands.reviews.low <= bands.reviews.value <= bands.reviews.high
    lower = given.scores[given.scores < bands.review.threshold]
    assert not len(lower) or daily(lower.max()) > most


def test_people_have_all_their_time_for_reviews_where_nothing_is_blocked() -> None:
    given, bands = rows(), chosen(review_capacity=200, block="never")

    def daily(low: float) -> float:
        recall, fpr = ((given.scores[side] >= low).mean() for side in (given.positive, ~given.positive))
        return float(10_000 * (0.01 * recall + 0.99 * fpr))

    assert bands.block is None
    assert bands.review is not None
    assert bands.review.threshold == min(score for score in given.scores.tolist() if daily(score) <= 200)


def test_rates_and_rows_a_day_of_a_band_are_those_of_all_rows_from_its_threshold_on() -> None:
    given, bands = rows(), chosen(block=0.8)
    assert bands.block is not None
    flagged = given.scores >= 0.8
    recall, fpr = flagged[given.positive].mean(), flagged[~given.positive].mean()
    assert (bands.block.recall.value, bands.block.fpr.value) == pytest.approx((recall, fpr))
    assert bands.block.daily.value == pytest.approx(10_000 * (0.01 * recall + 0.99 * fpr))
    assert bands.block.recall.low < recall < bands.block.recall.high


def test_nothing_is_blocked_below_the_threshold_of_review() -> None:
    bands = chosen(block=0.3, review=0.6)
    assert bands.block is not None
    assert bands.block.threshold == 0.6
    assert "raised to the review threshold" in bands.block.why
    assert bands.reviews is not None
    assert bands.reviews.value == 0


def test_never_means_no_row() -> None:
    bands = chosen(block="never", review="never")
    assert (bands.block, bands.review, bands.reviews) == (None, None, None)


def test_promises_are_told_with_their_intervals() -> None:
    block, review = described(chosen())
    assert block.startswith("Block: probability at least 0.")
    assert "FPR at most 0.01 with 95% confidence" in block
    assert " blocked per day." in block
    assert review.startswith("Review: probability at least 0.5 and below 0.")
    assert "reviews per day (of 10,000 rows, 1.0% of them positive)." in review
