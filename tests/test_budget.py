"""A budget for a whole run: it ends in time with what there was time for, and can be repeated without one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from phishcli import Project
from phishcli.errors import ConfigError
from phishcli.events import Skipped
from phishcli.project import REPEAT
from phishcli.stages.train import TRIALS
from tests.made import project_on_numbers

BUDGET = 12.0
MODELS = ["LogisticRegression", "NaiveBayes", "LightGBM", "Ensemble"]


def project(folder: Path, **more: Any) -> Project:
    settings = {
        "train.models": MODELS,
        "preprocess.folds": 3,
        "evaluate.n_boot": 50,
        "report.charts": False,
    }
    return project_on_numbers(folder, rows=500, slope=0.4, **{**settings, **more})


def test_it_ends_in_time_and_its_trials_repeat_it_without_a_budget(tmp_path: Path) -> None:
    started = time.perf_counter()
    run = project(tmp_path, **{"train.budget": BUDGET, "evaluate.explain": False}).run()
    assert time.perf_counter() - started < 5 * BUDGET  # a busy machine; benchmarks/automl measures what it takes
    assert run.selection.by == "log_loss"
    trials = run.outcome.get_all(TRIALS)
    assert trials.keys() == set(MODELS[:3]) - run.outcome.failed.keys()
    again = Project.of(file=tmp_path / "results" / REPEAT).run()
    assert again.outcome.source.origin == run.outcome.source.origin
    for model in trials.keys() | ({"Ensemble"} - run.outcome.failed.keys()):
        before, after = (each.read(f"evaluate/{model}", "predictions.parquet") for each in (run, again))
        pd.testing.assert_frame_equal(before, after)


def test_the_quickest_model_is_trained_however_short_it_is_and_the_others_are_named(tmp_path: Path) -> None:
    events: list[Any] = []
    run = project(tmp_path, **{"train.budget": 0.1}).run(on_event=events.append)
    assert run.selection.model == "LogisticRegression"
    assert "a budget of 0.1 seconds left no time for it" in run.outcome.failed["LightGBM"]
    skipped = [event.step for event in events if isinstance(event, Skipped) and "budget" in event.reason]
    assert skipped == ["explain/LogisticRegression"]


@pytest.mark.parametrize("budget", ["0s", "-3s", "soon"])
def test_a_budget_that_is_none_is_refused(budget: str) -> None:
    with pytest.raises(ConfigError, match=r"train\.budget"):
        Project.of({"train.budget": budget})
