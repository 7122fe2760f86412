"""One fit: what it gives, shorter ones out of a longer one, a guard, several threads and early stopping, to the bit."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable, Iterator
from math import ceil
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from phishcli.fits import fit as fits
from phishcli.fits.fit import Fitted, FoldFit, Outcome, Stopped, Work, checked, count_of, fit, perform, probabilities
from phishcli.fits.matrices import Matrices, mapped
from phishcli.models import EarlyStopping, ModelSpec, get, registry
from phishcli.models.staged import inner_parts
from phishcli.search.pruning import Guard, Judge, marks
from phishcli.types import TrainingData

MakeWork = Callable[..., Work]
GROWING = sorted(name for name, spec in registry().items() if spec.rounds)
ASKED = sorted(name for name, spec in registry().items() if spec.rounds and spec.rounds.grow)
EARLY = sorted(name for name, spec in registry().items() if spec.fit_early)
THREADED = sorted(name for name, spec in registry().items() if spec.own_threads != "none")
DRAWN = {
    "GradientBoosting": {"subsample": 0.6, "max_features": 0.5},
    "HistGradientBoosting": {"max_features": 0.5, "learning_rate": 0.3},
    "LightGBM": {"subsample": 0.6, "colsample_bytree": 0.6, "min_child_samples": 5},
    "RandomForest": {"max_features": None, "max_samples": 0.5},
    "XGBoost": {"subsample": 0.6, "colsample_bytree": 0.6},
}
"""Parameters under which the rounds of a model draw rows and features, so that one draw more would show."""
NO_RIVAL, PERFECT_RIVAL = (
    Guard("accuracy", (np.full(67, right),), (), n_folds=3, rival_errors=(np.full(67, not right, dtype=np.float32),))
    for right in (False, True)
)
"""Rivals that judge no row of the first fold rightly, or every row."""
STOPPING = EarlyStopping(patience=5, share=0.2, seed=3)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As in the pool; threads that wait for each other are slow on a busy machine."""
    with threadpool_limits(1):
        yield


def rounds_of(model: str, count: int, **params: Any) -> dict[str, Any]:
    """Parameters with so many rounds."""
    rounds = get(model).rounds
    assert rounds is not None
    return {**params, rounds.parameter: count}


def marks_of(model: str, count: int) -> dict[int, float]:
    """After how many rounds such a model is judged."""
    rounds = get(model).rounds
    assert rounds is not None
    return marks(count, averages=rounds.averages)


def only(work: Work) -> Any:
    (found,) = perform(work)
    return found


def alone(work: Work, model: str, **params: Any) -> Any:
    """A model fitted without the help of anything that is tested here."""
    x, y = (np.array(mapped(work.matrices, part)) for part in ("x_train", "y_train"))
    return get(model).build(params, work.seed).fit(x.astype(get(model).dtype), y)


# What a fit gives.


@pytest.mark.parametrize("model", ["KNN", "LogisticRegression", "XGBoost"])
def test_a_fit_on_a_fold_gives_the_probabilities_of_its_held_out_rows(model: str, work: MakeWork) -> None:
    task = work(model, fold=1)
    found = only(task)
    expected = alone(task, model).predict_proba(mapped(task.matrices, "x_valid"))[:, 1]
    assert isinstance(found, FoldFit)
    assert np.array_equal(found.probability, expected)
    assert (found.probability.dtype, found.seconds > 0) == (expected.dtype, True)


@pytest.mark.parametrize("model", sorted(registry()))
def test_a_fit_on_all_rows_gives_the_model_as_if_its_matrix_had_never_been_a_file(model: str, work: MakeWork) -> None:
    task = work(model, fold=None)
    found = only(task)
    assert isinstance(found, Fitted)
    x, expected = mapped(task.matrices, "x_train"), alone(task, model)
    assert np.array_equal(found.model.predict_proba(x), expected.predict_proba(x))
    assert found.model.get_params().keys() == expected.get_params().keys()
    assert b"memmap" not in pickle.dumps(found.model)


def test_parameters_and_seed_arrive(work: MakeWork) -> None:
    found = only(work("RandomForest", {"n_estimators": 7}, fold=None, seed=9)).model.get_params()
    assert (found["n_estimators"], found["random_state"]) == (7, 9)


