"""What every backend promises, whoever adds it; the scheduler relies on nothing else."""

from __future__ import annotations

import json
import os
import pickle
import signal
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from threadpoolctl import threadpool_info

from phishcli.errors import ConfigError, TrainError, first_line
from phishcli.events import ignore
from phishcli.fits import backends, schedule
from phishcli.fits.backends import Backend, Placed
from phishcli.fits.ledger import MemoryLedger
from phishcli.fits.matrices import Arrays, FolderRef, TrainingData
from phishcli.fits.task import FinalFit, FitRequest, FitResult, FitTask, FoldFit
from phishcli.fits.worker import fit, probabilities
from phishcli.fits.workload import Workload
from phishcli.models import get, registry
from phishcli.search.search import prepare
from phishcli.search.settings import ModelSettings, SearchSettings
from tests.fits.finished import finish_all, fitted, fold_fit

Open = Callable[[int], Backend]
MakeTask = Callable[..., FitTask]
EITHER = pytest.mark.parametrize("separate_process", [False, True], ids=["thread", "process"])


def message(result: FitResult) -> Any:
    """Give what a fit wanted to say, which it does by failing."""
    return json.loads(str(result.error))


def telling(look: Callable[[], Any]) -> Callable[[int], None]:
    def fail(_: int) -> None:
        raise ValueError(json.dumps(look()))

    return fail


# Matrices.


def test_matrices_that_were_placed_are_those_that_were_made(open_any: Open, data: TrainingData) -> None:
    with closing(open_any(2)) as backend:
        wanted = {"all": data.arrays(None), "fold_1": data.arrays(1)}
        for name, arrays in wanted.items():
            backend.place(name, lambda arrays=arrays: arrays)  # type: ignore[misc]  # a default that the loop gives
        for _ in range(len(wanted)):
            placed = backend.next()
            assert isinstance(placed, Placed)
            assert placed.matrices is not None
            arrays = wanted.pop(placed.name)
            for part, array in arrays.items():
                loaded = placed.matrices.load(part)
                assert loaded.dtype == array.dtype
                assert np.array_equal(loaded, array)
                with pytest.raises(ValueError, match="read-only"):
                    loaded[0] = 1
    assert wanted == {}


def test_a_reference_to_matrices_is_small_wherever_it_leaves_the_process(refs: Callable[[int], FolderRef]) -> None:
    assert len(pickle.dumps(refs(0))) < 1_000


def test_the_error_of_matrices_that_cannot_be_made_keeps_its_type(open_any: Open, data: TrainingData) -> None:
    def fail() -> Arrays:
        raise TrainError("The fold is empty", hint="Ask for fewer folds")

    with closing(open_any(1)) as backend:
        backend.place("bad", fail)
        backend.place("good", lambda: data.arrays(0))
        placed = {each.name: each for each in (backend.next(), backend.next()) if isinstance(each, Placed)}
    assert isinstance(placed["bad"].error, TrainError)
    assert placed["bad"].error.hint == "Ask for fewer folds"
    assert placed["bad"].matrices is None
    assert (placed["good"].error, placed["good"].matrices is None) == (None, False)


# Fits.


@pytest.mark.parametrize("model", sorted(registry()))
def test_a_fit_gives_what_fitting_directly_gives_to_the_bit(model: str, open_any: Open, task: MakeTask) -> None:
    spec = get(model)
    quick = {spec.rounds.parameter: 12} if spec.rounds else {}
    found = fitted(open_any, {0: task(model, quick, fold=0), 1: task(model, quick, fold=None)}, slots=2)
    ref = task(model).matrices
    directly = fit(spec, quick, 1, np.array(ref.load("x_train")), np.array(ref.load("y_train")))
    expected = probabilities(directly, ref.load("x_valid"))
    assert fold_fit(found[0]).probability.dtype == expected.dtype
    assert np.array_equal(fold_fit(found[0]).probability, expected)
    assert isinstance(found[1].value, FinalFit)
    whole = task(model, fold=None).matrices
    directly = fit(spec, quick, 1, np.array(whole.load("x_train")), np.array(whole.load("y_train")))
    x = whole.load("x_train")
    assert np.array_equal(found[1].value.model.predict_proba(x), directly.predict_proba(x))


@EITHER
def test_a_fit_gives_a_result_for_each_number_of_rounds_that_was_asked_for(
    separate_process: bool, open_any: Open, task: MakeTask
) -> None:
    together = task("RandomForest", {"n_estimators": 9}, shorter=(2, 5), separate_process=separate_process)
    with closing(open_any(1)) as backend:
        (results,) = finish_all(backend, {7: together}).values()
        alone = finish_all(backend, {n: task("RandomForest", {"n_estimators": n}) for n in (2, 5, 9)})
    for count, result in zip((2, 5, 9), results, strict=True):
        assert np.array_equal(fold_fit(result).probability, fold_fit(alone[count][0]).probability)


