"""A fit that grows is stopped when it will not win, and goes on as long as it may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phishcli.fits.matrices import TrainingData
from phishcli.fits.worker import fit
from phishcli.models import get
from phishcli.search import pruning
from phishcli.search.pruning import DOUBLINGS, SHARES, GrowthPruner, checkpoints

Y = np.tile([1, 0, 0, 1], 60).astype(np.int8)
ROWS = len(Y)
ALL = len(SHARES)


def predicted(confidence: float, wrong: int = 0) -> Any:
    """Probabilities that give the true class so much, but for the first rows, which they give to the other class."""
    true = np.where(np.arange(ROWS) < wrong, 1 - Y, Y)
    return np.where(true == 1, confidence, 1 - confidence)


def rival(probability: Any, earlier: Sequence[Any] = ()) -> GrowthPruner:
    """Compare with a rival that predicts the same on every fold, after earlier folds of the trial itself."""
    folds = len(earlier) + 1
    return GrowthPruner(
        (correct(probability),) * folds,
        (errors(probability),) * folds,
        tuple(map(correct, earlier)),
        tuple(map(errors, earlier)),
    )


def correct(probability: Any) -> Any:
    return (probability >= 0.5) == (Y == 1)


def errors(probability: Any) -> Any:
    return ((probability - Y) ** 2).astype(np.float32)


def grow(pruner: GrowthPruner, states: Sequence[Any], *, averages: bool = False, rounds: int = 320) -> int:
    """Grow a model through states; gives the rounds after which it was stopped, or 0."""
    observation = pruner.observe(rounds, np.zeros((ROWS, 1)), Y, averages=averages)
    assert observation is not None
    assert len(states) == len(observation.checkpoints)
    for state in states:
        if not observation(lambda _, state=state: state):
            break
    return observation.stopped


def from_to(first: tuple[float, int], last: tuple[float, int], steps: int = ALL) -> list[Any]:
    """States from one confidence and number of wrong rows to another."""
    confidence, wrong = (np.linspace(first[part], last[part], steps) for part in (0, 1))
    return [predicted(sure, round(count)) for sure, count in zip(confidence, wrong, strict=True)]


GOOD = predicted(0.9, wrong=5)
OVERFITTING = from_to((0.8, 20), (0.8, 60))
LEARNING = from_to((0.6, 60), (0.7, 20))


# Checkpoints.


@given(st.integers(1, 5000), st.booleans())
def test_checkpoints_ascend_are_distinct_and_end_before_the_last_round(rounds: int, averages: bool) -> None:
    found = list(checkpoints(rounds, averages=averages))
    assert found == sorted(set(found))
    assert len(found) in {0, len(DOUBLINGS if averages else SHARES)}
    assert all(1 <= count < rounds for count in found)


@pytest.mark.parametrize(("rounds", "averages"), [(1, False), (10, False), (15, False), (1, True), (6, True)])
def test_a_short_fit_is_not_observed(rounds: int, averages: bool) -> None:
    assert checkpoints(rounds, averages=averages) == {}
    assert rival(GOOD).observe(rounds, np.zeros((ROWS, 1)), Y, averages=averages) is None


def test_each_checkpoint_is_at_its_share_of_the_rounds() -> None:
    assert list(checkpoints(320)) == [20, 30, 40, 60, 80, 120, 160, 240]
    assert checkpoints(100, averages=True) == {7: 1 / 16, 13: 1 / 8, 25: 1 / 4, 50: 1 / 2}
    assert all(count == ceil(301 * share) for count, share in checkpoints(301).items())


@pytest.mark.parametrize("shares", [SHARES, DOUBLINGS])
def test_the_state_at_half_the_rounds_is_known_from_an_eighth_on(shares: tuple[float, ...]) -> None:
    assert {share / 2 for share in shares if share >= 1 / 8} <= set(shares)


# Rounds that add up.


def test_a_fit_that_overfits_behind_its_rival_is_stopped_after_an_eighth_of_its_rounds() -> None:
    assert grow(rival(GOOD), OVERFITTING) == 320 / 8


def test_a_fit_whose_brier_score_still_improves_goes_on_however_far_the_rival_is_ahead() -> None:
    assert grow(rival(predicted(0.999)), LEARNING) == 0
    assert grow(rival(predicted(0.999)), [predicted(0.6, wrong=100)] * ALL) == 0  # it does not become worse either


def test_a_fit_that_overfits_goes_on_unless_its_rival_classifies_more_rows_correctly() -> None:
    overconfident = [predicted(0.8, wrong=50)] * 2 + [predicted(0.99, wrong=61)] * (ALL - 2)
    for wrong, rounds in ((62, 0), (61, 0), (59, 320 / 8)):
        assert grow(rival(predicted(0.75, wrong=wrong)), overconfident) == rounds


def test_a_fit_that_becomes_worse_only_in_its_last_doubling_is_stopped_then() -> None:
    at = [*LEARNING[:6], predicted(0.6, wrong=40), predicted(0.6, wrong=50)]  # after 1/2 worse than after 1/4
    assert grow(rival(GOOD), at) == 320 / 2


def wrong_rows_of(standard_errors: float) -> int:
    """How many rows more have to be wrong for a Brier score to be worse by so many standard errors.

    With a difference of d in w of n rows, mean and standard deviation of the differences are d p and d sqrt(p (1 - p)),
    with p = w / n.
    """
    share = np.arange(1, ROWS) / ROWS
    reached = share * sqrt(ROWS) / np.sqrt(share * (1 - share))
    return int(np.flatnonzero(reached > standard_errors)[0]) + 1


def test_a_brier_score_is_clearly_worse_from_three_standard_errors_on() -> None:
    enough = wrong_rows_of(3)
    for wrong, rounds in ((enough, 320 / 8), (enough - 1, 0)):
        assert grow(rival(predicted(0.8)), falling_to(wrong)) == rounds


def falling_to(wrong: int) -> list[Any]:
    """States whose Brier score becomes worse with the third one, and stays so."""
    return [predicted(0.8, wrong=1), predicted(0.8, wrong=1), *[predicted(0.8, wrong=wrong)] * (ALL - 2)]


def test_rows_of_earlier_folds_that_were_classified_better_count_for_a_fit() -> None:
    states = falling_to(13)
    assert grow(rival(predicted(0.8, wrong=4)), states) == 320 / 8
    unsure = predicted(0.55)  # four more correct rows in each fold, and yet a worse Brier score
    assert grow(rival(predicted(0.8, wrong=4), earlier=[unsure] * 3), states) == 0


def test_better_probabilities_on_earlier_folds_count_for_a_fit() -> None:
    states = falling_to(wrong_rows_of(3))
    assert grow(rival(predicted(0.8)), states) == 320 / 8
    assert grow(rival(predicted(0.8), earlier=[predicted(0.8)] * 3), states) == 320 / 8
    assert grow(rival(predicted(0.8), earlier=[predicted(0.95)] * 3), states) == 0


def test_worse_predictions_on_earlier_folds_count_against_a_fit() -> None:
    states = falling_to(wrong_rows_of(3) - 1)
    assert grow(rival(predicted(0.8)), states) == 0
    assert grow(rival(predicted(0.8), earlier=[predicted(0.8, wrong=3)]), states) == 320 / 8


# Rounds that are averaged.


@pytest.mark.parametrize(("more", "rounds"), [(0, 320 / 8), (-1, 0)])
def test_a_forest_that_stands_still_is_stopped_if_it_is_clearly_behind(more: int, rounds: float) -> None:
    still = [predicted(0.8, wrong=wrong_rows_of(3) + more)] * len(DOUBLINGS)
    assert grow(rival(predicted(0.8)), still, averages=True) == rounds


def test_a_forest_that_becomes_worse_is_granted_nothing() -> None:
    wrong = wrong_rows_of(3)
    for first, rounds in ((wrong - 3, 320 / 8), (wrong, 320 / 8)):
        states = [predicted(0.8, wrong=first), *[predicted(0.8, wrong=wrong)] * 3]
        assert grow(rival(predicted(0.8)), states, averages=True) == rounds


@pytest.mark.parametrize(("first", "rounds"), [(62, 320 / 8), (63, 320 / 4)])
def test_the_gain_of_the_last_doubling_is_granted_in_advance(first: int, rounds: float) -> None:
    """Each wrong row costs 0.6: 40 are a gap of 0.1; a gain of 23 rows reduces that below 3 standard errors."""
    gap, gain = 0.6 * 40 / ROWS, 0.6 * (first - 40) / ROWS
    standard_error = 0.6 * sqrt(40 / ROWS * (1 - 40 / ROWS)) / sqrt(ROWS)
    assert ((gap - gain) / standard_error > 3) == (rounds == 320 / 8)
    states = [predicted(0.8, wrong=first), *[predicted(0.8, wrong=40)] * 3]  # after a quarter nothing more is gained
    assert grow(rival(predicted(0.8)), states, averages=True) == rounds


def test_a_forest_ahead_of_its_rival_goes_on() -> None:
    still = [predicted(0.6, wrong=40)] * len(DOUBLINGS)
    assert grow(rival(predicted(0.9, wrong=41)), still, averages=True) == 0
    assert grow(rival(predicted(0.9, wrong=40)), still, averages=True) == 0  # as many rows
    assert grow(rival(predicted(0.9, wrong=38)), still, averages=True) == 320 / 8


# Real fits.


def pruner_of(data: TrainingData, best: Any) -> GrowthPruner:
    fold = data.make_fold(0)
    probability = best.predict_proba(fold.x_valid)[:, 1]
    right = (probability >= 0.5) == (fold.y_valid == 1)
    return GrowthPruner((right,), (((probability - fold.y_valid) ** 2).astype(np.float32),))


@pytest.mark.parametrize(
    ("model", "bad", "latest"),
    [
        ("RandomForest", {"n_estimators": 80, "max_depth": 1}, 10),
        ("GradientBoosting", {"n_estimators": 160, "learning_rate": 1.0, "max_depth": 8}, 40),
    ],
)
def test_a_bad_fit_is_stopped_early_and_the_best_one_never_stops_itself(
    model: str, bad: Any, latest: int, make_data: Callable[..., TrainingData]
) -> None:
    data = make_data(600, n_folds=3, flip_y=0.25, n_informative=6, n_redundant=0)
    fold, good = data.make_fold(0), {"n_estimators": 80, "max_depth": 3}
    best = fit(get(model), good, 1, fold.x_train, fold.y_train)
    pruner = pruner_of(data, best)
    for params, stopped in ((bad, True), (good, False)):
        observation = pruner.observe(
            params["n_estimators"], fold.x_valid, fold.y_valid, averages=model == "RandomForest"
        )
        assert observation is not None
        fit(get(model), params, 1, fold.x_train, fold.y_train, observation=observation)
        assert (0 < observation.stopped <= latest) == stopped


# The identity of a pruner.


def test_equal_pruners_have_equal_digests_of_64_hex_digits() -> None:
    one, other = (rival(GOOD, earlier=[GOOD]) for _ in range(2))
    assert one.digest() == other.digest()
    assert len(one.digest()) == 64
    int(one.digest(), 16)


@pytest.mark.parametrize("part", ["rival", "earlier", "rival_errors", "earlier_errors"])
def test_a_digest_changes_with_every_row_of_every_part(part: str) -> None:
    pruner = rival(GOOD, earlier=[GOOD])
    changed = [np.array(each) for each in getattr(pruner, part)]
    changed[0][-1] = not changed[0][-1]
    assert replace(pruner, **{part: tuple(changed)}).digest() != pruner.digest()


def test_a_digest_changes_with_the_number_of_folds() -> None:
    one, two = np.ones(4, dtype=bool), np.ones(8, dtype=bool)
    assert GrowthPruner((one, one), ()).digest() != GrowthPruner((two,), ()).digest()


@pytest.mark.parametrize("number", ["RULE", "CLEARLY", "SHARES", "DOUBLINGS"])
def test_a_digest_changes_with_the_rule(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rival(GOOD).digest()
    monkeypatch.setattr(pruning, number, 7)
    assert rival(GOOD).digest() != before
