"""A race finds what random search finds with fewer fits, and more trials cost no more than those trials."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli.fits import local as pool
from phishcli.fits.fit import Work
from phishcli.fits.ledger import Memory
from phishcli.models.spec import Choice, EarlyStopping
from phishcli.search.candidates import drawn
from phishcli.search.pruning import Judge, marks
from phishcli.search.race import FIRST_HEAT, heats
from phishcli.search.results import Found
from phishcli.search.scoreboard import Board
from phishcli.types import ModelSettings, TrainingData

Search = Callable[..., Found]
MakeSettings = Callable[..., ModelSettings]

BOOSTED = {
    "n_estimators": {"low": 4, "high": 60},
    "max_depth": {"low": 1, "high": 6},
    "learning_rate": {"low": 0.01, "high": 1.0},
}
FOREST = {"n_estimators": {"low": 4, "high": 20}, "max_depth": {"low": 1, "high": 8}, "max_features": ["sqrt", None]}
LINEAR = {"C": {"low": 1e-5, "high": 1e2, "log": True}, "solver": ["lbfgs", "liblinear"]}


@pytest.fixture(scope="module")
def easy(make_data: Callable[..., TrainingData]) -> TrainingData:
    """A problem on which parameters make a difference that 400 rows in 4 folds can show."""
    return make_data(400, 4, flip_y=0.02, n_informative=5, n_redundant=0)


def without_times(found: Found) -> pd.DataFrame:
    return found.trials.drop(columns="fit_seconds")


def same(one: Found, other: Found) -> None:
    pd.testing.assert_frame_equal(without_times(one), without_times(other))
    assert one.summary == other.summary
    for first, second in zip(one.fits, other.fits, strict=True):
        assert np.array_equal(first.probability, second.probability)


@pytest.mark.parametrize(
    ("n_trials", "ends"),
    [
        (1, [1]),
        (5, [5]),
        (6, [5, 6]),
        (20, [5, 20]),
        (21, [5, 20, 21]),
        (50, [5, 20, 50]),
        (51, [5, 20, 50, 51]),
        (500, [5, 20, 50, 100, 200, 500]),
        (1200, [5, 20, 50, 100, 200, 500, 1000, 1200]),
        (5000, [5, 20, 50, 100, 200, 500, 1000, 2000, 5000]),
    ],
)
def test_heats_end_at_the_same_trials_whatever_n_iter_is(n_trials: int, ends: list[int]) -> None:
    assert list(heats(n_trials)) == ends


@pytest.mark.parametrize(("model", "space", "n_iter"), [("XGBoost", BOOSTED, 20), ("RandomForest", FOREST, 20)])
def test_the_race_finds_the_winner_of_random_search_with_fewer_fits(
    model: str, space: Any, n_iter: int, easy: TrainingData, search: Search, settings: MakeSettings
) -> None:
    whole = search(settings(model, space, n_iter=n_iter), easy)
    raced = search(settings(model, space, n_iter=n_iter, method="race"), easy)
    assert raced.params == whole.params
    assert raced.summary["best_score"] == whole.summary["best_score"]
    assert (whole.summary["n_fits"], whole.summary["n_dropped"]) == (4 * n_iter, 0)
    assert raced.summary["n_fits"] < 0.8 * whole.summary["n_fits"]
    assert raced.trials["params"].tolist() == whole.trials["params"].tolist()


@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc", "fpr"])
def test_what_was_dropped_says_so_and_what_was_made_of_it_is_what_random_search_makes(
    scoring: str, easy: TrainingData, search: Search, settings: MakeSettings
) -> None:
    whole = search(settings("XGBoost", BOOSTED, n_iter=12, scoring=scoring), easy).trials
    raced = search(settings("XGBoost", BOOSTED, n_iter=12, scoring=scoring, method="race"), easy)
    trials = raced.trials
    assert set(trials["status"]) == {"complete", "dropped"}
    dropped = trials[trials["status"] == "dropped"]
    assert dropped["folds"].between(0, 3).all()
    folds = [f"fold_{number}" for number in range(4)]
    assert (trials[folds].notna().sum(axis=1) == trials["folds"]).all()
    made = trials[folds].notna().to_numpy()
    assert (trials[folds].to_numpy()[made] == whole[folds].to_numpy()[made]).all()
    complete = trials.loc[trials["status"] == "complete", "mean"]
    assert raced.summary["best_score"] == (complete.min() if scoring == "fpr" else complete.max())
    assert raced.summary["n_dropped"] == len(dropped) > 0


def test_more_trials_give_the_race_that_they_would_have_given_at_once_even_within_a_heat(
    easy: TrainingData, search: Search, settings: MakeSettings
) -> None:
    ledger = Memory()
    search(settings("LogisticRegression", LINEAR, n_iter=8, method="race"), easy, ledger=ledger)
    wanted = settings("LogisticRegression", LINEAR, n_iter=22, method="race")
    same(search(wanted, easy, ledger=ledger), search(wanted, easy))


def test_thirty_more_trials_cost_the_fits_of_those_thirty_alone(
    easy: TrainingData, search: Search, settings: MakeSettings, ledger: Any, started: list[Work]
) -> None:
    twenty, fifty = (settings("XGBoost", BOOSTED, n_iter=n_iter, method="race") for n_iter in (20, 50))
    search(twenty, easy, ledger=ledger)
    first, puts = list(started), len(ledger.puts)
    assert puts == len(first)
    started.clear()
    more = search(fifty, easy, ledger=ledger)
    second = list(started)
    late = {text_of(json.loads(text)) for text in more.trials["params"][20:]}
    assert {text_of(work.params) for work in second} == late
    assert len(ledger.puts) - puts == len(second)
    started.clear()
    at_once = search(fifty, easy)
    same(more, at_once)
    assert sorted(map(name_of, first + second)) == sorted(map(name_of, started))


def text_of(params: Any) -> str:
    return json.dumps(dict(params), sort_keys=True)


def name_of(work: Work) -> str:
    return f"{text_of(work.params)} {work.fold} {work.guard.digest() if work.guard else ''}"


def test_a_race_that_is_begun_again_makes_no_fit(
    easy: TrainingData, search: Search, settings: MakeSettings, ledger: Any, started: list[Work]
) -> None:
    wanted = settings("XGBoost", BOOSTED, n_iter=30, method="race")
    once = search(wanted, easy, ledger=ledger)
    started.clear()
    same(search(wanted, easy, ledger=ledger), once)
    assert started == []


def test_a_race_uses_the_fits_of_a_random_search_and_the_other_way_round(
    easy: TrainingData, search: Search, settings: MakeSettings, ledger: Any, started: list[Work]
) -> None:
    def run(method: str) -> int:
        started.clear()
        search(settings("LogisticRegression", LINEAR, n_iter=20, method=method), easy, ledger=ledger)
        return len(started)

    raced = run("race")
    assert raced + run("random") == 80
    assert run("race") == 0


@pytest.mark.parametrize(
    ("model", "space", "scoring"),
    [("XGBoost", BOOSTED, "accuracy"), ("RandomForest", FOREST, "roc_auc"), ("LogisticRegression", LINEAR, "fpr")],
)
def test_the_number_of_jobs_changes_nothing_but_times(
    model: str, space: Any, scoring: str, easy: TrainingData, search: Search, settings: MakeSettings
) -> None:
    wanted = settings(model, space, n_iter=12, method="race", scoring=scoring)
    one = search(wanted, easy, jobs=1)
    for jobs in (2, 4):
        same(search(wanted, easy, jobs=jobs), one)


def test_the_order_in_which_a_race_asks_for_fits_never_depends_on_the_workers(
    easy: TrainingData, search: Search, settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    fit = Board.fit

    def spy(self: Board, trial: int, fold: int, **options: Any) -> Any:
        asked.append((trial, fold))
        return fit(self, trial, fold, **options)

    monkeypatch.setattr(Board, "fit", spy)
    wanted = settings("LogisticRegression", LINEAR, n_iter=12, method="race")
    search(wanted, easy, jobs=1)
    first = asked.copy()
    asked.clear()
    search(wanted, easy, jobs=3)
    assert asked == first


# Who is dropped.


@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc", "fpr"])
def test_a_leader_is_never_dropped(
    scoring: str, easy: TrainingData, search: Search, settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge, seen = Board.judge, []

    def spy(self: Board, trials: Any, hopeless: Any, folds: int) -> None:
        if hopeless and len(trials) > 1:
            ahead = max(trials, key=lambda trial: (self.merit(trial, folds), -trial))
            beaten = self.best is not None and self.merit(self.best, folds) > self.merit(ahead, folds)
            seen.append(beaten)
            assert beaten or ahead not in hopeless
        judge(self, trials, hopeless, folds)

    monkeypatch.setattr(Board, "judge", spy)
    for seed in range(2):
        found = search(
            settings("LogisticRegression", LINEAR, n_iter=10, method="race", scoring=scoring, seed=seed), easy
        )
        assert found.trials["status"].iloc[:FIRST_HEAT].tolist().count("complete") >= 1
    assert False in seen


def test_twins_of_the_leader_stay_with_it(easy: TrainingData, search: Search, settings: MakeSettings) -> None:
    found = search(settings("KNN", {"leaf_size": [10, 20, 30, 40, 50, 60]}, method="race"), easy)
    assert set(found.trials["status"]) == {"complete"}
    assert found.summary["best_trial"] == 0


def test_a_trial_that_is_far_behind_is_dropped_after_the_first_fold(
    easy: TrainingData, search: Search, settings: MakeSettings
) -> None:
    trials = search(settings("KNN", {"n_neighbors": [5, 9, 11, 13, 299]}, method="race"), easy).trials
    (far,) = trials[trials["params"] == '{"n_neighbors": 299}'].to_dict("records")
    assert (far["status"], far["folds"]) == ("dropped", 1)


def test_a_trial_that_fails_leaves_the_race_to_the_others(
    easy: TrainingData, search: Search, settings: MakeSettings, started: list[Work]
) -> None:
    found = search(settings("RandomForest", {"max_depth": [-1, 2, 4], "n_estimators": [5]}, method="race"), easy)
    assert found.summary["n_failed"] == 1
    assert found.params["max_depth"] in {2, 4}
    failed = [work.fold for work in started if work.params["max_depth"] == -1]
    assert failed == [0]


def test_where_a_whole_heat_fails_the_next_one_decides(
    easy: TrainingData, search: Search, settings: MakeSettings
) -> None:
    depths = [-6, -5, -4, -3, -2, -1, 3]
    seeds = (seed for seed in range(100) if depths_drawn(depths, seed).index(3) >= FIRST_HEAT)
    wanted = settings(
        "RandomForest", {"max_depth": depths}, params={"n_estimators": 5}, method="race", seed=next(seeds)
    )
    found = search(wanted, easy)
    assert found.trials["status"].tolist()[:FIRST_HEAT] == ["failed"] * FIRST_HEAT
    assert (found.params, found.summary["n_failed"]) == ({"max_depth": 3}, 6)


@pytest.mark.parametrize("n_iter", [5, 8])
@pytest.mark.parametrize("fails_on", [1, 2, 3])
def test_where_the_leader_fails_what_was_dropped_for_its_sake_goes_on(
    easy: TrainingData,
    search: Search,
    settings: MakeSettings,
    monkeypatch: pytest.MonkeyPatch,
    n_iter: int,
    fails_on: int,
) -> None:
    space = {"n_neighbors": [*range(290, 290 + n_iter - 1), 9]}
    wanted = settings("KNN", space, method="race", n_iter=n_iter, seed=3)
    undisturbed = search(wanted, easy)
    assert undisturbed.params == {"n_neighbors": 9}
    assert undisturbed.summary["n_dropped"] > 0
    perform = pool.perform

    def failing(work: Work) -> Any:
        if work.params["n_neighbors"] == 9 and work.fold == fails_on:
            raise MemoryError("no memory for this fold")
        return perform(work)

    monkeypatch.setattr(pool, "perform", failing)
    found, all_ = search(wanted, easy), search(replace_method(wanted, "random"), easy)
    assert found.params == all_.params
    assert (found.summary["n_failed"], found.summary["best_score"]) == (1, all_.summary["best_score"])


def replace_method(settings: ModelSettings, method: str) -> ModelSettings:
    return replace(settings, tune={**(settings.tune or {}), "method": method})


def depths_drawn(depths: list[int], seed: int) -> list[int]:
    return [params["max_depth"] for params in drawn({"max_depth": Choice(tuple(depths))}, len(depths), seed)]


# The guard of models that grow.


def test_trials_of_later_heats_are_guarded_by_the_best_before_on_the_folds_so_far(
    easy: TrainingData, search: Search, settings: MakeSettings, started: list[Work]
) -> None:
    space = {**BOOSTED, "n_estimators": {"low": 20, "high": 90}}
    found = search(settings("XGBoost", space, n_iter=20, method="race"), easy)
    texts = [json.loads(text) for text in found.trials["params"]]
    for work in started:
        assert work.fold is not None
        first_heat = texts.index(dict(work.params)) < FIRST_HEAT
        assert (work.guard is None) == (first_heat or not marks(work.params["n_estimators"]))
        if work.guard is not None:
            assert (work.guard.metric, work.guard.n_folds) == ("accuracy", 4)
            assert (len(work.guard.rival), len(work.guard.earlier)) == (work.fold + 1, work.fold)
            assert [len(part) for part in work.guard.rival] == [100] * (work.fold + 1)
    assert any(work.guard for work in started)


def test_a_model_that_does_not_grow_is_not_guarded(
    easy: TrainingData, search: Search, settings: MakeSettings, started: list[Work]
) -> None:
    search(settings("LogisticRegression", LINEAR, n_iter=20, method="race"), easy)
    assert not any(work.guard for work in started)


def test_what_no_guard_can_judge_is_not_guarded_so_that_a_random_search_pays_for_it(
    easy: TrainingData, search: Search, settings: MakeSettings, ledger: Any
) -> None:
    stopping = {"patience": 3, "share": 0.2}
    for params, early in (({"booster": "dart"}, None), ({}, stopping)):
        space = {**BOOSTED, "n_estimators": {"low": 70, "high": 80}}
        both = [settings("XGBoost", space, params=params, n_iter=12, method=method) for method in ("random", "race")]
        given = {"early": EarlyStopping(**early, seed=1)} if early else {}
        for wanted in both:
            ledger.puts.clear()
            search(replace(wanted, early_stopping=early), easy, ledger=ledger, **given)
        assert ledger.puts == []


def test_trials_that_one_fit_answers_together_are_not_guarded(
    easy: TrainingData, search: Search, settings: MakeSettings, started: list[Work]
) -> None:
    search(settings("XGBoost", {"n_estimators": {"low": 20, "high": 90}}, n_iter=20, method="race"), easy)
    assert not any(work.guard for work in started)
    assert len(started) <= 8
    assert max(len(work.shorter) for work in started) >= 3


def test_a_trial_whose_fit_is_broken_off_is_dropped_on_the_spot(
    easy: TrainingData, search: Search, settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, ledger: Any
) -> None:
    monkeypatch.setattr(Judge, "_is_hopeless", lambda _, share, *__: share >= 0.25)
    space = {**BOOSTED, "n_estimators": {"low": 70, "high": 80}}
    wanted = settings("XGBoost", space, n_iter=20, method="race")
    found = search(wanted, easy, ledger=ledger)
    late = found.trials[FIRST_HEAT:]
    assert set(late["status"]) == {"dropped"}
    assert set(late["folds"]) == {0}
    assert late["mean"].isna().all()
    assert sum(record.stopped > 0 for record in ledger.puts) == 15
    assert found.summary["best_trial"] < FIRST_HEAT
    same(search(wanted, easy, ledger=ledger), found)
    assert sum(record.stopped > 0 for record in ledger.puts) == 15


def test_a_fit_that_was_broken_off_is_made_whole_where_it_is_needed_whole(
    easy: TrainingData, search: Search, settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, ledger: Any
) -> None:
    monkeypatch.setattr(Judge, "_is_hopeless", lambda _, share, *__: share >= 0.25)
    space = {**BOOSTED, "n_estimators": {"low": 70, "high": 80}}
    search(settings("XGBoost", space, n_iter=8, method="race"), easy, ledger=ledger)
    after = search(settings("XGBoost", space, n_iter=8), easy, ledger=ledger)
    same(after, search(settings("XGBoost", space, n_iter=8), easy))
