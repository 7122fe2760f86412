"""The search with Optuna proposes what the space allows, prunes, and comes to the same end with any number of jobs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli.errors import ConfigError, TrainError
from phishcli.events import Event, Fitting
from phishcli.fits.ledger import MemoryLedger
from phishcli.fits.matrices import TrainingData
from phishcli.fits.task import FitTask
from phishcli.models import get
from phishcli.search.results import SearchResult
from phishcli.search.search import prepare
from phishcli.search.settings import ModelSettings, SearchSettings
from phishcli.search.tpe import BATCH

optuna = pytest.importorskip("optuna")

Search = Callable[..., SearchResult]
MakeSettings = Callable[..., ModelSettings]

FOREST = {
    "n_estimators": {"low": 2, "high": 8},
    "max_depth": {"low": 1, "high": 16, "log": True},
    "max_features": ["sqrt", None, 0.5],
    "max_samples": {"low": 0.3, "high": 0.9},
}
LINEAR = {"C": {"low": 1e-3, "high": 1e2, "log": True}, "solver": ["lbfgs", "liblinear"]}


@pytest.fixture
def tuned(settings: MakeSettings) -> MakeSettings:
    """Ask for a search with Optuna."""

    def make(model: str, space: Any, **options: Any) -> ModelSettings:
        return settings(model, space, **{"method": "optuna", "n_iter": 10, **options})

    return make


def same(one: SearchResult, other: SearchResult) -> None:
    pd.testing.assert_frame_equal(*(found.trials.drop(columns="fit_seconds") for found in (one, other)))
    assert one.params == other.params
    for first, second in zip(one.fits, other.fits, strict=True):
        assert np.array_equal(first.probability, second.probability)


@pytest.mark.parametrize("jobs", [2, 4])
def test_the_number_of_jobs_changes_nothing_but_times(
    jobs: int, data: TrainingData, search: Search, tuned: MakeSettings
) -> None:
    same(search(tuned("RandomForest", FOREST), data, jobs=jobs), search(tuned("RandomForest", FOREST), data))


@pytest.mark.parametrize("n_iter", [1, BATCH, BATCH + 1, 3 * BATCH])
def test_so_many_candidates_are_tried_as_asked_for(
    n_iter: int, data: TrainingData, search: Search, tuned: MakeSettings
) -> None:
    found = search(tuned("NaiveBayes", get("NaiveBayes").plain_space(), n_iter=n_iter), data)
    assert len(found.trials) == found.summary.n_trials == n_iter
    assert found.summary.method == "optuna"


def test_another_seed_proposes_others(data: TrainingData, search: Search, tuned: MakeSettings) -> None:
    one, other = (search(tuned("LogisticRegression", LINEAR, n_iter=4, seed=seed), data) for seed in (1, 2))
    assert set(one.trials["params"]).isdisjoint(other.trials["params"])


def test_candidates_stay_within_the_space(data: TrainingData, search: Search, tuned: MakeSettings) -> None:
    trials = search(tuned("RandomForest", FOREST, n_iter=24), data).trials
    for params in map(json.loads, trials["params"]):
        assert params["n_estimators"] in range(2, 9)
        assert params["max_depth"] in range(1, 17)
        assert params["max_features"] in {"sqrt", None, 0.5}
        assert 0.3 <= params["max_samples"] <= 0.9
    assert {json.loads(text)["max_features"] for text in trials["params"]} == {"sqrt", None, 0.5}


def test_values_that_are_not_plain_arrive_as_they_are(
    data: TrainingData, search: Search, tuned: MakeSettings, started: list[FitTask]
) -> None:
    layers = [[4], [8], [4, 4]]
    params = {"max_iter": 2, "early_stopping": False}
    search(tuned("NeuralNetwork", {"hidden_layer_sizes": layers}, params=params, n_iter=8), data)
    found = {task.params["hidden_layer_sizes"] for task in started}
    assert found <= {(4,), (8,), (4, 4)}
    assert len(found) > 1


def test_it_says_nothing_of_its_own(
    data: TrainingData, search: Search, tuned: MakeSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    search(tuned("LogisticRegression", LINEAR), data)
    assert capfd.readouterr() == ("", "")


def test_it_learns_from_what_it_has_tried(data: TrainingData, search: Search, tuned: MakeSettings) -> None:
    wanted = tuned("KNN", {"n_neighbors": {"low": 1, "high": 130}}, n_iter=24, scoring="roc_auc")
    first_fold = search(wanted, data).trials["fold_0"]
    assert first_fold[-8:].mean() > first_fold[: 2 * BATCH].mean()


@pytest.mark.parametrize("scoring", ["roc_auc", "fpr"])
def test_hopeless_trials_are_pruned_and_never_win(
    scoring: str, data: TrainingData, search: Search, tuned: MakeSettings
) -> None:
    found = search(tuned("RandomForest", FOREST, n_iter=24, scoring=scoring), data)
    trials = found.trials
    assert set(trials["status"]) == {"complete", "pruned"}
    assert (trials["status"].iloc[: 2 * BATCH] == "complete").all()
    assert trials.loc[trials["status"] == "pruned", "folds"].between(1, 2).all()
    complete = trials.loc[trials["status"] == "complete", "mean"]
    assert found.summary.best_score == (complete.min() if scoring == "fpr" else complete.max())


def test_fits_are_shared_with_random_search_through_the_ledger(
    data: TrainingData, search: Search, tuned: MakeSettings, settings: MakeSettings, started: list[FitTask]
) -> None:
    ledger, space = MemoryLedger(), {"n_neighbors": [1, 5, 9], "p": [1, 2]}
    whole = search(settings("KNN", space), data, ledger=ledger)
    assert len(started) == 18
    found = search(tuned("KNN", space), data, ledger=ledger)
    assert len(started) == 18
    assert found.summary.best_score <= whole.summary.best_score


def test_a_search_that_is_begun_again_makes_no_fit(
    data: TrainingData, search: Search, tuned: MakeSettings, started: list[FitTask]
) -> None:
    ledger, wanted = MemoryLedger(), tuned("RandomForest", FOREST)
    once = search(wanted, data, ledger=ledger)
    started.clear()
    same(search(wanted, data, ledger=ledger), once)
    assert started == []


def test_more_trials_go_on_from_fewer(
    data: TrainingData, search: Search, tuned: MakeSettings, started: list[FitTask]
) -> None:
    ledger = MemoryLedger()
    few = search(tuned("LogisticRegression", LINEAR, n_iter=2 * BATCH), data, ledger=ledger)
    started.clear()
    many = search(tuned("LogisticRegression", LINEAR, n_iter=4 * BATCH), data, ledger=ledger)
    assert many.trials["params"].tolist()[: 2 * BATCH] == few.trials["params"].tolist()
    assert len(started) == many.summary.n_fits - few.summary.n_fits


def test_failing_candidates_leave_the_search_to_the_others(
    data: TrainingData, search: Search, tuned: MakeSettings
) -> None:
    found = search(tuned("RandomForest", {"max_depth": [-1, 2, 3], "n_estimators": [3]}), data)
    assert found.params["max_depth"] in {2, 3}
    assert found.summary.n_failed == (found.trials["error"].notna()).sum() > 0


def test_all_candidates_failing_is_an_error_with_the_first_reason(
    data: TrainingData, search: Search, tuned: MakeSettings
) -> None:
    with pytest.raises(TrainError, match=r"All 10 trials of RandomForest failed; the first: The 'max_depth' param"):
        search(tuned("RandomForest", {"max_depth": [-1, -2]}), data)


def test_progress_expects_the_candidates_that_are_still_to_come(
    data: TrainingData, search: Search, tuned: MakeSettings
) -> None:
    reported: list[Event] = []
    search(tuned("LogisticRegression", LINEAR, n_iter=8), data, on_event=reported.append)
    first, last = reported[0], reported[-1]
    assert isinstance(first, Fitting)
    assert isinstance(last, Fitting)
    assert (first.done, first.total) == (1, 25)  # with the final fit
    assert (last.done, last.total) == (24, 25)


def test_without_optuna_the_search_is_refused_with_the_line_that_installs_it(
    data: TrainingData, tuned: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    reported = r'(?s)needs a library that is not installed\ntrain\.tune\.method\npip install "phishcli\[optuna\]".*race'
    wanted = tuned("KNN", {"p": [1, 2]})
    assert isinstance(wanted.tune, SearchSettings)
    with pytest.raises(ConfigError, match=reported):
        prepare(get("KNN"), wanted, wanted.tune, data)


def test_the_other_methods_do_not_need_it(
    data: TrainingData, search: Search, settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    for method in ("race", "random", "grid"):
        assert search(settings("NaiveBayes", {"var_smoothing": [1e-9]}, method=method), data).params
