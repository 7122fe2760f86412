"""A fit is broken off when it shows that it will not win, and goes on as long as it may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phishcli.search import pruning as guards
from phishcli.search.paired import replicates, squared_errors
from phishcli.search.pruning import DOUBLINGS, FIRST_JUDGED, SHARES, Guard, Judge, marks

Y = np.tile([1, 0, 0, 1], 60).astype(np.int8)
RANDOM = np.random.default_rng(0).normal(size=240)
ALL = len(SHARES)


def predicted(sureness: float, wrong: int = 0) -> Any:
    """Probabilities that are so sure, with some noise; the first ones are wrong."""
    judged = np.where(np.arange(240) < wrong, 1 - Y, Y)
    return 1 / (1 + np.exp(-(sureness * (2 * judged - 1) + 0.1 * RANDOM)))


def held_against(rival: Any, metric: Any = "accuracy", earlier: Sequence[Any] = (), n_folds: int = 5) -> Guard:
    """A guard with a rival that predicts the same on every fold."""
    ours = [replicates(metric, Y, each) for each in earlier]
    theirs = [replicates(metric, Y, rival)] * (len(earlier) + 1)
    if metric != "accuracy":
        return Guard(metric, tuple(theirs), tuple(ours), n_folds)
    errors = [squared_errors(Y, each) for each in earlier]
    return Guard(metric, tuple(theirs), tuple(ours), n_folds, (squared_errors(Y, rival),) * len(theirs), tuple(errors))


def judged(guard: Guard, states: Sequence[Any], *, averages: bool = False, rounds: int = 320) -> int | None:
    """Grow a model through states, as far as it is let; gives the rounds after which it was broken off."""
    shares = marks(rounds, averages=averages)
    assert len(states) == len(shares)
    judge = Judge(guard, shares, np.zeros((240, 1)), Y, averages=averages)
    for state in states:
        if not judge(lambda _, state=state: state):
            break
    return judge.stopped


def course(first: tuple[float, int], last: tuple[float, int], steps: int = ALL) -> list[Any]:
    """States from one sureness and number of wrong rows to another."""
    sureness, wrong = (np.linspace(first[part], last[part], steps) for part in (0, 1))
    return [predicted(sure, round(count)) for sure, count in zip(sureness, wrong, strict=True)]


GOOD = predicted(3.0, wrong=5)
OVERFITTING = course((1.5, 20), (4.0, 60))
LEARNING = course((0.5, 60), (1.5, 20))


# Marks.


@given(st.integers(1, 5000), st.booleans())
def test_marks_ascend_come_once_each_and_end_before_the_last_round(rounds: int, averages: bool) -> None:
    found = list(marks(rounds, averages=averages))
    assert found == sorted(set(found))
    assert len(found) in {0, len(DOUBLINGS if averages else SHARES)}
    assert all(1 <= mark < rounds for mark in found)


@pytest.mark.parametrize(("rounds", "averages"), [(1, False), (10, False), (30, False), (1, True), (6, True)])
def test_a_short_fit_has_no_marks(rounds: int, averages: bool) -> None:
    assert marks(rounds, averages=averages) == {}


def test_each_mark_stands_at_its_share_of_the_rounds() -> None:
    assert list(marks(320)) == [10, 15, 20, 30, 40, 60, 80, 120, 160, 240]
    assert marks(100, averages=True) == {7: 1 / 16, 13: 1 / 8, 25: 1 / 4, 50: 1 / 2}
    assert all(mark == ceil(301 * share) for mark, share in marks(301).items())


@pytest.mark.parametrize("shares", [SHARES, DOUBLINGS])
def test_from_the_first_judgement_on_the_state_at_half_the_rounds_is_known(shares: tuple[float, ...]) -> None:
    assert {share / 2 for share in shares if share >= FIRST_JUDGED} <= set(shares)


# Rounds that add up.


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "f1"])
def test_a_fit_whose_score_falls_is_broken_off_when_the_rival_is_ahead(metric: Any) -> None:
    assert judged(held_against(GOOD, metric), OVERFITTING) in marks(320)


def test_it_is_broken_off_no_sooner_than_an_eighth_of_the_rounds() -> None:
    assert judged(held_against(GOOD), OVERFITTING) == 320 * FIRST_JUDGED


@pytest.mark.parametrize("metric", ["fpr", "fnr"])
def test_where_less_is_better_a_score_that_rises_is_the_worse_one(metric: Any) -> None:
    assert judged(held_against(GOOD, metric), OVERFITTING) in marks(320)
    assert judged(held_against(GOOD, metric), LEARNING) is None


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "fpr"])
def test_a_fit_whose_score_rises_goes_on_however_far_the_rival_is_ahead(metric: Any) -> None:
    assert judged(held_against(predicted(9.0), metric), LEARNING) is None


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "fpr"])
def test_a_fit_whose_score_falls_goes_on_when_the_rival_is_behind(metric: Any) -> None:
    assert judged(held_against(predicted(0.2, wrong=110), metric), OVERFITTING) is None


def test_a_fit_that_equals_its_rival_goes_on() -> None:
    assert judged(held_against(GOOD), [GOOD] * ALL) is None


def test_a_score_that_falls_while_the_brier_score_still_gains_is_no_reason() -> None:
    # A few rows more beyond the threshold, but all others surer.
    assert judged(held_against(predicted(9.0)), course((0.3, 20), (1.6, 24))) is None


def test_a_brier_score_that_clearly_becomes_worse_is_a_reason_even_where_the_accuracy_stands_still() -> None:
    standing = course((1.0, 60), (4.0, 60))
    assert judged(held_against(GOOD), standing) in marks(320)
    assert judged(replace(held_against(GOOD), rival_errors=(), earlier_errors=()), standing) is None


def test_earlier_folds_speak_for_a_fit() -> None:
    far_ahead = [predicted(9.0)] * 3
    rival = predicted(1.0, wrong=50)
    alone, supported = held_against(rival), held_against(rival, earlier=far_ahead)
    overfitting = course((1.0, 45), (4.0, 100))
    assert judged(alone, overfitting) is not None
    assert judged(supported, overfitting) is None


def test_the_last_fold_is_judged_too() -> None:
    assert judged(held_against(GOOD, earlier=[GOOD] * 4), OVERFITTING) in marks(320)


# Rounds that are averaged.


def test_a_forest_that_stands_still_far_behind_its_rival_is_broken_off_at_the_first_judgement() -> None:
    still = course((1.0, 40), (1.0, 40), len(DOUBLINGS))
    assert judged(held_against(GOOD), still, averages=True) == 320 * FIRST_JUDGED


def test_a_forest_that_gained_much_with_the_last_doubling_goes_on() -> None:
    gaining = [predicted(sureness, wrong=20) for sureness in (0.1, 0.8, 1.5, 2.5)]
    assert judged(held_against(predicted(2.5, wrong=10)), gaining, averages=True) is None


def test_a_forest_ahead_of_its_rival_goes_on() -> None:
    still = course((1.0, 40), (1.0, 40), len(DOUBLINGS))
    assert judged(held_against(predicted(3.0, wrong=41)), still, averages=True) is None


def test_a_forest_is_not_judged_by_other_metrics_than_the_accuracy() -> None:
    still = course((1.0, 40), (1.0, 40), len(DOUBLINGS))
    assert judged(held_against(GOOD, "roc_auc"), still, averages=True) is None


# The name of a verdict.


def test_equal_guards_have_equal_digests_of_64_hex_digits() -> None:
    one, other = (held_against(GOOD, earlier=[GOOD]) for _ in range(2))
    assert one.digest() == other.digest()
    assert len(one.digest()) == 64
    int(one.digest(), 16)


@pytest.mark.parametrize("part", ["rival", "earlier", "rival_errors", "earlier_errors"])
def test_a_digest_changes_with_every_row_of_every_part(part: str) -> None:
    told = held_against(GOOD, earlier=[GOOD])
    changed = [np.array(each) for each in getattr(told, part)]
    changed[0][-1] = not changed[0][-1]
    assert replace(told, **{part: tuple(changed)}).digest() != told.digest()


@pytest.mark.parametrize("part", [{"metric": "f1"}, {"n_folds": 6}])
def test_a_digest_changes_with_the_metric_and_the_number_of_folds(part: Any) -> None:
    told = held_against(GOOD)
    assert replace(told, **part).digest() != told.digest()


@pytest.mark.parametrize("number", ["RULE", "FALLING", "CLEARLY", "SHARES", "DOUBLINGS"])
def test_a_digest_changes_with_the_rule(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = held_against(GOOD).digest()
    monkeypatch.setattr(guards, number, 7)
    assert held_against(GOOD).digest() != before
