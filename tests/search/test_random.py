"""Random search is scikit-learn's, number by number, and survives candidates that fail."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import RandomizedSearchCV, StratifiedKFold

from phishcli.errors import ConfigError, TrainError
from phishcli.models import get
from phishcli.search import random, trials
from phishcli.search.spaces import distributions, parse
from phishcli.types import Fold, ModelSettings, TrainingData

FOREST = {"n_estimators": [3, 5, 7, 9], "max_depth": {"low": 1, "high": 4}, "max_features": ["sqrt", None]}


def make_data(n: int = 200, n_folds: int = 3) -> TrainingData:
    x, y = make_classification(n, 6, flip_y=0.2, random_state=0)
    x, y, folds = x.astype(np.float32), y.astype(np.int8), np.zeros(n, dtype=np.int8)
    for number, (_, held_out) in enumerate(StratifiedKFold(n_folds).split(x, y)):
        folds[held_out] = number

    def make_fold(number: int) -> Fold:
        out = folds == number
        return Fold(number, x[~out], y[~out], x[out], y[out], np.flatnonzero(out))

    return TrainingData(x, y, np.arange(n), folds, make_fold)


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return make_data()


def settings(model: str = "RandomForest", space: Any = FOREST, **tune: Any) -> ModelSettings:
    told = {"method": "random", "n_iter": 8, "scoring": "accuracy", "seed": 5, "space": space, **tune}
    return ModelSettings(model, {}, seed=1, tune=told)


def search(wanted: ModelSettings, data: TrainingData, jobs: int = 2) -> trials.Found:
    return random.search(get(wanted.model), wanted, data, jobs=jobs, on_fit=lambda *_: None)


def sklearn_search(wanted: ModelSettings, data: TrainingData, **options: Any) -> RandomizedSearchCV:
    spec, tune = get(wanted.model), wanted.tune or {}
    cv = [(np.flatnonzero(data.folds != k), np.flatnonzero(data.folds == k)) for k in range(data.n_folds)]
    scorer = {"pr_auc": "average_precision"}.get(tune["scoring"], tune["scoring"])
    space = distributions(parse(tune["space"], model=spec.name, known=spec.space))
    judged = RandomizedSearchCV(
        spec.build(wanted.params, wanted.seed),
        space,
        n_iter=tune["n_iter"],
        scoring=scorer,
        cv=cv,
        random_state=tune["seed"],
        refit=False,
        **options,
    )
    return judged.fit(data.x.astype(spec.dtype), data.y)


LINEAR = {"C": {"low": 1e-3, "high": 1e2, "log": True}, "solver": ["lbfgs", "liblinear"]}


@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc", "f1", "balanced_accuracy", "pr_auc"])
@pytest.mark.parametrize(("model", "space"), [("RandomForest", FOREST), ("LogisticRegression", LINEAR)])
def test_candidates_scores_ranks_and_winner_are_those_of_scikit_learn(
    model: str, space: Any, scoring: str, data: TrainingData
) -> None:
    wanted = settings(model, space, scoring=scoring)
    ours, theirs = search(wanted, data), sklearn_search(wanted, data)
    results = theirs.cv_results_
    assert [json.loads(text) for text in ours.trials["params"]] == results["params"]
    for number in range(data.n_folds):
        assert ours.trials[f"fold_{number}"].to_numpy() == pytest.approx(
            results[f"split{number}_test_score"], abs=1e-12
        )
    assert ours.trials["mean"].to_numpy() == pytest.approx(results["mean_test_score"], abs=1e-12)
    assert ours.trials["std"].to_numpy() == pytest.approx(results["std_test_score"], abs=1e-12)
    assert ours.trials["rank"].tolist() == results["rank_test_score"].tolist()
    assert ours.params == theirs.best_params_
    assert ours.summary["best_trial"] == theirs.best_index_
    assert ours.summary["best_score"] == pytest.approx(theirs.best_score_, abs=1e-12)


def test_a_row_at_exactly_one_half_counts_as_positive_unlike_in_scikit_learn(data: TrainingData) -> None:
    wanted = settings(space={"n_estimators": [2], "max_depth": [None]}, n_iter=1)
    found = search(wanted, data)
    fits = zip(found.fits, range(data.n_folds), strict=True)
    expected = [np.mean((fit.probability >= 0.5) == data.fold(number).y_valid) for fit, number in fits]
    assert any((fit.probability == 0.5).any() for fit in found.fits)
    assert found.summary["best_score"] == pytest.approx(np.mean(expected), abs=1e-12)


def test_failing_candidates_rank_last_as_with_scikit_learn(data: TrainingData) -> None:
    wanted = settings(space={"max_depth": [-1, 1, 2], "n_estimators": [3]})
    ours = search(wanted, data)
    with pytest.warns(FitFailedWarning), pytest.warns(UserWarning, match="non-finite|smaller than n_iter"):
        theirs = sklearn_search(wanted, data, error_score=np.nan)
    assert ours.trials["rank"].tolist() == theirs.cv_results_["rank_test_score"].tolist()
    assert ours.params == theirs.best_params_


def test_a_failing_candidate_is_recorded_with_its_reason(data: TrainingData) -> None:
    found = search(settings(space={"max_depth": [-1, 2], "n_estimators": [3]}), data)
    bad = found.trials[found.trials["error"].notna()].iloc[0]
    assert "The 'max_depth' parameter of RandomForestClassifier must be" in bad["error"]
    assert np.isnan(bad["mean"])
    assert found.summary["n_failed"] == 1
    assert found.params["max_depth"] == 2


def test_all_candidates_failing_is_an_error_with_the_first_reason(data: TrainingData) -> None:
    wanted = settings(space={"max_depth": [-1, -2]})
    with pytest.raises(
        TrainError, match=r"(?s)All 2 trials of RandomForest failed; the first: The 'max_depth' param.*Narrow"
    ):
        search(wanted, data)


def test_of_equal_candidates_the_first_wins(data: TrainingData) -> None:
    found = search(settings("KNN", {"leaf_size": [10, 20, 30, 40]}), data, jobs=4)
    assert (found.trials["mean"] == found.trials["mean"].iloc[0]).all()
    assert found.trials["rank"].tolist() == [1, 1, 1, 1]
    assert found.summary["best_trial"] == 0


@pytest.mark.parametrize("jobs", [2, 4])
def test_the_number_of_jobs_changes_nothing_but_times(jobs: int, data: TrainingData) -> None:
    one, many = search(settings(), data, jobs=1), search(settings(), data, jobs=jobs)
    pd.testing.assert_frame_equal(one.trials.drop(columns="fit_seconds"), many.trials.drop(columns="fit_seconds"))
    for first, second in zip(one.fits, many.fits, strict=True):
        assert np.array_equal(first.probability, second.probability)


@pytest.mark.parametrize("scoring", ["fpr", "fnr"])
def test_error_rates_are_minimised(scoring: str, data: TrainingData) -> None:
    found = search(settings(scoring=scoring), data)
    assert found.summary["best_score"] == found.trials["mean"].min()
    assert found.trials.loc[found.summary["best_trial"], "rank"] == 1


def test_a_finite_space_is_tried_whole_without_a_warning(data: TrainingData) -> None:
    found = search(settings(space={"max_depth": [1, 2], "n_estimators": [3]}, n_iter=50), data)
    assert len(found.trials) == 2
    assert found.trials["warnings"].isna().all()


def test_candidates_override_the_parameters_of_the_model(data: TrainingData) -> None:
    wanted = settings(space={"n_estimators": [3]})
    with_depth = ModelSettings(wanted.model, {"n_estimators": 99, "max_depth": 1}, wanted.seed, wanted.tune)
    same = settings(space={"n_estimators": [3], "max_depth": [1]})
    assert search(with_depth, data).trials["mean"].tolist() == search(same, data).trials["mean"].tolist()


def test_only_the_probabilities_of_the_best_candidate_are_kept(
    data: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledgers = []

    class Spy(trials.Ledger):
        def __init__(self, *parts: Any) -> None:
            super().__init__(*parts)
            ledgers.append(self)

    monkeypatch.setattr(random, "Ledger", Spy)
    found = search(settings(), data)
    assert list(ledgers[0].fits) == [found.summary["best_trial"]]


def test_warnings_of_a_candidate_stand_beside_it(data: TrainingData) -> None:
    found = search(settings("LogisticRegression", {"max_iter": [1, 500]}), data)
    by_iterations = dict(
        zip((json.loads(p)["max_iter"] for p in found.trials["params"]), found.trials["warnings"], strict=True)
    )
    assert by_iterations[1].startswith("ConvergenceWarning: lbfgs failed to converge")
    assert pd.isna(by_iterations[500])


def test_progress_counts_fits(data: TrainingData) -> None:
    told: list[tuple[int, int]] = []
    wanted = settings(space={"max_depth": [1, 2]})
    random.search(get("RandomForest"), wanted, data, jobs=2, on_fit=lambda done, total: told.append((done, total)))
    assert told == [(done, 6) for done in range(1, 7)]


def test_a_space_with_an_unknown_parameter_is_refused_before_any_fit(data: TrainingData) -> None:
    with pytest.raises(ConfigError, match=r"(?s)no parameter 'max_deph'.*tune.spaces.RandomForest.max_deph.*max_depth"):
        search(settings(space={"max_deph": [1, 2]}), data)


def test_trials_survive_parquet(data: TrainingData, tmp_path: Any) -> None:
    found = search(settings(space={"max_depth": [-1, 1, None], "n_estimators": [2]}), data)
    found.trials.to_parquet(tmp_path / "trials.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "trials.parquet"), found.trials)
