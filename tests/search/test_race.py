"""A race finds what random search finds with fewer fits, and more trials cost no more than those trials."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli.fits import worker
from phishcli.fits.ledger import MemoryLedger
from phishcli.fits.matrices import TrainingData
from phishcli.fits.task import FitTask
from phishcli.models.abilities import EarlyStopping
from phishcli.models.space import Choice
from phishcli.search.candidates import drawn
from phishcli.search.pruning import GrowthObservation, GrowthPruner, checkpoints
from phishcli.search.race import FIRST_HEAT, heats
from phishcli.search.results import SearchResult
from phishcli.search.settings import ModelSettings
from phishcli.search.study import Study

Search = Callable[..., SearchResult]
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


def without_times(found: SearchResult) -> pd.DataFrame:
    return found.trials.drop(columns="fit_seconds")


def same(one: SearchResult, other: SearchResult) -> None:
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
    assert raced.summary.best_score == whole.summary.best_score
    assert (whole.summary.n_fits, whole.summary.n_pruned) == (4 * n_iter, 0)
    assert raced.summary.n_fits < 0.8 * whole.summary.n_fits
    assert raced.trials["params"].tolist() == whole.trials["params"].tolist()


@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc", "fpr"])
def test_pruned_trials_are_marked_and_their_scores_are_those_of_random_search(
    scoring: str, easy: TrainingData, search: Search, settings: MakeSettings
) -> None:
    whole = search(settings("XGBoost", BOOSTED, n_iter=12, scoring=scoring), easy).trials
    raced = search(settings("XGBoost", BOOSTED, n_iter=12, scoring=scoring, method="race"), easy)
    trials = raced.trials
    assert set(trials["status"]) == {"complete", "pruned"}
    pruned = trials[trials["status"] == "pruned"]
    assert pruned["folds"].between(0, 3).all()
    folds = [f"fold_{number}" for number in range(4)]
    assert (trials[folds].notna().sum(axis=1) == trials["folds"]).all()
    made = trials[folds].notna().to_numpy()
    assert (trials[folds].to_numpy()[made] == whole[folds].to_numpy()[made]).all()
    complete = trials.loc[trials["status"] == "complete", "mean"]
    assert raced.summary.best_score == (complete.min() if scoring == "fpr" else complete.max())
    assert raced.summary.n_pruned == len(pruned) > 0


def test_more_trials_give_the_race_that_they_would_have_given_at_once_even_within_a_heat(
    easy: TrainingData, search: Search, settings: MakeSettings
) -> None:
    ledger = MemoryLedger()
    search(settings("LogisticRegression", LINEAR, n_iter=8, method="race"), easy, ledger=ledger)
    wanted = settings("LogisticRegression", LINEAR, n_iter=22, method="race")
    same(search(wanted, easy, ledger=ledger), search(wanted, easy))


def test_thirty_more_trials_cost_the_fits_of_those_thirty_alone(
    easy: TrainingData, search: Search, settings: MakeSettings, ledger: Any, started: list[FitTask]
) -> None:
    twenty, fifty = (settings("XGBoost", BOOSTED, n_iter=n_iter, method="race") for n_iter in (20, 50))
    search(twenty, easy, ledger=ledger)
    first, puts = list(started), len(ledger.puts)
    assert puts == len(first)
    started.clear()
    more = search(fifty, easy, ledger=ledger)
    second = list(started)
    late = {text_of(json.loads(text)) for text in more.trials["params"][20:]}
    assert {text_of(task.params) for task in second} == late
    assert len(ledger.puts) - puts == len(second)
    started.clear()
    at_once = search(fifty, easy)
    same(more, at_once)
    assert sorted(map(name_of, first + second)) == sorted(map(name_of, started))


def text_of(params: Any) -> str:
    return json.dumps(dict(params), sort_keys=True)


def name_of(task: FitTask) -> str:
    return f"{text_of(task.params)} {task.fold} {task.pruner.digest() if task.pruner else ''}"


def test_a_race_that_is_repeated_makes_no_fit(
    easy: TrainingData, search: Search, settings: MakeSettings, ledger: Any, started: list[FitTask]
) -> None:
    wanted = settings("XGBoost", BOOSTED, n_iter=30, method="race")
    once = search(wanted, easy, ledger=ledger)
    started.clear()
    same(search(wanted, easy, ledger=ledger), once)
    assert started == []


def test_a_race_uses_the_fits_of_a_random_search_and_the_other_way_round(
    easy: TrainingData, search: Search, settings: MakeSettings, ledger: Any, started: list[FitTask]
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
    request = Study.request

    def spy(self: Study, trial: int, fold: int, **options: Any) -> Any:
        asked.append((trial, fold))
        return request(self, trial, fold, **options)

    monkeypatch.setattr(Study, "request", spy)
    wanted = settings("LogisticRegression", LINEAR, n_iter=12, method="race")
    search(wanted, easy, jobs=1)
    first = asked.copy()
    asked.clear()
    search(wanted, easy, jobs=3)
    assert asked == first


# Which trials are pruned.


@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc", "fpr"])
def test_a_leader_is_never_pruned(
    scoring: str, easy: TrainingData, search: Search, settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    prune, seen = Study.prune, []

    def spy(self: Study, trials: Any, *, among: Any) -> None:
        if trials and len(among) > 1:
            folds = int(np.isfinite(self.scores[among[0]]).sum())
            ahead = max(among, key=lambda trial: (self.objective(trial, folds), -trial))
            beaten = self.best is not None and self.objective(self.best, folds) > self.objective(ahead, folds)
            seen.append(beaten)
            assert beaten or ahead not in trials
        prune(self, trials, among=among)

    monkeypatch.setattr(Study, "prune", spy)
    for seed in range(2):
        found = search(
            settings("LogisticRegression", LINEAR, n_iter=10, method="race", scoring=scoring, seed=seed), easy
        )
        assert found.trials["status"].iloc[:FIRST_HEAT].tolist().count("complete") >= 1
    assert False in seen


def test_trials_equal_to_the_leader_are_not_pruned(easy: TrainingData, search: Search, settings: MakeSettings) -> None:
    found = search(settings("KNN", {"leaf_size": [10, 20, 30, 40, 50, 60]}, method="race"), easy)
    assert set(found.trials["status"]) == {"complete"}
    assert found.summary.best_trial == 0


def test_a_trial_that_is_far_behind_is_pruned_after_the_first_fold(
    easy: TrainingData, search: Search, settings: MakeSettings
) -> None:
    trials = search(settings("KNN", {"n_neighbors": [5, 9, 11, 13, 299]}, method="race"), easy).trials
    (far,) = trials[trials["params"] == '{"n_neighbors": 299}'].to_dict("records")
    assert (far["status"], far["folds"]) == ("pruned", 1)


def test_a_trial_that_fails_leaves_the_race_to_the_others(
    easy: TrainingData, search: Search, settings: MakeSettings, started: list[FitTask]
) -> None:
    found = search(settings("RandomForest", {"max_depth": [-1, 2, 4], "n_estimators": [5]}, method="race"), easy)
    assert found.summary.n_failed == 1
    assert found.params["max_depth"] in {2, 4}
    failed = [task.fold for task in started if task.params["max_depth"] == -1]
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
    assert (found.params, found.summary.n_failed) == ({"max_depth": 3}, 6)


@pytest.mark.parametrize("n_iter", [5, 8])
@pytest.mark.parametrize("fails_on", [1, 2, 3])
def test_where_the_leader_fails_the_trials_that_were_pruned_because_of_it_are_restarted(
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
    assert undisturbed.summary.n_pruned > 0
    run = worker.run

    def failing(task: FitTask) -> Any:
        if task.params["n_neighbors"] == 9 and task.fold == fails_on:
            raise MemoryError("no memory for this fold")
        return run(task)

    monkeypatch.setattr(worker, "run", failing)
    found, all_ = search(wanted, easy), search(replace_method(wanted, "random"), easy)
    assert found.params == all_.params
    assert (found.summary.n_failed, found.summary.best_score) == (1, all_.summary.best_score)


def replace_method(settings: ModelSettings, method: str) -> ModelSettings:
    return replace(settings, tune=replace(settings.tune, method=method))


def depths_drawn(depths: list[int], seed: int) -> list[int]:
    return [params["max_depth"] for params in drawn({"max_depth": Choice(tuple(depths))}, len(depths), seed)]


# Pruning of fits that grow.


def test_fits_of_later_heats_are_compared_with_the_best_trial_before_on_the_folds_so_far(
    easy: TrainingData, search: Search, settings: MakeSettings, started: list[FitTask]
) -> None:
    space = {**BOOSTED, "n_estimators": {"low": 20, "high": 90}}
    found = search(settings("GradientBoosting", space, n_iter=20, method="race"), easy)
    texts = [json.loads(text) for text in found.trials["params"]]
    for task in started:
        assert task.fold is not None
        first_heat = texts.index(dict(task.params)) < FIRST_HEAT
        assert (task.pruner is None) == (first_heat or not checkpoints(task.params["n_estimators"]))
        if isinstance(task.pruner, GrowthPruner):
            assert (len(task.pruner.rival), len(task.pruner.earlier)) == (task.fold + 1, task.fold)
            assert [len(part) for part in task.pruner.rival] == [100] * (task.fold + 1)
            assert [len(part) for part in task.pruner.rival_errors] == [100] * (task.fold + 1)
    assert any(task.pruner for task in started)


@pytest.mark.parametrize(
    ("model", "space", "scoring"),
    [
        ("LogisticRegression", LINEAR, "accuracy"),
        ("XGBoost", BOOSTED, "accuracy"),
        ("GradientBoosting", {**BOOSTED, "n_estimators": {"low": 40, "high": 50}}, "roc_auc"),
    ],
)
def test_fits_have_no_pruner_where_they_cannot_be_observed_or_the_accuracy_does_not_decide(
    model: str,
    space: Any,
    scoring: str,
    easy: TrainingData,
    search: Search,
    settings: MakeSettings,
    started: list[FitTask],
) -> None:
    search(settings(model, space, n_iter=8, scoring=scoring, method="race"), easy)
    assert not any(task.pruner for task in started)


@pytest.mark.parametrize(
    ("model", "params", "early"),
    [
        ("RandomForest", {"class_weight": "balanced"}, None),
        ("GradientBoosting", {}, EarlyStopping(patience=3, share=0.2, seed=1)),
    ],
)
def test_fits_that_cannot_be_observed_have_no_pruner_so_that_the_race_uses_those_of_a_random_search(
    model: str, params: Any, early: Any, easy: TrainingData, search: Search, settings: MakeSettings, ledger: Any
) -> None:
    space = {"n_estimators": {"low": 40, "high": 50}, "max_depth": {"low": 1, "high": 6}}
    for method in ("random", "race"):
        ledger.puts.clear()
        wanted = settings(model, space, params=params, n_iter=12, method=method)
        search(replace(wanted, early_stopping=early), easy, ledger=ledger)
    assert ledger.puts == []


def test_trials_that_one_fit_answers_together_have_no_pruner(
    easy: TrainingData, search: Search, settings: MakeSettings, started: list[FitTask]
) -> None:
    search(settings("GradientBoosting", {"n_estimators": {"low": 20, "high": 90}}, n_iter=20, method="race"), easy)
    assert not any(task.pruner for task in started)
    assert len(started) <= 8
    assert max(len(task.shorter) for task in started) >= 3


def test_a_trial_whose_fit_is_pruned_is_pruned_at_once(
    easy: TrainingData, search: Search, settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, ledger: Any
) -> None:
    monkeypatch.setattr(GrowthObservation, "_is_hopeless", lambda _, share, *__: share >= 0.25)
    space = {**BOOSTED, "n_estimators": {"low": 70, "high": 80}}
    wanted = settings("GradientBoosting", space, n_iter=20, method="race")
    found = search(wanted, easy, ledger=ledger)
    late = found.trials[FIRST_HEAT:]
    assert set(late["status"]) == {"pruned"}
    assert set(late["folds"]) == {0}
    assert late["mean"].isna().all()
    assert sum(record.stopped > 0 for record in ledger.puts) == 15
    assert found.summary.best_trial < FIRST_HEAT
    same(search(wanted, easy, ledger=ledger), found)
    assert sum(record.stopped > 0 for record in ledger.puts) == 15


def test_a_pruned_fit_is_made_again_where_all_of_it_is_needed(
    easy: TrainingData, search: Search, settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, ledger: Any
) -> None:
    monkeypatch.setattr(GrowthObservation, "_is_hopeless", lambda _, share, *__: share >= 0.25)
    space = {**BOOSTED, "n_estimators": {"low": 70, "high": 80}}
    search(settings("GradientBoosting", space, n_iter=8, method="race"), easy, ledger=ledger)
    after = search(settings("GradientBoosting", space, n_iter=8), easy, ledger=ledger)
    same(after, search(settings("GradientBoosting", space, n_iter=8), easy))
