"""When the time for a search is up, it ends with a winner, and no more fits than that needs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from phishcli.fits import worker
from phishcli.fits.matrices import TrainingData
from phishcli.fits.task import FitTask
from phishcli.search.results import SearchResult
from phishcli.search.settings import ModelSettings

Search = Callable[..., SearchResult]
MakeSettings = Callable[..., ModelSettings]


@pytest.mark.parametrize("method", ["race", "random", "grid", "optuna"])
def test_when_the_time_is_up_before_any_trial_is_complete_one_is_completed(
    method: str, data: TrainingData, search: Search, settings: MakeSettings, started: list[FitTask]
) -> None:
    if method == "optuna":
        pytest.importorskip("optuna")
    space = {"max_depth": [1, 2, 3, 4, 5, 6, 7, 8], "n_estimators": [5]}
    found = search(settings("RandomForest", space, method=method, time_budget=0.0), data, jobs=2)
    assert len(started) == data.n_folds
    assert sorted(task.fold or 0 for task in started) == [0, 1, 2]
    assert len({str(task.params) for task in started}) == 1
    assert (found.summary.n_complete, found.summary.n_unfinished) == (1, 7)
    assert found.trials["status"].iloc[found.summary.best_trial] == "complete"


def test_a_thousandth_of_a_second_is_enough_for_a_winner(
    data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    space = {"max_depth": {"low": 1, "high": 30}, "n_estimators": {"low": 50, "high": 90}}
    for method in ("race", "random"):
        wanted = settings("RandomForest", space, method=method, n_iter=60, time_budget=0.001)
        found = search(wanted, data, jobs=2)
        assert found.summary.n_unfinished > 50
        assert found.summary.n_complete >= 1


def only_two_folds_of_the_best(ledger: Any, whole: SearchResult) -> int:
    """Let a ledger forget all but the first two folds of the winner; gives its number."""
    best: int = whole.summary.best_trial
    for key, record in list(ledger.items()):
        wanted = json.loads(whole.trials["params"][best])  # the record has the defaults as well
        if not wanted.items() <= json.loads(record.params).items() or record.fold == 2:
            del ledger[key]
    return best


def test_the_furthest_trial_is_completed_when_the_time_is_up(
    data: TrainingData, search: Search, settings: MakeSettings, ledger: Any, started: list[FitTask]
) -> None:
    space = {"max_depth": [1, 2, 3, 4], "n_estimators": [5]}
    whole = search(settings("RandomForest", space, method="grid"), data, ledger=ledger)
    best = only_two_folds_of_the_best(ledger, whole)
    started.clear()
    found = search(settings("RandomForest", space, method="grid", time_budget=0.0), data, ledger=ledger)
    assert [(task.fold, task.params["max_depth"]) for task in started] == [(2, found.params["max_depth"])]
    assert found.summary.best_trial == best


def test_where_the_furthest_trial_fails_when_the_time_is_up_the_next_one_is_completed(
    data: TrainingData, search: Search, settings: MakeSettings, ledger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = {"max_depth": [1, 2, 3, 4], "n_estimators": [5]}
    whole = search(settings("RandomForest", space, method="grid"), data, ledger=ledger)
    best = only_two_folds_of_the_best(ledger, whole)
    run = worker.run

    def failing(task: FitTask) -> Any:
        if task.params["max_depth"] == whole.params["max_depth"]:
            raise ValueError("no more")
        return run(task)

    monkeypatch.setattr(worker, "run", failing)
    found = search(settings("RandomForest", space, method="grid", time_budget=0.0), data, ledger=ledger)
    status = found.trials["status"].value_counts().to_dict()
    assert (status, found.trials["error"][best]) == ({"unfinished": 2, "complete": 1, "failed": 1}, "no more")


def test_what_the_ledger_knows_needs_no_time(
    data: TrainingData, search: Search, settings: MakeSettings, ledger: Any, started: list[FitTask]
) -> None:
    space = {"max_depth": [1, 2, 3, 4], "n_estimators": [5]}
    whole = search(settings("RandomForest", space, method="race"), data, ledger=ledger)
    started.clear()
    found = search(settings("RandomForest", space, method="race", time_budget=0.0), data, ledger=ledger)
    assert started == []
    assert found.summary == whole.summary
