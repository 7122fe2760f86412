"""Training gives a model on all rows and honest scores from rows that were held out."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedKFold

from phishcli.config.schema import MetricName
from phishcli.documents.metrics import FoldScores
from phishcli.documents.training import Training
from phishcli.errors import ConfigError, PreprocessError, TrainError
from phishcli.evaluation.metrics import compute
from phishcli.events import Event, Fitting, Notice
from phishcli.features.folds import Fold
from phishcli.fits import worker
from phishcli.fits.ledger import MemoryLedger
from phishcli.fits.matrices import TrainingData
from phishcli.fits.task import FitTask
from phishcli.models import EarlyStopping, get, registry
from phishcli.search.settings import ModelSettings, NoSearch, SearchSettings
from phishcli.search.trained import TrainedModel
from phishcli.search.training import TrainingResult, train

METRIC_NAMES = list(MetricName.__args__)
NOT_RESOLVABLE = ("tpr@fpr=0.1", "tpr@fpr=0.01", "tpr@fpr=0.001")
"""On folds of 40 rows."""
SPACE = {"n_estimators": {"low": 2, "high": 8}, "max_depth": [1, 2, None]}
SEARCH = SearchSettings(method="random", n_iter=4, scoring="roc_auc", seed=5, space=SPACE)


def make_data(n: int = 200, n_folds: int = 5, *, shuffled: bool = False, **options: Any) -> TrainingData:
    x, y = make_classification(n, 6, random_state=0, **options)
    if shuffled:
        y = np.random.default_rng(1).permutation(y)
    x, y, folds = x.astype(np.float32), y.astype(np.int8), np.zeros(n, dtype=np.int8)
    for number, (_, held_out) in enumerate(StratifiedKFold(n_folds).split(x, y)):
        folds[held_out] = number
    rows = np.random.default_rng(0).permutation(1000)[:n]
    return TrainingData(x, y, rows, folds, partial(_cut, x, y, folds))


def _cut(x: Any, y: Any, folds: Any, number: int) -> Fold:
    out = folds == number
    return Fold(number, x[~out], y[~out], x[out], y[out], np.flatnonzero(out))


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return make_data()


def train_one(settings: ModelSettings, data: TrainingData, **options: Any) -> TrainedModel:
    """Train one model; gives what came of it, or raises why nothing did."""
    (made,) = train([settings], data, **options)
    if made.error is not None:
        raise made.error
    assert made.trained is not None
    return made.trained


def untimed(training: Training) -> Any:
    """What does not differ from one training to the next."""
    return {**training.to_plain(), "seconds": None}


def forest(**params: Any) -> ModelSettings:
    return ModelSettings("RandomForest", {"n_estimators": 5, **params}, seed=3)


def test_the_final_model_is_fitted_on_all_rows(data: TrainingData) -> None:
    alone = get("RandomForest").build({"n_estimators": 5}, seed=3).fit(data.x, data.y)
    assert np.array_equal(train_one(forest(), data).model.predict_proba(data.x), alone.predict_proba(data.x))


def test_each_row_is_predicted_once_by_a_model_that_has_not_seen_it(data: TrainingData) -> None:
    oof = train_one(forest(), data).oof
    assert oof["row"].tolist() == data.rows.tolist()
    assert oof["fold"].tolist() == data.folds.tolist()
    assert oof["target"].tolist() == data.y.tolist()
    for number in range(5):
        fold = data.make_fold(number)
        alone = get("RandomForest").build({"n_estimators": 5}, seed=3).fit(fold.x_train, fold.y_train)
        expected = alone.predict_proba(fold.x_valid)[:, 1]
        assert oof.loc[oof["fold"] == number, "probability"].to_numpy() == pytest.approx(expected, abs=1e-15)


def test_a_model_that_learns_by_heart_is_no_better_than_chance_on_shuffled_labels() -> None:
    shuffled = make_data(400, shuffled=True)
    result = train_one(ModelSettings("KNN", {"n_neighbors": 1}), shuffled, jobs=2)
    assert compute(shuffled.y, result.model.predict_proba(shuffled.x)[:, 1])["accuracy"] == 1
    assert result.training.cv["accuracy"].mean == pytest.approx(0.5, abs=0.08)
    assert compute(shuffled.y, result.oof["probability"])["roc_auc"] == pytest.approx(0.5, abs=0.08)


def test_scores_are_those_of_the_out_of_fold_predictions(data: TrainingData) -> None:
    result = train_one(forest(), data)
    cv = result.training.cv
    assert list(cv) == METRIC_NAMES
    by_fold = [compute(part["target"], part["probability"]) for _, part in result.oof.groupby("fold")]
    resolved = [name for name in cv if name not in NOT_RESOLVABLE]
    for name in resolved:
        scores = cv[name]
        assert list(scores.folds) == [score[name] for score in by_fold]
        assert scores.mean == pytest.approx(np.mean(scores.folds))
        assert scores.std == pytest.approx(np.std(scores.folds))
    assert all(
        cv[name] == FoldScores(mean=None, std=None, n_folds=0, n_all=5, folds=(None,) * 5) for name in NOT_RESOLVABLE
    )


def test_the_document_survives_json_and_says_how_the_model_was_trained(data: TrainingData) -> None:
    record = train_one(forest(max_features=None), data).training
    assert Training.of_plain(json.loads(json.dumps(record.to_plain(), allow_nan=False))) == record
    assert (record.model, record.seed, record.n_train, record.n_features) == ("RandomForest", 3, 200, 6)
    assert (record.params["n_estimators"], record.params["max_leaf_nodes"]) == (5, 500)
    assert record.params["max_features"] is None
    assert (record.warnings, record.tuned) == ((), None)
    assert record.seconds.fit > 0 < record.seconds.cv
    assert record.seconds.search == 0
    assert "scikit-learn" in record.libraries


@pytest.mark.parametrize("search", [NoSearch(), SEARCH])
def test_the_number_of_jobs_changes_nothing_but_times(search: Any, data: TrainingData) -> None:
    settings = ModelSettings("RandomForest", {"n_estimators": 5}, seed=3, tune=search)
    one, two = (train_one(settings, data, jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.oof, two.oof)
    assert np.array_equal(one.model.predict_proba(data.x), two.model.predict_proba(data.x))
    assert untimed(one.training) == untimed(two.training)


@pytest.mark.parametrize(("search", "total"), [(NoSearch(), 6), (SEARCH, 21)])
def test_progress_is_told_fit_by_fit(search: Any, total: int, data: TrainingData) -> None:
    events: list[Event] = []
    train_one(ModelSettings("RandomForest", {"n_estimators": 5}, tune=search), data, jobs=2, on_event=events.append)
    fits = [event for event in events if isinstance(event, Fitting)]
    assert len(fits) == len(events)
    # One fit may answer several trials.
    assert [event.done for event in fits] == sorted({event.done for event in fits})
    assert {event.model for event in fits} == {"RandomForest"}
    assert {event.total for event in fits if event.done != total - 1} == {total}  # before the final fit is asked for
    assert fits[-1].done == total
    assert (fits[-1].scoring, fits[-1].best is not None) == (("roc_auc", True) if search.enabled else ("", False))


def test_progress_comes_from_the_thread_of_the_caller(data: TrainingData) -> None:
    threads = set()
    train_one(forest(), data, jobs=2, on_event=lambda _: threads.add(threading.current_thread()))
    assert threads == {threading.current_thread()}


def test_convergence_warnings_are_counted_and_told(data: TrainingData) -> None:
    events: list[Event] = []
    settings = ModelSettings("LogisticRegression", {"solver": "lbfgs", "max_iter": 1})
    (warning,) = train_one(settings, data, jobs=2, on_event=events.append).training.warnings
    assert warning.startswith("ConvergenceWarning: lbfgs failed to converge")
    assert warning.endswith("(6 of 6 fits)")
    assert Notice(f"LogisticRegression: {warning}", "warning", "end") in events


@pytest.mark.parametrize(
    ("model", "params", "reason"),
    [
        ("RandomForest", {"max_depth": -1}, "The 'max_depth' parameter of RandomForestClassifier must be"),
        ("XGBoost", {"max_depth": "deep"}, "max_depth"),
        ("LightGBM", {"objective": "nonsense"}, "nonsense"),
    ],
)
def test_a_failing_fit_names_the_model_the_reason_and_the_key(
    model: str, params: Any, reason: str, data: TrainingData, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(
        TrainError, match=f"(?s){model} could not be trained: .*{reason}.*all training rows.*train.params"
    ) as caught:
        train_one(ModelSettings(model, params), data)
    assert "\n" not in caught.value.what
    assert capfd.readouterr().out == ""


def test_a_fit_that_fails_on_one_fold_names_the_fold() -> None:
    good = make_data()

    def one_class(number: int) -> Fold:
        fold = good.make_fold(number)
        y = np.zeros_like(fold.y_train) if number == 1 else fold.y_train
        return Fold(number, fold.x_train, y, fold.x_valid, fold.y_valid, fold.valid_rows)

    broken = TrainingData(good.x, good.y, good.rows, good.folds, one_class)
    with pytest.raises(TrainError, match=r"(?s)LogisticRegression could not be trained.*fold 2 of 5"):
        train_one(ModelSettings("LogisticRegression", {}), broken)


def test_a_fold_that_cannot_be_made_keeps_its_own_error() -> None:
    good = make_data()

    def fail(_: int) -> Fold:
        raise PreprocessError("The fold is empty")

    with pytest.raises(PreprocessError, match="The fold is empty"):
        train_one(forest(), TrainingData(good.x, good.y, good.rows, good.folds, fail))


@pytest.mark.parametrize("search", [NoSearch(), SEARCH])
def test_a_wrong_parameter_is_refused_before_any_fit_of_any_model(
    search: Any, data: TrainingData, started: list[FitTask]
) -> None:
    wrong = ModelSettings("RandomForest", {"max_deph": 3}, tune=search)
    with pytest.raises(ConfigError, match=r"(?s)no parameter 'max_deph'.*Did you mean max_depth"):
        next(train([ModelSettings("KNN", {}), wrong], data))
    assert started == []


def test_a_wrong_space_is_refused_before_any_fit_of_any_model(data: TrainingData, started: list[FitTask]) -> None:
    wrong = ModelSettings("RandomForest", {}, tune=replace(SEARCH, space={"max_depth": {"low": 5, "high": 5}}))
    with pytest.raises(ConfigError, match=r"low \(5\) must be below high \(5\)"):
        next(train([ModelSettings("KNN", {}), wrong], data))
    assert started == []


def test_an_unknown_model_is_refused(data: TrainingData) -> None:
    with pytest.raises(ConfigError, match=r"(?s)no model 'RandmForest'.*Did you mean RandomForest"):
        next(train([ModelSettings("RandmForest", {})], data))


def test_folds_are_made_once_for_all_models_and_threads() -> None:
    good, made = make_data(), []

    def counted(number: int) -> Fold:
        made.append(number)
        return good.make_fold(number)

    shared = TrainingData(good.x, good.y, good.rows, good.folds, counted)
    assert len(list(train([ModelSettings("KNN", {}), ModelSettings("NaiveBayes", {})], shared, jobs=4))) == 2
    assert sorted(made) == [0, 1, 2, 3, 4]


def test_a_tuned_model_is_the_one_trained_with_the_winners_parameters(data: TrainingData) -> None:
    tuned = train_one(ModelSettings("RandomForest", {"min_samples_leaf": 2}, seed=3, tune=SEARCH), data, jobs=2)
    record = tuned.training.tuned
    best = {**record.params, "min_samples_leaf": 2}
    plain = train_one(ModelSettings("RandomForest", best, seed=3), data, jobs=2)
    pd.testing.assert_frame_equal(tuned.oof, plain.oof)
    assert np.array_equal(tuned.model.predict_proba(data.x), plain.model.predict_proba(data.x))
    assert tuned.training.cv == plain.training.cv
    assert tuned.training.params == plain.training.params
    assert record.best_score == pytest.approx(tuned.training.cv["roc_auc"].mean)
    assert (record.scoring, record.n_trials, record.n_fits, record.n_failed) == ("roc_auc", 4, 20, 0)
    assert tuned.trials is not None
    assert json.loads(tuned.trials.loc[record.best_trial, "params"]) == record.params
    assert tuned.training.seconds.search >= tuned.training.seconds.cv > 0


def test_the_folds_of_the_winner_are_not_fitted_again(data: TrainingData, started: list[FitTask]) -> None:
    search = replace(SEARCH, space={"max_depth": [1, 2, 3, 4], "n_estimators": [3]})
    train_one(ModelSettings("RandomForest", {}, tune=search), data)
    assert sorted(-1 if task.fold is None else task.fold for task in started) == [-1, *sorted([0, 1, 2, 3, 4] * 4)]


def test_warnings_of_a_tuned_model_are_those_of_its_final_fits(data: TrainingData) -> None:
    search = replace(SEARCH, space={"max_iter": [1]})
    found = train_one(ModelSettings("LogisticRegression", {}, tune=search), data).training.warnings
    assert [text.rpartition("(")[2] for text in found] == ["6 of 6 fits)"]


def test_failed_trials_are_told_with_the_first_reason(data: TrainingData) -> None:
    search = replace(SEARCH, space={"max_depth": [-1, 2], "n_estimators": [3]})
    (reported,) = train_one(ModelSettings("RandomForest", {}, tune=search), data).training.warnings
    assert reported.startswith("1 of 2 trials failed; the first: The 'max_depth' parameter")


def test_a_model_without_probabilities_is_refused(data: TrainingData, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: Any) -> Any:
        raise ValueError("it predicts probabilities that are not between 0 and 1")

    monkeypatch.setattr(worker, "probabilities", nothing)
    with pytest.raises(TrainError, match=r"(?s)RandomForest could not be trained: it predicts.*fold 1 of 5"):
        train_one(forest(), data)


# Several models at once.


def quick(model: str) -> ModelSettings:
    spec = get(model)
    return ModelSettings(model, {spec.rounds.parameter: 5} if spec.rounds else {}, seed=3)


def test_models_trained_together_are_those_trained_alone(data: TrainingData) -> None:
    together = {made.name: made for made in train([quick(model) for model in registry()], data, jobs=2)}
    assert set(together) == set(registry())
    for model in ("KNN", "RandomForest", "XGBoost", "SVM"):
        trained, alone = together[model].trained, train_one(quick(model), data)
        assert trained is not None
        pd.testing.assert_frame_equal(trained.oof, alone.oof)
        assert np.array_equal(trained.model.predict_proba(data.x), alone.model.predict_proba(data.x))
        assert untimed(trained.training) == untimed(alone.training)


def test_a_model_is_given_as_soon_as_it_is_done(data: TrainingData) -> None:
    search = replace(SEARCH, n_iter=30, space={"n_estimators": [5], "max_depth": list(range(1, 40))})
    slow, fast = ModelSettings("RandomForest", {}, tune=search), ModelSettings("NaiveBayes", {})
    events: list[Event] = []
    models = train([slow, fast], data, jobs=2, on_event=events.append)
    first = next(models)
    so_far = len(events)
    assert (first.name, [made.name for made in models]) == ("NaiveBayes", ["RandomForest"])
    assert so_far < 100 < len(events)


def test_a_model_that_fails_leaves_the_others_and_says_why(data: TrainingData) -> None:
    found = {made.name: made for made in train([forest(max_depth=-1), quick("NaiveBayes")], data, jobs=2)}
    assert found["RandomForest"].trained is None
    assert isinstance(found["RandomForest"].error, TrainError)
    assert "RandomForest could not be trained" in str(found["RandomForest"].error)
    assert (found["NaiveBayes"].error, found["NaiveBayes"].trained is None) == (None, False)
    assert found["NaiveBayes"].seconds > 0


@pytest.mark.parametrize("search", [NoSearch(), replace(SEARCH, space={"max_depth": [1, 2]})])
def test_a_model_whose_library_is_missing_leaves_the_others(
    search: Any, data: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] == "xgboost"]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, "xgboost", None)
    missing, there = train([ModelSettings("XGBoost", {}, tune=search), quick("NaiveBayes")], data)
    assert (missing.name, missing.trained, there.name) == ("XGBoost", None, "NaiveBayes")
    assert isinstance(missing.error, TrainError)
    assert "XGBoost needs a library that cannot be loaded" in str(missing.error)
    assert there.trained is not None


def test_training_no_model_at_all_gives_nothing(data: TrainingData) -> None:
    assert list(train([], data)) == []


# The ledger.


def test_what_the_ledger_of_a_model_knows_is_not_fitted_again(data: TrainingData, started: list[FitTask]) -> None:
    ledgers: dict[str, MemoryLedger] = {}

    def ledger(model: str) -> MemoryLedger:
        return ledgers.setdefault(model, MemoryLedger())

    settings = [forest(), ModelSettings("RandomForest", {"n_estimators": 5}, seed=3, tune=SEARCH)]
    first = [train_one(each, data, ledger=ledger) for each in settings]
    assert set(ledgers) == {"RandomForest"}
    started.clear()
    again = [train_one(each, data, ledger=ledger) for each in settings]
    assert [task.fold for task in started] == [None, None]
    for one, other in zip(first, again, strict=True):
        pd.testing.assert_frame_equal(one.oof, other.oof)
        assert untimed(one.training) == untimed(other.training)


def test_a_plain_training_with_the_parameters_of_a_trial_uses_its_fits(
    data: TrainingData, started: list[FitTask]
) -> None:
    shared = MemoryLedger()
    tuned = train_one(ModelSettings("RandomForest", {}, seed=3, tune=SEARCH), data, ledger=lambda _: shared)
    started.clear()
    best = tuned.training.tuned.params
    plain = train_one(ModelSettings("RandomForest", best, seed=3), data, ledger=lambda _: shared)
    assert [task.fold for task in started] == [None]
    pd.testing.assert_frame_equal(tuned.oof, plain.oof)


def test_matrices_lie_in_the_folder_that_is_named_and_nowhere_afterwards_without_one(
    data: TrainingData, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_one(forest(), data, folder=tmp_path / "folds")
    assert sorted(path.name for path in (tmp_path / "folds").iterdir()) == ["all", *(f"fold_{k}" for k in range(5))]
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    train_one(forest(), data)
    assert list((tmp_path / "temporary").iterdir()) == []


# The methods of the search, its time, and early stopping.


@pytest.mark.parametrize("method", ["race", "random", "grid", "optuna"])
def test_every_method_trains_its_winner_on_all_rows(method: str, data: TrainingData) -> None:
    if method == "optuna":
        pytest.importorskip("optuna")
    search = replace(SEARCH, method=method, n_iter=8, space={"n_estimators": [2, 5], "max_depth": [1, 2, None]})
    tuned = train_one(ModelSettings("RandomForest", {}, seed=3, tune=search), data, jobs=2)
    record = tuned.training.tuned
    alone = get("RandomForest").build(record.params, seed=3).fit(data.x, data.y)
    assert record.method == method
    assert np.array_equal(tuned.model.predict_proba(data.x), alone.predict_proba(data.x))
    assert record.best_score == pytest.approx(tuned.training.cv["roc_auc"].mean)
    assert Training.of_plain(json.loads(json.dumps(tuned.training.to_plain(), allow_nan=False))) == tuned.training


def test_when_the_time_is_up_training_tells_of_the_trials_that_are_unfinished(data: TrainingData) -> None:
    events: list[Event] = []
    search = replace(SEARCH, n_iter=40, time_budget=0.001, space={"max_depth": {"low": 1, "high": 400}})
    result = train_one(ModelSettings("RandomForest", {"n_estimators": 60}, tune=search), data, on_event=events.append)
    (reported,) = result.training.warnings
    unfinished = result.training.tuned.n_unfinished
    assert reported == f"the time was up with {unfinished} of 40 trials unfinished"
    assert unfinished > 30
    assert Notice(f"RandomForest: {reported}", "warning", "end") in events


@pytest.mark.parametrize("search", [NoSearch(), replace(SEARCH, n_iter=3, space={"max_depth": [1, 2, 3]})])
def test_early_stopping_reaches_every_fit_of_the_models_that_can(
    search: Any, data: TrainingData, started: list[FitTask]
) -> None:
    early = EarlyStopping(patience=3, share=0.2, seed=9)
    train_one(ModelSettings("XGBoost", {}, seed=9, tune=search, early_stopping=early), data)
    assert {task.early for task in started} == {early}
    started.clear()
    train_one(ModelSettings("KNN", {}, early_stopping=early), data)
    assert not any(task.early for task in started)


def test_times_are_summed_over_fits(data: TrainingData) -> None:
    tuned = train_one(ModelSettings("RandomForest", {}, seed=3, tune=SEARCH), data, jobs=2)
    assert tuned.trials is not None
    assert tuned.training.seconds.search == pytest.approx(tuned.trials["fit_seconds"].sum())


def test_what_is_given_names_its_model(data: TrainingData) -> None:
    (made,) = train([forest()], data)
    assert isinstance(made, TrainingResult)
    assert (made.name, made.error) == ("RandomForest", None)


def test_a_model_on_a_sample_says_so_and_predicts_every_row(data: TrainingData, started: list[FitTask]) -> None:
    events: list[Event] = []
    settings = ModelSettings("KNN", {"n_neighbors": 3}, most_rows=120)
    made = train_one(settings, data, on_event=events.append)
    (sentence,) = made.training.warnings
    assert sentence.startswith("trained on 120 of 200 rows, a stratified sample that run.memory allows; CV accuracy ")
    assert f"KNN: {sentence}" in [event.message for event in events if isinstance(event, Notice)]
    assert made.oof["probability"].notna().all()
    rows = worker.stratified(data.y, 120, 42)
    expected = worker.fit(get("KNN"), {"n_neighbors": 3}, 42, data.x[rows], data.y[rows])
    np.testing.assert_array_equal(made.model.predict_proba(data.x), expected.predict_proba(data.x))
    assert [task.most_rows for task in started] == [120] * 6 + [30] * 5 + [60] * 5


TWO = SearchSettings(method="random", n_iter=2, scoring="accuracy", seed=1, space={"max_depth": [2, 4]})


@pytest.mark.parametrize("tune", [NoSearch(), TWO], ids=["as given", "searched"])
def test_a_learning_curve_has_the_scores_of_the_folds_on_parts_of_the_sample(data: TrainingData, tune: Any) -> None:
    given = {"n_estimators": 5, "max_depth": 3, "max_leaf_nodes": None, "min_samples_leaf": 1}
    made = train_one(ModelSettings("RandomForest", given, most_rows=120, tune=tune), data)
    params = {**given, **(made.training.tuned.params if made.training.tuned else {})}
    assert [point.rows for point in made.training.curve] == [30, 60, 120]
    for point in made.training.curve:
        scores = []
        for fold in range(data.n_folds):
            x, y = data.x[data.folds != fold], data.y[data.folds != fold]
            rows = worker.stratified(y, point.rows, 42)
            fitted = RandomForestClassifier(**params, random_state=42).fit(x[rows], y[rows])
            held_out = data.folds == fold
            scores.append(accuracy_score(data.y[held_out], fitted.predict_proba(data.x[held_out])[:, 1] >= 0.5))
        assert point.cv["accuracy"].mean == pytest.approx(np.mean(scores))
    assert made.training.curve[-1].cv == made.training.cv


def test_a_curve_that_is_known_is_not_made_again(data: TrainingData, started: list[FitTask]) -> None:
    ledger = MemoryLedger()
    settings = ModelSettings("KNN", {}, most_rows=120)
    first = train_one(settings, data, ledger=lambda _: ledger)
    started.clear()
    again = train_one(settings, data, ledger=lambda _: ledger)
    assert [task.fold for task in started] == [None]
    assert again.training.curve == first.training.curve


def test_a_sample_too_small_to_divide_a_model_on_all_rows_and_a_budget_have_no_curve(data: TrainingData) -> None:
    hurried = replace(TWO, budget=1000.0)
    forest_of_few = {"n_estimators": 5, "max_leaf_nodes": None}
    settings = ModelSettings("RandomForest", forest_of_few, most_rows=120, tune=hurried)
    assert train_one(settings, data).training.curve == ()
    assert train_one(ModelSettings("KNN", {}, most_rows=60), data).training.curve == ()
    assert train_one(ModelSettings("KNN", {}), data).training.curve == ()


def test_no_more_fits_run_at_once_than_there_is_memory_for(data: TrainingData) -> None:
    running, most = [0], [0]

    class Counted:
        """Counts the fits that run at the same time."""

        def __init__(self, fit: Any) -> None:
            self.fit = fit

        def __call__(self, *given: Any, **options: Any) -> Any:
            running[0] += 1
            most[0] = max(most[0], running[0])
            try:
                return self.fit(*given, **options)
            finally:
                running[0] -= 1

    settings = ModelSettings("KNN", {"n_neighbors": 3})
    need = 200 * (100 + 6 * 0)  # bytes of a fit, as KNN declares them
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "fit", Counted(worker.fit))
        expected = train_one(settings, data, jobs=4)
        most[0] = 0
        made = train_one(settings, data, jobs=4, memory=2 * need)
    assert most[0] == 1
    pd.testing.assert_frame_equal(made.oof, expected.oof)