@pytest.mark.parametrize("slots", [1, 3])
def test_nothing_is_lost_or_mixed_up_with_more_fits_than_slots_whatever_ends_first(
    slots: int, open_any: Open, acting_task: MakeTask
) -> None:
    def slow_first(number: int) -> None:
        time.sleep(0.02 if number % slots == 0 else 0)

    tasks = {number: acting_task(slow_first, number) for number in range(40)}
    found = fitted(open_any, tasks, slots)
    assert {key: fold_fit(result).probability[0] for key, result in found.items()} == {
        number: number / 100 for number in range(40)
    }


@EITHER
def test_errors_come_back_as_results_with_their_text_and_the_warnings_before(
    separate_process: bool, open_any: Open, acting_task: MakeTask
) -> None:
    class TwoPartsError(Exception):
        """An error that cannot be rebuilt in another process."""

        def __init__(self, first: str, second: str) -> None:
            super().__init__(f"{first} and {second}")

    def fail(number: int) -> None:
        if number == 1:
            warnings.warn("about to fail", UserWarning, stacklevel=1)
            raise ValueError("no good")
        if number == 2:
            raise MemoryError("no room")
        if number == 3:
            raise TwoPartsError("one", "two")
        if number == 4:
            raise AssertionError

    before = (warnings.showwarning, list(warnings.filters), warnings.defaultaction)  # type: ignore[attr-defined]  # it is there
    tasks = {number: acting_task(fail, number, separate_process=separate_process) for number in range(1, 6)}
    found = fitted(open_any, tasks)
    errors = {number: first_line(result.error) for number, result in found.items() if result.error}
    assert errors == {1: "no good", 2: "no room", 3: "one and two", 4: "AssertionError"}
    assert [number for number, result in found.items() if isinstance(result.error, MemoryError)] == [2]
    assert [number for number, result in found.items() if result.value] == [5]
    assert {number: result.warnings for number, result in found.items() if result.warnings} == {
        1: ("UserWarning: about to fail",)
    }
    assert (warnings.showwarning, list(warnings.filters), warnings.defaultaction) == before  # type: ignore[attr-defined]  # as above


@EITHER
def test_warnings_are_recorded_with_the_fit_that_gave_them(
    separate_process: bool, open_any: Open, task: MakeTask
) -> None:
    tasks = {
        count: task("LogisticRegression", {"solver": "lbfgs", "max_iter": count}, separate_process=separate_process)
        for count in (1, 500)
    }
    found = fitted(open_any, tasks, slots=2)
    (text,) = found[1].warnings
    assert text.startswith("ConvergenceWarning: lbfgs failed to converge after 1 iteration")
    assert "\n" not in text
    assert found[500].warnings == ()


def test_a_killed_worker_process_is_a_memory_error_and_the_next_fit_succeeds(
    open_any: Open, acting_task: MakeTask
) -> None:
    here = os.getpid()

    def die(number: int) -> None:
        if number == 1:
            if os.getpid() == here:
                raise MemoryError("a backend without processes has none to lose")
            os.kill(os.getpid(), signal.SIGKILL)

    with closing(open_any(1)) as backend:
        ((lost,),) = finish_all(backend, {1: acting_task(die, 1, separate_process=True)}).values()
        ((after,),) = finish_all(backend, {2: acting_task(die, 2, separate_process=True)}).values()
    assert isinstance(lost.error, MemoryError)
    assert fold_fit(after).probability[0] == 0.02


@EITHER
def test_a_fit_has_no_more_threads_of_blas_and_openmp_than_its_task_allows(
    separate_process: bool, open_any: Open, acting_task: MakeTask
) -> None:
    def look() -> Any:
        import xgboost  # noqa: F401 (brings another OpenMP)
        from sklearn.linear_model import LogisticRegression  # noqa: F401 (brings its OpenMP)
        from threadpoolctl import threadpool_info

        return [(each["user_api"], each["num_threads"]) for each in threadpool_info()]

    one = acting_task(telling(look), separate_process=separate_process)
    two = replace(one, threads=2, spec=msgspec.structs.replace(one.spec, own_threads="openmp"))
    before = [library["num_threads"] for library in threadpool_info()]
    with closing(open_any(2)) as backend:
        for task, allowed in ((one, 1), (two, 2), (one, 1)):
            ((result,),) = finish_all(backend, {0: task}).values()
            seen = message(result)
            assert {kind for kind, _ in seen} == {"blas", "openmp"}
            assert max(threads for kind, threads in seen if kind == "openmp") <= allowed
            if backend.slots > 1:  # where fits run side by side
                assert max(threads for kind, threads in seen if kind == "blas") == 1
    assert [library["num_threads"] for library in threadpool_info()][: len(before)] == before


