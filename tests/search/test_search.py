"""Random search and the grid are scikit-learn's, number by number, and survive candidates that fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import FitFailedWarning
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from threadpoolctl import threadpool_limits

from phishcli.config.schema import TuneConfig
from phishcli.errors import ConfigError, TrainError
from phishcli.events import Event, Fitting
from phishcli.fits.ledger import MemoryLedger
from phishcli.fits.matrices import TrainingData
from phishcli.fits.task import FitTask
from phishcli.models import EarlyStopping, get
from phishcli.models.space import parse
from phishcli.search.candidates import distributions
from phishcli.search.results import SearchResult
from phishcli.search.search import METHODS, prepare
from phishcli.search.settings import ModelSettings, SearchSettings

Search = Callable[..., SearchResult]
MakeSettings = Callable[..., ModelSettings]

FOREST = {"n_estimators": [3, 5, 7, 9], "max_depth": {"low": 1, "high": 4}, "max_features": ["sqrt", None]}
LINEAR = {"C": {"low": 1e-3, "high": 1e2, "log": True}, "solver": ["lbfgs", "liblinear"]}
BOOSTED = {"max_iter": {"low": 2, "high": 12}, "learning_rate": [0.1, 0.3]}
NEIGHBOURS = {"n_neighbors": [3, 7, 15, 31], "p": {"low": 1, "high": 3}}


PURE = {"RandomForest": {"min_samples_leaf": 1, "max_leaf_nodes": None}}
"""With leaves of two rows, rows often lie at exactly one half, which counts differently in scikit-learn."""


def sklearn_search(wanted: ModelSettings, data: TrainingData, **options: Any) -> Any:
    spec, tune = get(wanted.model), wanted.tune
    assert isinstance(tune, SearchSettings)
    cv = [(np.flatnonzero(data.folds != k), np.flatnonzero(data.folds == k)) for k in range(data.n_folds)]
    scorer = {"pr_auc": "average_precision", "mcc": "matthews_corrcoef"}.get(tune.scoring, tune.scoring)
    space = distributions(parse(tune.space, model=spec.name, known=spec.space))
    build, shared = spec.build(wanted.params, wanted.seed), {"scoring": scorer, "cv": cv, "refit": False, **options}
    if spec.prefix:
        space = {f"{spec.prefix}{name}": values for name, values in space.items()}
    if tune.method == "grid":
        judged = GridSearchCV(build, space, **shared)
    else:
        judged = RandomizedSearchCV(build, space, n_iter=tune.n_iter, random_state=tune.seed, **shared)
    with threadpool_limits(1):  # as in the pool
        return judged.fit(data.x.astype(spec.dtype), data.y)


def prepared(wanted: ModelSettings, data: TrainingData) -> Any:
    assert isinstance(wanted.tune, SearchSettings)
    return prepare(get(wanted.model), wanted, wanted.tune, data)


def compare(trials: pd.DataFrame, theirs: Any) -> None:
    """Compare scores and ranks trial by trial."""
    results, n_folds = theirs.cv_results_, sum(name.startswith("fold_") for name in trials)
    for number in range(n_folds):
        expected = results[f"split{number}_test_score"]
        assert trials[f"fold_{number}"].to_numpy() == pytest.approx(expected, abs=1e-12)
    assert trials["mean"].to_numpy() == pytest.approx(results["mean_test_score"], abs=1e-12)
    assert trials["std"].to_numpy() == pytest.approx(results["std_test_score"], abs=1e-12)
    assert trials["rank"].tolist() == results["rank_test_score"].tolist()


@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc", "f1", "balanced_accuracy", "pr_auc"])
@pytest.mark.parametrize(
    ("model", "space"),
    [
        ("RandomForest", FOREST),
        ("LogisticRegression", LINEAR),
        ("HistGradientBoosting", BOOSTED),
        ("KNN", NEIGHBOURS),
    ],
)
def test_candidates_scores_ranks_and_winner_are_those_of_scikit_learn(
    model: str, space: Any, scoring: str, data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    wanted = settings(model, space, params=PURE.get(model), scoring=scoring, seed=6)
    ours, theirs = search(wanted, data, jobs=2), sklearn_search(wanted, data)
    compare(ours.trials, theirs)
    prefix = get(model).prefix
    drawn = [{name.removeprefix(prefix): value for name, value in p.items()} for p in theirs.cv_results_["params"]]
    assert [json.loads(text) for text in ours.trials["params"]] == drawn
    assert ours.params == drawn[theirs.best_index_]
    assert ours.summary.best_trial == theirs.best_index_
    assert ours.summary.best_score == pytest.approx(theirs.best_score_, abs=1e-12)


@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc"])
@pytest.mark.parametrize(
    ("model", "space"),
    [
        ("RandomForest", {"n_estimators": [3, 9], "max_depth": {"low": 1, "high": 3}}),
        ("LogisticRegression", {"C": [0.001, 0.3, 100.0], "solver": ["lbfgs", "liblinear"]}),
    ],
)
def test_the_grid_is_that_of_scikit_learn(
    model: str, space: Any, scoring: str, data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    wanted = settings(model, space, scoring=scoring, method="grid")
    # Scikit-learn's takes no ranges.
    listed = {name: list(range(1, 4)) if isinstance(each, dict) else each for name, each in space.items()}
    theirs = sklearn_search(settings(model, listed, scoring=scoring, method="grid"), data)
    trials = search(wanted, data).trials.set_index("params")
    compare(trials.loc[[json.dumps(params, sort_keys=True) for params in theirs.cv_results_["params"]]], theirs)
    assert len(trials) == len(theirs.cv_results_["params"])


def test_a_row_at_exactly_one_half_counts_as_positive_unlike_in_scikit_learn(
    data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    found = search(settings("RandomForest", {"n_estimators": [2], "max_depth": [None]}, n_iter=1), data)
    fits = zip(found.fits, range(data.n_folds), strict=True)
    expected = [np.mean((fit.probability >= 0.5) == data.y[data.folds == number]) for fit, number in fits]
    assert any((fit.probability == 0.5).any() for fit in found.fits)
    assert found.summary.best_score == pytest.approx(np.mean(expected), abs=1e-12)


# Folds that do not define the metric.


def with_one_class(data: TrainingData, *without_positives: int) -> TrainingData:
    """The same rows, in folds of which some hold out negative rows only."""
    from phishcli.features.folds import Fold

    taken = np.isin(data.folds, without_positives) & (data.y == 1)
    folds = np.where(taken, max(set(range(data.n_folds)) - set(without_positives)), data.folds).astype(np.int8)

    def make_fold(number: int) -> Fold:
        out = folds == number
        return Fold(number, data.x[~out], data.y[~out], data.x[out], data.y[out], np.flatnonzero(out))

    return TrainingData(data.x, data.y, data.rows, folds, make_fold)


@pytest.mark.parametrize("method", ["random", "race"])
def test_a_fold_of_one_class_counts_in_no_score_of_a_search_by_roc_auc(
    method: str, make_data: Callable[..., TrainingData], search: Search, settings: MakeSettings
) -> None:
    data = with_one_class(make_data(300, 5), 1)
    found = search(settings("KNN", NEIGHBOURS, method=method, n_iter=8, scoring="roc_auc"), data)
    complete = found.trials[found.trials["status"] == "complete"]
    assert complete["fold_1"].isna().all()
    assert (complete["folds"] == 5).all()
    others = [fold for fold in range(5) if fold != 1]
    held_out = [(data.y[data.folds == fold], found.fits[fold].probability) for fold in others]
    expected = np.mean([roc_auc_score(*each) for each in held_out])
    assert found.summary.best_score == pytest.approx(expected)
    assert complete["mean"].max() == pytest.approx(expected)
    best = complete.sort_values("rank").iloc[0]
    assert best["mean"] == pytest.approx(np.mean([best[f"fold_{fold}"] for fold in others]))


def test_a_search_by_what_one_fold_alone_defines_is_refused(
    data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    lacking = with_one_class(data, 0, 1)
    with pytest.raises(TrainError, match=r"by ROC-AUC: only 1 of 3 folds hold rows of both classes") as caught:
        search(settings("KNN", NEIGHBOURS, scoring="roc_auc"), lacking)
    assert "--set train.tune.scoring=accuracy" in str(caught.value.hint)


# Candidates that fail.


def test_failing_candidates_rank_last_as_with_scikit_learn(
    data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    wanted = settings("RandomForest", {"max_depth": [-1, 1, 2], "n_estimators": [3]}, method="grid")
    ours = search(wanted, data)
    with pytest.warns(FitFailedWarning), pytest.warns(UserWarning, match="non-finite"):
        theirs = sklearn_search(wanted, data, error_score=np.nan)
    by_depth = {json.loads(text)["max_depth"]: rank for text, rank in ours.trials[["params", "rank"]].to_numpy()}
    expected = zip(theirs.cv_results_["params"], theirs.cv_results_["rank_test_score"], strict=True)
    assert by_depth == {params["max_depth"]: rank for params, rank in expected}
    assert ours.params == theirs.best_params_


@pytest.mark.parametrize("method", ["random", "grid", "race"])
def test_a_failing_candidate_is_recorded_with_its_reason(
    method: str, data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    found = search(settings("RandomForest", {"max_depth": [-1, 2], "n_estimators": [3]}, method=method), data)
    bad = found.trials[found.trials["error"].notna()].iloc[0]
    assert "The 'max_depth' parameter of RandomForestClassifier must be" in bad["error"]
    assert np.isnan(bad["mean"])
    assert bad["status"] == "failed"
    assert found.summary.n_failed == 1
    assert found.params["max_depth"] == 2


@pytest.mark.parametrize("method", ["random", "grid", "race"])
def test_all_candidates_failing_is_an_error_with_the_first_reason(
    method: str, data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    with pytest.raises(
        TrainError, match=r"(?s)All 2 trials of RandomForest failed; the first: The 'max_depth' param.*Narrow"
    ):
        search(settings("RandomForest", {"max_depth": [-1, -2]}, method=method), data)


def test_a_candidate_that_fails_in_a_process_is_recorded_as_one_that_fails_in_a_thread(
    data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    assert get("KNN").workers == "processes"
    found = search(settings("KNN", {"n_neighbors": [0, 5]}), data, processes=True)
    (reason,) = found.trials["error"].dropna()
    assert reason.startswith("The 'n_neighbors' parameter of KNeighborsClassifier must be")


# Winners.


def test_of_equal_candidates_the_first_wins(data: TrainingData, search: Search, settings: MakeSettings) -> None:
    found = search(settings("KNN", {"leaf_size": [10, 20, 30, 40]}), data, jobs=2)
    assert (found.trials["mean"] == found.trials["mean"].iloc[0]).all()
    assert found.trials["rank"].tolist() == [1, 1, 1, 1]
    assert found.summary.best_trial == 0


@pytest.mark.parametrize("jobs", [2, 4])
@pytest.mark.parametrize("method", ["random", "grid"])
def test_the_number_of_jobs_changes_nothing_but_times(
    jobs: int, method: str, data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    wanted = settings("RandomForest", {**FOREST, "max_depth": [1, 3]}, method=method)
    one, many = search(wanted, data), search(wanted, data, jobs=jobs)
    pd.testing.assert_frame_equal(one.trials.drop(columns="fit_seconds"), many.trials.drop(columns="fit_seconds"))
    for first, second in zip(one.fits, many.fits, strict=True):
        assert np.array_equal(first.probability, second.probability)


@pytest.mark.parametrize("scoring", ["fpr", "fnr"])
def test_error_rates_are_minimised(scoring: str, data: TrainingData, search: Search, settings: MakeSettings) -> None:
    found = search(settings("RandomForest", FOREST, scoring=scoring), data)
    assert found.summary.best_score == found.trials["mean"].min()
    assert found.trials.loc[found.summary.best_trial, "rank"] == 1


def test_the_summary_says_by_which_method_it_was_found(
    data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    for method in ("random", "grid", "race"):
        summary = search(settings("NaiveBayes", {"var_smoothing": [1e-9, 1e-3]}, method=method), data).summary
        assert (summary.method, summary.n_trials, summary.scoring) == (method, 2, "accuracy")


def test_the_methods_are_those_of_the_configuration() -> None:
    field = TuneConfig.model_fields["method"]
    assert set(METHODS) == set(getattr(field.annotation, "__args__", ()))


# Candidates.


@pytest.mark.parametrize("n_iter", [2, 50])
def test_a_finite_space_is_tried_whole_without_a_warning(
    n_iter: int, data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    found = search(settings("RandomForest", {"max_depth": [1, 2], "n_estimators": [3]}, n_iter=n_iter), data)
    assert len(found.trials) == 2
    assert found.trials["warnings"].isna().all()


def test_candidates_override_the_parameters_of_the_model(
    data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    base = {"n_estimators": 99, "max_depth": 1}
    with_depth = search(settings("RandomForest", {"n_estimators": [3]}, params=base), data)
    same = search(settings("RandomForest", {"n_estimators": [3], "max_depth": [1]}), data)
    assert with_depth.trials["mean"].tolist() == same.trials["mean"].tolist()


def test_a_candidate_that_is_drawn_twice_is_fitted_once(
    data: TrainingData, search: Search, settings: MakeSettings, started: list[FitTask]
) -> None:
    found = search(settings("NaiveBayes", {"var_smoothing": [1e-9]}, n_iter=5, method="grid"), data)
    twice = search(settings("RandomForest", {"max_depth": {"low": 1, "high": 2}}, n_iter=9), data)
    assert (len(found.trials), len(twice.trials)) == (1, 9)
    assert twice.summary.n_fits == 27
    assert len(started) == 3 + 6


def test_warnings_of_a_candidate_stand_beside_it(data: TrainingData, search: Search, settings: MakeSettings) -> None:
    found = search(settings("LogisticRegression", {"solver": ["lbfgs"], "max_iter": [1, 500]}), data)
    by_iterations = dict(
        zip((json.loads(p)["max_iter"] for p in found.trials["params"]), found.trials["warnings"], strict=True)
    )
    assert by_iterations[1].startswith("ConvergenceWarning: lbfgs failed to converge")
    assert pd.isna(by_iterations[500])


def test_progress_counts_fits_and_tells_the_best_so_far(
    data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    reported: list[Event] = []
    found = search(settings("RandomForest", {"max_depth": [1, 2]}), data, jobs=2, on_event=reported.append)
    events = [event for event in reported if isinstance(event, Fitting)]
    assert len(events) == len(reported)
    assert [(event.model, event.done) for event in events] == [("RandomForest", done) for done in range(1, 7)]
    assert {event.total for event in events} == {7}  # with the final fit, which nobody asks for here
    assert {event.scoring for event in events} == {"accuracy"}
    assert (events[-1].best, events[-1].params) == (found.summary.best_score, found.params)
    assert events[-1].per_second is not None
    assert events[-1].seconds_left == pytest.approx(1 / events[-1].per_second)


def test_a_space_with_an_unknown_parameter_is_refused_before_any_fit(
    data: TrainingData, settings: MakeSettings
) -> None:
    with pytest.raises(ConfigError, match=r"(?s)no parameter 'max_deph'.*tune.spaces.RandomForest.max_deph.*max_depth"):
        prepared(settings("RandomForest", {"max_deph": [1, 2]}), data)


def test_a_grid_over_a_range_is_refused_before_any_fit(data: TrainingData, settings: MakeSettings) -> None:
    with pytest.raises(ConfigError, match="A grid needs a list of values, and learning_rate has a range"):
        prepared(settings("XGBoost", get("XGBoost").plain_space(), method="grid"), data)


def test_trials_survive_parquet(data: TrainingData, search: Search, settings: MakeSettings, tmp_path: Any) -> None:
    found = search(settings("RandomForest", {"max_depth": [-1, 1, None], "n_estimators": [2]}), data)
    found.trials.to_parquet(tmp_path / "trials.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "trials.parquet"), found.trials)


def test_a_search_with_early_stopping_finds_what_fits_with_it_give(
    data: TrainingData, search: Search, settings: MakeSettings
) -> None:
    wanted = settings("HistGradientBoosting", {"max_iter": [20, 300], "learning_rate": [0.3]}, method="grid")
    early, ledger = EarlyStopping(patience=3, share=0.2, seed=1), MemoryLedger()
    plain, stopping = (
        search(wanted, data, ledger=ledger),
        search(replace(wanted, early_stopping=early), data, ledger=ledger),
    )
    assert plain.trials["mean"].nunique() == 2
    assert len(set(stopping.trials["mean"])) == 1  # both stop before the 20th round
    assert len(ledger) == 12
    search(replace(wanted, early_stopping=EarlyStopping(patience=3, share=0.2, seed=2)), data, ledger=ledger)
    assert len(ledger) == 18  # other rows to stop by are other fits