@pytest.mark.parametrize("wrong", [np.nan, -0.1, 1.1])
def test_probabilities_that_are_none_are_refused(wrong: float) -> None:
    class Broken:
        def predict_proba(self, x: Any) -> Any:
            return np.full((len(x), 2), wrong)

    with pytest.raises(ValueError, match="not between 0 and 1"):
        probabilities(Broken(), np.zeros((3, 1), dtype=np.float32))


def test_probabilities_do_not_hold_on_to_a_larger_array() -> None:
    both = np.full((3, 2), 0.5)
    assert checked(both[:, 1]).base is None


def test_an_outcome_without_value_and_error_was_skipped() -> None:
    assert Outcome().skipped
    assert not Outcome(error=ValueError()).skipped
    assert not Outcome(Stopped(3, 0.1)).skipped


@pytest.mark.parametrize(
    ("model", "params", "count"),
    [
        ("KNN", {}, None),
        ("XGBoost", {}, 100),
        ("HistGradientBoosting", {"max_iter": 7}, 7),
        ("RandomForest", {"n_estimators": 0}, None),
        ("RandomForest", {"n_estimators": "many"}, None),
        ("RandomForest", {"n_estimators": None}, None),
        ("RandomForest", {"n_estimators": 1.5}, None),
    ],
)
def test_the_number_of_rounds_is_known_where_there_are_rounds(model: str, params: Any, count: int | None) -> None:
    assert count_of(get(model), params) == count


@pytest.mark.parametrize(
    ("model", "params"),
    [
        ("GradientBoosting", {"n_iter_no_change": 3}),
        ("HistGradientBoosting", {"early_stopping": True}),
        ("LightGBM", {"boosting_type": "dart"}),
        ("RandomForest", {"class_weight": "balanced"}),
        ("RandomForest", {"oob_score": True}),
        ("XGBoost", {"booster": "gblinear"}),
    ],
)
def test_a_model_whose_longer_fits_do_not_hold_the_shorter_ones_counts_no_rounds(model: str, params: Any) -> None:
    get(model).check(params, where="here")
    assert count_of(get(model), params) is None


@pytest.mark.parametrize(
    ("model", "name"),
    [("GradientBoosting", "n_iter_no_change"), ("HistGradientBoosting", "early_stopping"), ("XGBoost", "booster")],
)
def test_the_librarys_own_value_of_what_decides_that_is_one_that_holds(model: str, name: str) -> None:
    own = get(model).build({}, seed=0).get_params()[name]
    assert count_of(get(model), {name: own}) == 100


# Shorter ones out of a longer one.


@pytest.mark.parametrize("drawn", [False, True], ids=["plain", "drawn"])
@pytest.mark.parametrize("model", GROWING)
def test_shorter_fits_out_of_a_longer_one_equal_fits_of_their_own_to_the_bit(
    model: str, drawn: bool, work: MakeWork
) -> None:
    params, counts = DRAWN.get(model, {}) if drawn else {}, (1, 2, 13, 40)
    found = perform(work(model, rounds_of(model, counts[-1], **params), shorter=counts[:-1]))
    for count, shorter in zip(counts, found, strict=True):
        own = only(work(model, rounds_of(model, count, **params)))
        assert isinstance(shorter, FoldFit)
        assert shorter.probability.dtype == own.probability.dtype
        assert np.array_equal(shorter.probability, own.probability), count
    assert len({found_one.probability.tobytes() for found_one in found}) == len(counts)


@pytest.mark.parametrize("model", GROWING)
def test_a_shorter_fit_took_its_share_of_the_time(model: str, work: MakeWork) -> None:
    ten, forty = perform(work(model, rounds_of(model, 40), shorter=(10,)))
    assert isinstance(ten, FoldFit)
    assert ten.seconds == pytest.approx(forty.seconds / 4)


# A guard.


