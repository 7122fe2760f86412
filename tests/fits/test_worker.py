"""What a worker makes of a task: a fit, shorter ones out of it, pruned, on many threads, stopped early, to the bit."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from phishcli.fits.matrices import FolderRef, TrainingData, write_folder
from phishcli.fits.task import FinalFit, FitResult, FitTask, FoldFit, PrunedFit
from phishcli.fits.worker import fit, probabilities, run, validated
from phishcli.models import EarlyStopping, ModelSpec, get, registry
from phishcli.models.staged import inner_parts

MakeTask = Callable[..., FitTask]
Refs = Callable[[int | None], FolderRef]
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


def only(task: FitTask) -> Any:
    (found,) = run(task)
    return found


def alone(task: FitTask, model: str, **params: Any) -> Any:
    """A model fitted without the help of anything that is tested here."""
    x, y = (np.array(task.matrices.load(part)) for part in ("x_train", "y_train"))
    estimator = get(model).build(params, task.seed)
    if model == "LogisticRegression" and "solver" not in params:
        estimator.set_params(solver="newton-cholesky")  # with so few features
    return estimator.fit(x.astype(get(model).dtype), y)


# What a fit gives.


@pytest.mark.parametrize("model", ["KNN", "LogisticRegression", "XGBoost"])
def test_a_fit_on_a_fold_gives_the_probabilities_of_its_held_out_rows(model: str, task: MakeTask) -> None:
    wanted = task(model, fold=1)
    found = only(wanted)
    expected = alone(wanted, model).predict_proba(wanted.matrices.load("x_valid"))[:, 1]
    assert isinstance(found, FoldFit)
    assert np.array_equal(found.probability, expected)
    assert (found.probability.dtype, found.seconds > 0) == (expected.dtype, True)


@pytest.mark.parametrize("model", sorted(registry()))
def test_a_fit_on_all_rows_gives_the_model_as_if_its_matrix_had_never_been_a_file(model: str, task: MakeTask) -> None:
    wanted = task(model, fold=None)
    found = only(wanted)
    assert isinstance(found, FinalFit)
    x, expected = wanted.matrices.load("x_train"), alone(wanted, model)
    assert np.array_equal(found.model.predict_proba(x), expected.predict_proba(x))
    assert found.model.get_params().keys() == expected.get_params().keys()
    assert b"memmap" not in pickle.dumps(found.model)


def test_parameters_and_seed_arrive(task: MakeTask) -> None:
    found = only(task("RandomForest", {"n_estimators": 7}, fold=None, seed=9)).model.get_params()
    assert (found["n_estimators"], found["random_state"]) == (7, 9)


@pytest.mark.parametrize("wrong", [np.nan, -0.1, 1.1])
def test_what_is_not_a_probability_is_refused(wrong: float) -> None:
    class Broken:
        def predict_proba(self, x: Any) -> Any:
            return np.full((len(x), 2), wrong)

    with pytest.raises(ValueError, match="not between 0 and 1"):
        probabilities(Broken(), np.zeros((3, 1), dtype=np.float32))


def test_probabilities_do_not_keep_a_larger_array_in_memory() -> None:
    both = np.full((3, 2), 0.5)
    assert validated(both[:, 1]).base is None


def test_an_outcome_without_value_and_error_was_skipped() -> None:
    assert FitResult().skipped
    assert not FitResult(error=ValueError()).skipped
    assert not FitResult(PrunedFit(3, 0.1)).skipped


# Shorter ones out of a longer one.


@pytest.mark.parametrize("drawn", [False, True], ids=["plain", "drawn"])
@pytest.mark.parametrize("model", GROWING)
def test_shorter_fits_out_of_a_longer_one_equal_fits_of_their_own_to_the_bit(
    model: str, drawn: bool, task: MakeTask
) -> None:
    params, counts = DRAWN.get(model, {}) if drawn else {}, (1, 2, 13, 40)
    found = run(task(model, rounds_of(model, counts[-1], **params), shorter=counts[:-1]))
    for count, shorter in zip(counts, found, strict=True):
        own = only(task(model, rounds_of(model, count, **params)))
        assert isinstance(shorter, FoldFit)
        assert shorter.probability.dtype == own.probability.dtype
        assert np.array_equal(shorter.probability, own.probability), count
    assert len({found_one.probability.tobytes() for found_one in found}) == len(counts)


@pytest.mark.parametrize("model", GROWING)
def test_a_shorter_fit_took_its_share_of_the_time(model: str, task: MakeTask) -> None:
    ten, forty = run(task(model, rounds_of(model, 40), shorter=(10,)))
    assert isinstance(ten, FoldFit)
    assert ten.seconds == pytest.approx(forty.seconds / 4)


# Pruning.


class Observing:
    """A pruner and its observation in one: it notes what it sees at its checkpoints, and stops a fit at the last."""

    def __init__(self, *checkpoints: int, stops: bool = False) -> None:
        self.checkpoints, self.stops, self.stopped = checkpoints, stops, 0
        self.seen: dict[int, Any] = {}
        self.observed: list[Any] = []

    def digest(self) -> str:
        return "observing"

    def observe(self, rounds: int, x: Any, y: Any, *, averages: bool) -> Observing:
        self.observed.append((rounds, averages, len(x), len(y)))
        self.x = x
        return self

    def __call__(self, predict: Callable[[Any], Any]) -> bool:
        rounds = self.checkpoints[len(self.seen)]
        self.seen[rounds] = np.array(predict(self.x))
        if self.stops and rounds == self.checkpoints[-1]:
            self.stopped = rounds
        return not self.stopped


@pytest.mark.parametrize("drawn", [False, True], ids=["plain", "drawn"])
@pytest.mark.parametrize("model", ASKED)
def test_a_fit_that_is_observed_and_not_stopped_equals_one_that_is_not_observed_to_the_bit(
    model: str, drawn: bool, task: MakeTask
) -> None:
    params, pruner = rounds_of(model, 64, **(DRAWN.get(model, {}) if drawn else {})), Observing(4, 7, 32)
    observed, plain = only(task(model, params, pruner=pruner)), only(task(model, params))
    assert isinstance(observed, FoldFit)
    assert np.array_equal(observed.probability, plain.probability)
    assert pruner.observed == [(64, model in ("ExtraTrees", "RandomForest"), 67, 67)]
    for rounds, probability in pruner.seen.items():
        alone = only(task(model, rounds_of(model, rounds, **(DRAWN.get(model, {}) if drawn else {}))))
        assert probability == pytest.approx(alone.probability, abs=1e-6), rounds
    assert list(pruner.seen) == [4, 7, 32]


@pytest.mark.parametrize("model", ASKED)
def test_observation_leaves_no_trace_in_the_model(model: str, task: MakeTask) -> None:
    wanted = task(model)
    x, y = wanted.matrices.load("x_train"), wanted.matrices.load("y_train")
    observation = Observing(4, 7).observe(64, wanted.matrices.load("x_valid"), y, averages=False)
    models = [fit(get(model), rounds_of(model, 64), 1, x, y, observation=given) for given in (observation, None)]
    assert models[0].get_params() == models[1].get_params()


@pytest.mark.parametrize("model", ASKED)
def test_a_fit_that_is_stopped_says_after_how_many_rounds(model: str, task: MakeTask) -> None:
    found = only(task(model, rounds_of(model, 70), pruner=Observing(4, 18, stops=True)))
    assert isinstance(found, PrunedFit)
    assert (found.rounds, found.seconds > 0) == (18, True)


def test_a_pruner_may_let_a_fit_go_unobserved(task: MakeTask) -> None:
    class NotInterested(Observing):
        def observe(self, *_: Any, **__: Any) -> Any:
            return None

    found = only(task("RandomForest", {"n_estimators": 5}, pruner=NotInterested(2, stops=True)))
    assert isinstance(found, FoldFit)


@pytest.mark.parametrize(
    ("model", "params"),
    [("RandomForest", {"class_weight": "balanced"}), ("XGBoost", {}), ("HistGradientBoosting", {}), ("KNN", {})],
)
def test_a_fit_that_cannot_be_observed_ignores_its_pruner(model: str, params: Any, task: MakeTask) -> None:
    pruner = Observing(1, stops=True)
    assert isinstance(only(task(model, params, pruner=pruner)), FoldFit)
    assert pruner.observed == []


# Several threads.


@pytest.fixture(scope="module")
def wide(make_data: Callable[..., TrainingData], tmp_path_factory: pytest.TempPathFactory) -> Refs:
    """Rows enough to be shared among threads."""
    return refs_of(make_data(1500), tmp_path_factory.mktemp("wide"))


def refs_of(data: TrainingData, folder: Path) -> Refs:
    return cache(lambda fold: write_folder(data.arrays(fold), folder / str(fold)))


@pytest.mark.parametrize("model", THREADED)
def test_a_fit_on_two_threads_equals_one_on_a_single_thread_to_the_bit(model: str, wide: Refs) -> None:
    spec, quick = get(model), rounds_of(model, 3)  # on a busy machine threads wait long for each other
    one, two = (only(FitTask(spec, quick, 1, wide(0), 0, threads=threads)) for threads in (1, 2))
    assert np.array_equal(one.probability, two.probability)
    models = [only(FitTask(spec, quick, 1, wide(None), None, threads=threads)).model for threads in (1, 2)]
    assert models[0].get_params() == models[1].get_params() == spec.build(quick, 1).get_params()
    x = wide(None).load("x_train")
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
    model: str, params: dict[str, Any], large: Refs
) -> None:
    quick = rounds_of(model, 4, **params)
    if not get(model).takes_threads(quick):
        assert (model, *params.values()) in {("LightGBM", "goss"), ("XGBoost", "gblinear")}
        return
    one, two = (only(FitTask(get(model), quick, 1, large(0), 0, threads=threads)) for threads in (1, 2))
    assert np.array_equal(one.probability, two.probability)


@pytest.fixture(scope="module")
def large(make_data: Callable[..., TrainingData], tmp_path_factory: pytest.TempPathFactory) -> Refs:
    """More values than `schedule.SMALL`."""
    return refs_of(make_data(30_000), tmp_path_factory.mktemp("large"))


@pytest.mark.parametrize("model", sorted(name for name in THREADED if get(name).own_threads == "n_jobs"))
def test_the_threads_of_a_fit_reach_the_library(model: str, task: MakeTask, monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[int] = []
    kind = type(get(model).build({}, 0))
    own = kind.fit

    def spy(self: Any, *given: Any, **more: Any) -> Any:
        reported.append(self.get_params()["n_jobs"])
        return own(self, *given, **more)

    monkeypatch.setattr(kind, "fit", spy)
    only(task(model, rounds_of(model, 5), threads=2))
    assert reported == [2]


# Early stopping.


@pytest.mark.parametrize("model", EARLY)
def test_early_stopping_ends_before_the_rounds_that_were_asked_for(model: str, task: MakeTask) -> None:
    found = [only(task(model, rounds_of(model, count), early=STOPPING)).probability for count in (150, 300)]
    plain = [only(task(model, rounds_of(model, count))).probability for count in (150, 300)]
    assert np.array_equal(*found)
    assert not np.array_equal(*plain)


@pytest.mark.parametrize("model", EARLY)
def test_held_out_rows_play_no_part_in_early_stopping(model: str, task: MakeTask, tmp_path: Any) -> None:
    wanted = task(model, early=STOPPING)
    shutil.copytree(wanted.matrices.path, tmp_path / "changed")
    x, y = np.array(wanted.matrices.load("x_valid")), np.array(wanted.matrices.load("y_valid"))
    strange = np.random.default_rng(0).normal(50, 1, size=(500, x.shape[1])).astype(np.float32)
    np.save(tmp_path / "changed" / "x_valid.npy", np.vstack([x[::-1], strange]))
    np.save(tmp_path / "changed" / "y_valid.npy", np.concatenate([1 - y, np.zeros(500, dtype=np.int8)]))
    changed = replace(wanted, matrices=FolderRef(tmp_path / "changed"))
    assert np.array_equal(only(changed).probability[: len(x)], only(wanted).probability[::-1])


@pytest.mark.parametrize("model", EARLY)
def test_a_fit_that_stops_early_ignores_its_pruner(model: str, task: MakeTask) -> None:
    pruned, plain = (only(task(model, early=STOPPING, pruner=given)) for given in (Observing(1, stops=True), None))
    assert np.array_equal(pruned.probability, plain.probability)


def test_a_model_without_rounds_ignores_early_stopping(task: MakeTask) -> None:
    early, plain = (only(task("KNN", early=given)).probability for given in (STOPPING, None))
    assert np.array_equal(early, plain)


def test_rows_to_stop_by_are_cut_out_of_those_given_with_the_same_share_of_both_classes() -> None:
    x, y = np.arange(200.0).reshape(100, 2), np.repeat([0, 1], [80, 20])
    x_fit, y_fit, x_stop, y_stop, *weights = inner_parts(x, y, STOPPING)
    assert weights == [None, None]
    assert sorted([*x_fit[:, 0], *x_stop[:, 0]]) == x[:, 0].tolist()
    assert (len(y_fit), len(y_stop), y_fit.mean(), y_stop.mean()) == (80, 20, 0.2, 0.2)
    assert np.array_equal(x_stop, inner_parts(x, y, STOPPING)[2])
    assert not np.array_equal(x_stop, inner_parts(x, y, EarlyStopping(5, 0.2, seed=4))[2])


def test_the_matrix_is_given_in_the_precision_that_a_model_asks_for(
    task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[Any] = []

    class Spy:
        def fit(self, x: Any, _: Any) -> None:
            reported.append(x.dtype)

        def predict_proba(self, x: Any) -> Any:
            reported.append(x.dtype)
            return np.full((len(x), 2), 0.5)

    monkeypatch.setattr(ModelSpec, "build", lambda *_: Spy())
    for model in ("LogisticRegression", "KNN"):
        run(task(model))
    assert reported == [np.float64, np.float32, np.float32, np.float32]