def test_it_never_runs_more_fits_at_once_than_it_has_slots(
    open_any: Open, acting_task: MakeTask, tmp_path: Any
) -> None:
    path = tmp_path / "running"

    def note(number: int) -> None:
        for step, sign in enumerate("+-"):
            time.sleep(0.01 * step)
            with path.open("a") as file:
                file.write(sign)

    with closing(open_any(2)) as backend:
        finish_all(backend, {n: acting_task(note, n, separate_process=n % 3 == 0) for n in range(12)})
        running = np.cumsum([1 if sign == "+" else -1 for sign in path.read_text()])
        assert (len(running), running.max() <= backend.slots) == (24, True)


def test_waiting_returns_when_it_is_woken(open_any: Open) -> None:
    with closing(open_any(1)) as backend:
        threading.Timer(0.05, backend.wake).start()
        assert backend.next() is None


def test_it_can_be_woken_before_it_waits_and_goes_on_afterwards(open_any: Open, acting_task: MakeTask) -> None:
    with closing(open_any(1)) as backend:
        backend.wake()
        assert backend.next() is None
        assert finish_all(backend, {3: acting_task(lambda _: None, 3)}).keys() == {3}


def test_closing_leaves_no_thread_and_no_process(open_any: Open, acting_task: MakeTask, tmp_path: Path) -> None:
    path, before = tmp_path / "processes", set(threading.enumerate())

    def note(_: int) -> None:
        with path.open("a") as file:
            file.write(f"{os.getpid()}\n")

    with closing(open_any(3)) as backend:
        finish_all(backend, {number: acting_task(note, separate_process=number % 2 == 0) for number in range(8)})
    processes = {int(line) for line in path.read_text().split()} - {os.getpid()}
    assert holds(lambda: not set(threading.enumerate()) - before)
    assert holds(lambda: not any(is_alive(process) for process in processes))


def holds(condition: Callable[[], bool]) -> bool:
    """Wait until a condition holds, for ten seconds at most."""
    until = time.monotonic() + 10
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_closing_does_not_wait_for_fits_that_were_not_started(open_any: Open, acting_task: MakeTask) -> None:
    start = time.perf_counter()
    with closing(open_any(1)) as backend:
        for number in range(50):
            backend.submit(number, acting_task(lambda _: time.sleep(0.2)))
    assert time.perf_counter() - start < 5


# With the scheduler.


def searched(open_any: Open, data: TrainingData, slots: int) -> Any:
    """Race a few forests; gives all that does not depend on the time."""
    space = {"max_depth": {"low": 1, "high": 8}, "n_estimators": {"low": 20, "high": 40}}
    search = SearchSettings(method="race", n_iter=12, scoring="accuracy", seed=5, space=space)
    settings = ModelSettings("RandomForest", {}, seed=1, tune=search)
    prepared = prepare(get("RandomForest"), settings, search, data)
    ledger = MemoryLedger()
    workload: Workload[Any] = Workload(prepared.spec, 1, prepared.requests(), ledger, trials=prepared.study)
    with closing(open_any(slots)) as backend:
        (ended,) = schedule.run([workload], data, backend, on_event=ignore)
    assert ended.result is not None
    found = ended.result
    kept = {key: None if each.probability is None else each.probability.tobytes() for key, each in ledger.items()}
    return found.params, found.summary, found.trials.drop(columns="fit_seconds").to_json(), kept


def test_the_scheduler_gives_the_same_results_on_every_backend(
    open_any: Open, open_local: Open, data: TrainingData
) -> None:
    assert searched(open_any, data, slots=3) == searched(open_local, data, slots=1)


def test_the_scheduler_keeps_errors_and_order_on_every_backend(
    open_any: Open, data: TrainingData, acting: Callable[..., Any]
) -> None:
    def fail(number: int) -> None:
        if number == 2:
            raise ValueError("bad")

    def requests() -> Any:
        first = yield [FitRequest({"number": number}, number % 3) for number in range(5)]
        second = yield [FitRequest({"number": 9}, 0), FitRequest({"number": 8})]
        return [*first, *second]

    workload: Workload[Any] = Workload(acting(fail), 1, requests(), MemoryLedger())
    with closing(open_any(2)) as backend:
        (ended,) = schedule.run([workload], data, backend, on_event=ignore)
    errors = [str(result.error) if result.error else None for result in ended.result]
    assert errors == [None, None, "bad", None, None, None, None]
    values = [result.value.probability[0] for result in ended.result if isinstance(result.value, FoldFit)]
    assert values == [0.0, 0.01, 0.03, 0.04, 0.09]


# The registry.


def test_a_backend_is_found_by_the_name_of_its_file() -> None:
    from phishcli.fits.backends.local import open_backend

    assert backends.get("local") is open_backend


def test_an_unknown_backend_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"(?s)no backend 'lokal'.*Did you mean local"):
        backends.get("lokal")