@pytest.mark.parametrize("drawn", [False, True], ids=["plain", "drawn"])
@pytest.mark.parametrize("model", ASKED)
def test_a_guarded_fit_that_goes_on_equals_one_without_a_guard_to_the_bit(
    model: str, drawn: bool, work: MakeWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    call = Judge.__call__

    def spy(self: Judge, predict: Any) -> bool:
        seen.append(predict(self.x).copy())
        return call(self, lambda _: seen[-1])

    monkeypatch.setattr(Judge, "__call__", spy)
    params = rounds_of(model, 64, **(DRAWN.get(model, {}) if drawn else {}))
    guarded, plain = only(work(model, params, guard=NO_RIVAL)), only(work(model, params))
    assert isinstance(guarded, FoldFit)
    assert np.array_equal(guarded.probability, plain.probability)
    counts = tuple(marks_of(model, 64))
    shorter = perform(work(model, params, shorter=counts))
    for probability, own in zip(seen, shorter[:-1], strict=True):
        assert isinstance(own, FoldFit)
        assert probability == pytest.approx(own.probability, abs=1e-6)


@pytest.mark.parametrize("model", ASKED)
def test_a_guarded_fit_leaves_no_trace_in_its_model(model: str, work: MakeWork) -> None:
    task = work(model)
    x, y = mapped(task.matrices, "x_train"), mapped(task.matrices, "y_train")
    x_valid, y_valid = mapped(task.matrices, "x_valid"), mapped(task.matrices, "y_valid")
    judge = Judge(NO_RIVAL, marks_of(model, 64), x_valid, y_valid, averages=False)
    models = [fit(get(model), rounds_of(model, 64), 1, x, y, judge=given) for given in (judge, None)]
    assert models[0].get_params() == models[1].get_params()
    assert judge.stopped is None


@pytest.mark.parametrize("model", ASKED)
def test_a_fit_that_its_guard_breaks_off_says_after_how_many_rounds(
    model: str, work: MakeWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Judge, "_is_hopeless", lambda _, share, *__: share >= 0.25)
    found = only(work(model, rounds_of(model, 70), guard=NO_RIVAL))
    assert isinstance(found, Stopped)
    assert (found.rounds, found.seconds > 0) == (ceil(70 / 4), True)


def test_a_forest_far_behind_a_perfect_rival_is_broken_off_as_soon_as_it_is_judged(work: MakeWork) -> None:
    found = only(work("RandomForest", {"n_estimators": 80, "max_depth": 1}, guard=PERFECT_RIVAL))
    assert isinstance(found, Stopped)
    assert found.rounds == 10


@pytest.mark.parametrize("params", [{"n_estimators": 5}, {"n_estimators": 80, "class_weight": "balanced"}])
def test_a_fit_that_is_short_or_cannot_be_asked_ignores_its_guard(params: Any, work: MakeWork) -> None:
    found = only(work("RandomForest", {"max_depth": 1, **params}, guard=PERFECT_RIVAL))
    assert isinstance(found, FoldFit)


# Several threads.


@pytest.fixture(scope="module")
def wide(make_data: Callable[..., TrainingData], tmp_path_factory: pytest.TempPathFactory) -> Matrices:
    """Rows enough to be shared among threads."""
    return Matrices(make_data(1500), tmp_path_factory.mktemp("wide"))


@pytest.mark.parametrize("model", THREADED)
def test_a_fit_on_two_threads_equals_one_on_a_single_thread_to_the_bit(model: str, wide: Matrices) -> None:
    spec, quick = get(model), rounds_of(model, 3)  # on a busy machine threads wait long for each other
    one, two = (only(Work(spec, quick, 1, wide.path(0), 0, threads=threads)) for threads in (1, 2))
    assert np.array_equal(one.probability, two.probability)
    models = [only(Work(spec, quick, 1, wide.path(None), None, threads=threads)).model for threads in (1, 2)]
    assert models[0].get_params() == models[1].get_params() == spec.build(quick, 1).get_params()
    x = mapped(wide.path(None), "x_train")
    assert np.array_equal(models[0].predict_proba(x), models[1].predict_proba(x))


KINDS = [
    ("LightGBM", {"boosting_type": "dart", "subsample": 0.7}),
    ("LightGBM", {"boosting_type": "rf", "subsample": 0.7}),
    ("LightGBM", {"boosting_type": "goss"}),
    ("XGBoost", {"booster": "dart", "subsample": 0.7}),
    ("XGBoost", {"booster": "gblinear"}),
]


@pytest.mark.parametrize(("model", "params"), [*((model, DRAWN.get(model, {})) for model in THREADED), *KINDS])
def test_what_may_use_several_threads_on_large_data_gives_the_same_with_any_number(
    model: str, params: dict[str, Any], large: Matrices
) -> None:
    quick = rounds_of(model, 4, **params)
    if not get(model).takes_threads(quick):
        assert (model, *params.values()) in {("LightGBM", "goss"), ("XGBoost", "gblinear")}
        return
    one, two = (only(Work(get(model), quick, 1, large.path(0), 0, threads=threads)) for threads in (1, 2))
    assert np.array_equal(one.probability, two.probability)


@pytest.fixture(scope="module")
def large(make_data: Callable[..., TrainingData], tmp_path_factory: pytest.TempPathFactory) -> Matrices:
    """More values than `schedule.SMALL`."""
    return Matrices(make_data(30_000), tmp_path_factory.mktemp("large"))


@pytest.mark.parametrize("model", sorted(name for name in THREADED if get(name).own_threads == "n_jobs"))
def test_the_threads_of_a_fit_reach_the_library(model: str, work: MakeWork, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    kind = type(get(model).build({}, 0))
    own = kind.fit

    def spy(self: Any, *given: Any, **more: Any) -> Any:
        told.append(self.get_params()["n_jobs"])
        return own(self, *given, **more)

    monkeypatch.setattr(kind, "fit", spy)
    only(work(model, rounds_of(model, 5), threads=2))
    assert told == [2]


# Early stopping.


@pytest.mark.parametrize("model", EARLY)
def test_early_stopping_ends_before_the_rounds_that_were_asked_for(model: str, work: MakeWork) -> None:
    found = [only(work(model, rounds_of(model, count), early=STOPPING)).probability for count in (150, 300)]
    plain = [only(work(model, rounds_of(model, count))).probability for count in (150, 300)]
    assert np.array_equal(*found)
    assert not np.array_equal(*plain)


@pytest.mark.parametrize("model", EARLY)
def test_held_out_rows_play_no_part_in_early_stopping(model: str, work: MakeWork, tmp_path: Any) -> None:
    task = work(model, early=STOPPING)
    shutil.copytree(task.matrices, tmp_path / "changed")
    x, y = np.array(mapped(task.matrices, "x_valid")), np.array(mapped(task.matrices, "y_valid"))
    strange = np.random.default_rng(0).normal(50, 1, size=(500, x.shape[1])).astype(np.float32)
    np.save(tmp_path / "changed" / "x_valid.npy", np.vstack([x[::-1], strange]))
    np.save(tmp_path / "changed" / "y_valid.npy", np.concatenate([1 - y, np.zeros(500, dtype=np.int8)]))
    changed = Work(task.spec, task.params, task.seed, tmp_path / "changed", 0, early=STOPPING)
    assert np.array_equal(only(changed).probability[: len(x)], only(task).probability[::-1])


@pytest.mark.parametrize("model", EARLY)
def test_early_stopping_comes_before_a_guard(model: str, work: MakeWork) -> None:
    guarded, plain = (only(work(model, early=STOPPING, guard=given)) for given in (PERFECT_RIVAL, None))
    assert np.array_equal(guarded.probability, plain.probability)


def test_a_model_without_rounds_ignores_early_stopping(work: MakeWork) -> None:
    early, plain = (only(work("KNN", early=given)).probability for given in (STOPPING, None))
    assert np.array_equal(early, plain)


def test_rows_to_stop_by_are_cut_out_of_those_given_with_the_same_share_of_both_classes() -> None:
    x, y = np.arange(200.0).reshape(100, 2), np.repeat([0, 1], [80, 20])
    x_fit, y_fit, x_stop, y_stop = inner_parts(x, y, STOPPING)
    assert sorted([*x_fit[:, 0], *x_stop[:, 0]]) == x[:, 0].tolist()
    assert (len(y_fit), len(y_stop), y_fit.mean(), y_stop.mean()) == (80, 20, 0.2, 0.2)
    assert np.array_equal(x_stop, inner_parts(x, y, STOPPING)[2])
    assert not np.array_equal(x_stop, inner_parts(x, y, EarlyStopping(5, 0.2, seed=4))[2])


def test_the_matrix_is_given_in_the_precision_that_a_model_asks_for(
    work: MakeWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []

    class Spy:
        def fit(self, x: Any, _: Any) -> None:
            told.append(x.dtype)

        def predict_proba(self, x: Any) -> Any:
            told.append(x.dtype)
            return np.full((len(x), 2), 0.5)

    monkeypatch.setattr(ModelSpec, "build", lambda *_: Spy())
    for model in ("LogisticRegression", "KNN"):
        fits.perform(work(model))
    assert told == [np.float64, np.float32, np.float32, np.float32]
