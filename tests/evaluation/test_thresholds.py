"""Rules for the threshold: against brute force, and whether a certified rate holds as often as it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy.stats import beta, norm

from phishcli.config.schema import CostRatio, MaxFpr
from phishcli.documents.metrics import ThresholdRule
from phishcli.errors import EvaluateError
from phishcli.evaluation import thresholds
from phishcli.evaluation.counts import ScoredRows
from phishcli.evaluation.metrics import compute
from phishcli.evaluation.thresholds import Rule, negatives_needed, upper_bound

SCORES = st.sampled_from([0.05, 0.1, 0.25, 0.3, 0.5, 0.75, 0.9])


def choose(rule: Rule, y: ArrayLike, proba: ArrayLike) -> ThresholdRule:
    return thresholds.choose(rule, ScoredRows.validated(y, proba))


@st.composite
def judged(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Rows of both classes with many ties."""
    rows = draw(st.lists(st.tuples(st.integers(0, 1), SCORES), min_size=1, max_size=30))
    y, proba = zip(*[(0, draw(SCORES)), (1, draw(SCORES)), *rows], strict=True)
    return np.array(y), np.array(proba)


def sample(n_positive: int, n_negative: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    y = np.repeat([1, 0], [n_positive, n_negative])
    return y, norm.cdf(np.random.default_rng(seed).normal(1.5 * y, size=len(y)))


def test_a_number_is_taken_as_it_is() -> None:
    chosen = choose(0.3, [0, 1], [0.1, 0.9])
    assert (chosen.threshold, chosen.rule) == (0.3, "0.3")


def test_a_chosen_threshold_is_named_by_its_rule_and_says_why() -> None:
    y, proba = np.repeat([1, 0], [250, 750]), np.repeat([0.9, 0.2, 0.1], [250, 1, 749])
    rules: list[Rule] = [
        0.25,
        "max_f1",
        "youden",
        MaxFpr(max_fpr=0.01, confidence=0.9),
        CostRatio(cost_ratio=2.5),
        CostRatio(cost_ratio=10, base_rate=0.01),
    ]
    assert [(chosen.rule, chosen.why) for chosen in (choose(rule, y, proba) for rule in rules)] == [
        ("0.25", "as given"),
        ("max_f1", "highest F1"),
        ("youden", "highest recall minus FPR"),
        ("max_fpr=0.01", "1 false alarm in 750: FPR at most 0.01 with 90% confidence"),
        ("cost_ratio=2.5", "lowest cost if a miss costs 2.5 false alarms and 25.000% of rows are positive"),
        ("cost_ratio=10", "lowest cost if a miss costs 10 false alarms and 1.000% of rows are positive"),
    ]
    assert [choose(rule, y, proba).threshold for rule in rules] == [0.25, 0.9, 0.9, 0.2, 0.9, 0.9]


@pytest.mark.parametrize("rule", ["max_f1", "youden"])
def test_no_other_score_would_have_been_a_better_threshold(rule: Any) -> None:
    @settings(deadline=None, max_examples=60)
    @given(judged())
    def holds(case: tuple[np.ndarray, np.ndarray]) -> None:
        y, proba = case

        def gain(threshold: float) -> float:
            values = compute(y, proba, threshold)
            return values["f1"] if rule == "max_f1" else values["recall"] - values["fpr"]

        best = max(gain(threshold) for threshold in set(proba))
        value = choose(rule, y, proba).threshold
        assert gain(value) == pytest.approx(best)
        assert all(gain(other) < best - 1e-12 for other in set(proba) if other > value)  # ties go to the higher one

    holds()


@settings(deadline=None, max_examples=60)
@given(judged(), st.sampled_from([0.2, 1.0, 5.0, 50.0]), st.sampled_from([None, 0.01, 0.5]))
def test_no_threshold_costs_less_than_the_one_of_a_cost_ratio(
    case: tuple[np.ndarray, np.ndarray], ratio: float, base: float | None
) -> None:
    y, proba = case
    share = y.mean() if base is None else base

    def cost(threshold: float) -> float:
        values = compute(y, proba, threshold)
        return float(share * values["fnr"] * ratio + (1 - share) * values["fpr"])

    chosen = choose(CostRatio(cost_ratio=ratio, base_rate=base), y, proba)
    assert cost(chosen.threshold) == pytest.approx(min(cost(threshold) for threshold in {*proba, 2.0}))


def test_where_alarms_cost_more_than_they_bring_nothing_is_flagged() -> None:
    chosen = choose(CostRatio(cost_ratio=1, base_rate=0.0001), [0, 1, 0], [0.9, 0.5, 0.1])
    assert chosen.threshold > 0.9


def test_the_bound_is_the_one_of_clopper_and_pearson() -> None:
    assert upper_bound([0, 3, 10], 10, 0.95).tolist() == pytest.approx([1 - 0.05**0.1, beta.ppf(0.95, 4, 7), 1.0])


def test_a_budget_takes_the_smallest_threshold_whose_bound_is_within_it() -> None:
    y, proba = sample(300, 700)
    chosen = choose(MaxFpr(max_fpr=0.05, confidence=0.95), y, proba)
    negatives = proba[y == 0]
    bounds = {t: upper_bound(np.sum(negatives >= t), 700, 0.95) for t in proba}
    assert chosen.threshold == min(t for t, bound in bounds.items() if bound <= 0.05)


def test_rows_of_the_same_score_are_flagged_together_or_not_at_all() -> None:
    y = np.repeat([0, 1], [1000, 10])
    proba = np.concatenate([np.full(900, 0.1), np.full(100, 0.6), np.full(10, 0.6)])
    chosen = choose(MaxFpr(max_fpr=0.05, confidence=0.95), y, proba)
    assert chosen.threshold > 0.6
    assert "0 false alarms in 1,000" in chosen.why


def test_too_few_negative_rows_are_an_error_that_says_how_many_it_takes() -> None:
    assert negatives_needed(0.01, 0.95) == 299
    choose(MaxFpr(max_fpr=0.01, confidence=0.95), *sample(50, 299))
    with pytest.raises(EvaluateError, match=r"of 0\.01 cannot be certified with 298 negative") as caught:
        choose(MaxFpr(max_fpr=0.01, confidence=0.95), *sample(50, 298))
    assert caught.value.hint is not None
    assert "It takes 299" in caught.value.hint


@pytest.mark.simulation
@pytest.mark.parametrize(("n_negative", "max_fpr"), [(1000, 0.01), (400, 0.05), (3500, 0.001), (200, 0.1)])
def test_the_true_rate_exceeds_the_budget_in_at_most_five_of_a_hundred_training_sets(
    n_negative: int, max_fpr: float
) -> None:
    """Scores of negative rows are uniform, so that the true FPR of a threshold is one minus it."""
    rng, runs = np.random.default_rng(7), 2_000
    exceeded = 0
    for _ in range(runs):
        proba = np.concatenate([rng.random(n_negative), rng.beta(5, 1, 100)])
        y = np.repeat([0, 1], [n_negative, 100])
        exceeded += 1 - choose(MaxFpr(max_fpr=max_fpr, confidence=0.95), y, proba).threshold > max_fpr
    noise = 3 * np.sqrt(0.05 * 0.95 / runs)
    assert exceeded / runs <= 0.05 + noise
    assert exceeded / runs > 0.002  # the budget is used, not merely avoided
