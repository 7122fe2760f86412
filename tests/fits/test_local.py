"""The pool makes fits side by side, in threads or processes, and keeps their warnings and errors apart."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_info

from phishcli.fits.fit import Fitted, FoldFit, Outcome, Work
from phishcli.fits.local import Pool
from phishcli.fits.matrices import Matrices
from phishcli.models import ModelSpec, registry
from phishcli.models.spec import first_line

MakeWork = Callable[..., Work]
Acting = Callable[..., Work]
EITHER = pytest.mark.parametrize("apart", [False, True], ids=["thread", "process"])


@pytest.fixture
def acting(work: MakeWork) -> Acting:
    """A fit that does something: ``acting(do, 3)`` calls ``do(3)`` and predicts 0.03 for every row."""

    def make(do: Callable[[int], object], number: int = 0, **options: Any) -> Work:
        class Estimator(BaseEstimator):
            def __init__(self, number: int = 0) -> None:
                self.number = number

            def fit(self, x: Any, y: Any) -> Any:  # noqa: ARG002 (scikit-learn's signature)
                self.kept_ = do(self.number)
                return self

            def predict_proba(self, x: Any) -> Any:
                return np.full((len(x), 2), self.number / 100)

        spec = ModelSpec("Acting", "Acting", "It acts.", new=lambda _: Estimator())
        return replace(work("KNN", {"number": number}, **options), spec=spec)

    return make


def outcomes(tasks: Mapping[Any, Work | Callable[[], object]], jobs: int = 1) -> dict[Any, Outcome]:
    with Pool(jobs) as pool:
        return given(pool, tasks)


def given(pool: Pool, tasks: Mapping[Any, Work | Callable[[], object]]) -> dict[Any, Outcome]:
    for key, task in tasks.items():
        pool.start(key, task) if isinstance(task, Work) else pool.call(key, task)
    found = {}
    for _ in tasks:
        key, (outcome,) = pool.next() or (None, ())
        found[key] = outcome
    return found


def text_of(outcome: Outcome) -> Any:
    """What a fit that says something by failing has said."""
    return json.loads(str(outcome.error))


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_each_outcome_belongs_to_its_task(jobs: int, acting: Acting) -> None:
    def slow_first(number: int) -> None:
        time.sleep(0.02 if number == 0 else 0)

    found = outcomes({number: acting(slow_first, number) for number in range(10)}, jobs)
    assert {key: value_of(outcome).probability[0] for key, outcome in found.items()} == {
        number: number / 100 for number in range(10)
    }


def value_of(outcome: Outcome) -> FoldFit:
    assert isinstance(outcome.value, FoldFit), outcome
    return outcome.value


def test_fits_run_side_by_side(acting: Acting) -> None:
    meeting = threading.Barrier(4, timeout=30)
    found = outcomes({number: acting(lambda _: meeting.wait() and None) for number in range(4)}, jobs=4)
    assert all(outcome.error is None for outcome in found.values())


def test_never_more_fits_run_than_asked_for_whether_in_threads_or_in_processes(acting: Acting, tmp_path: Any) -> None:
    path = tmp_path / "running"

    def note(number: int) -> None:
        for step, sign in enumerate("+-"):
            time.sleep(0.01 * step)
            with path.open("a") as file:
                file.write(sign)

    outcomes({number: acting(note, number, apart=number % 3 == 0) for number in range(12)}, jobs=2)
    running = np.cumsum([1 if sign == "+" else -1 for sign in path.read_text()])
    assert (len(running), running.max() <= 2) == (24, True)


@EITHER
def test_errors_stay_with_their_fits_and_keep_their_text_and_the_warnings_before(apart: bool, acting: Acting) -> None:
    class TwoPartsError(Exception):
        """No process can make it again from its text."""

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

    before = (warnings.showwarning, list(warnings.filters), warnings.defaultaction)
    found = outcomes({number: acting(fail, number, apart=apart) for number in range(1, 6)})
    told = {number: first_line(outcome.error) for number, outcome in found.items() if outcome.error}
    assert told == {1: "no good", 2: "no room", 3: "one and two", 4: "AssertionError"}
    assert [number for number, outcome in found.items() if isinstance(outcome.error, MemoryError)] == [2]
    assert [number for number, outcome in found.items() if outcome.value] == [5]
    assert {number: outcome.warnings for number, outcome in found.items() if outcome.warnings} == {
        1: ("UserWarning: about to fail",)
    }
    assert (warnings.showwarning, list(warnings.filters), warnings.defaultaction) == before


def test_a_model_that_cannot_be_sent_is_an_error_and_the_next_fit_succeeds(acting: Acting) -> None:
    def keep(number: int) -> Any:
        return threading.Lock() if number else None

    found = outcomes({number: acting(keep, number, fold=None, apart=True) for number in (1, 0)})
    assert "pickle" in str(found[1].error)
    assert isinstance(found[0].value, Fitted)


def test_the_error_of_something_else_that_was_called_is_given(acting: Acting) -> None:
    def fail() -> None:
        raise OSError("disk full")

    found = outcomes({"bad": fail, "good": lambda: None})
    assert str(found["bad"].error) == "disk full"
    assert found["good"] == Outcome()


def test_threads_and_processes_give_the_same_probabilities_to_the_bit(work: MakeWork) -> None:
    tasks: dict[Any, Any] = {
        (model, apart): work(model, apart=apart) for model in registry() for apart in (False, True)
    }
    found = outcomes(tasks)
    for model in registry():
        here, there = (value_of(found[model, apart]).probability for apart in (False, True))
        assert here.dtype == there.dtype, model
        assert np.array_equal(here, there), model


@EITHER
def test_a_fit_in_either_place_tells_the_warnings_of_its_library(apart: bool, work: MakeWork) -> None:
    tasks = {count: work("LogisticRegression", {"max_iter": count}, apart=apart) for count in (1, 500)}
    found = outcomes(tasks)
    (text,) = found[1].warnings
    assert text.startswith("ConvergenceWarning: lbfgs failed to converge after 1 iteration")
    assert found[500].warnings == ()


def test_a_killed_process_is_told_as_want_of_memory_and_the_next_fit_on_the_same_worker_succeeds(
    acting: Acting,
) -> None:
    def die_first(number: int) -> None:
        if number == 1:
            os.kill(os.getpid(), signal.SIGKILL)

    with Pool(1) as pool:
        lost = given(pool, {1: acting(die_first, 1, apart=True)})[1]
        after = given(pool, {2: acting(die_first, 2, apart=True)})[2]
    assert isinstance(lost.error, MemoryError)
    assert "killed, most likely for want of memory" in str(lost.error)
    assert "--jobs" in str(lost.error)
    assert value_of(after).probability[0] == 0.02


def say(told: Callable[[], Any]) -> Callable[[int], None]:
    def fail(_: int) -> None:
        raise ValueError(json.dumps(told()))

    return fail


@EITHER
def test_every_fit_has_one_thread_of_blas_and_of_openmp(apart: bool, acting: Acting) -> None:
    np.ones((200, 200)) @ np.ones((200, 200))
    LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    before = [library["num_threads"] for library in threadpool_info()]

    def look() -> Any:
        import xgboost  # noqa: F401 (brings another OpenMP)
        from sklearn.linear_model import LogisticRegression  # noqa: F401 (brings its OpenMP)
        from threadpoolctl import threadpool_info

        return threadpool_info()

    inside = text_of(outcomes({0: acting(say(look), apart=apart)})[0])
    assert {library["user_api"] for library in inside} == {"blas", "openmp"}
    assert {library["num_threads"] for library in inside if library["user_api"] == "blas"} == {1}
    assert {library["num_threads"] for library in inside} == {1}
    assert [library["num_threads"] for library in threadpool_info()][: len(before)] == before


def test_a_fit_may_be_given_more_threads_of_openmp_and_the_next_one_has_one_again(acting: Acting) -> None:
    found: list[int] = []

    def look(_: int) -> None:
        found.append(max(each["num_threads"] for each in threadpool_info() if each["user_api"] == "openmp"))

    one = acting(look)
    two = replace(one, threads=2, spec=msgspec.structs.replace(one.spec, own_threads="openmp"))
    with Pool(1) as pool:
        for task in (one, two, one):
            given(pool, {0: task})
    assert found == [1, 2, 1]


def test_a_process_leaves_ctrl_c_to_its_parent_stays_for_the_next_fit_and_ends_with_the_pool(acting: Acting) -> None:
    def look() -> Any:
        import os
        import signal

        os.kill(os.getpid(), signal.SIGINT)
        return os.getpid(), [os.environ.get(f"{name}_NUM_THREADS") for name in ("OMP", "OPENBLAS", "MKL")]

    with Pool(1) as pool:
        (first, limits), (second, _) = (text_of(given(pool, {0: acting(say(look), apart=True)})[0]) for _ in range(2))
        os.kill(first, 0)
    assert first == second != os.getpid()
    assert limits == ["1", "1", "1"]  # for libraries that are loaded later
    assert is_gone(first)


def is_gone(process: int) -> bool:
    for _ in range(200):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_warnings_belong_to_the_fit_that_gave_them(acting: Acting) -> None:
    def warn(number: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error", BytesWarning)
            warnings.warn(f"trouble {number}:\n\nat length", UserWarning, stacklevel=1)
            time.sleep(0.001)
        warnings.warn(f"trouble {number}", UserWarning, stacklevel=1)
        warnings.warn(f"more {number}", RuntimeWarning, stacklevel=1)

    found = outcomes({number: acting(warn, number) for number in range(60)}, jobs=4)
    assert {key: outcome.warnings for key, outcome in found.items()} == {
        number: (f"UserWarning: trouble {number}", f"RuntimeWarning: more {number}") for number in range(60)
    }


def test_no_warning_is_lost_or_added_after_fits_have_undone_each_others_filters(acting: Acting, work: MakeWork) -> None:
    steps = [threading.Event() for _ in range(3)]

    def cross(number: int) -> None:
        """Enter and leave as scikit-learn's parallel functions do, the other one in between: no filter is left."""
        begun, inside, left = steps
        if number == 1:
            with warnings.catch_warnings():
                warnings.resetwarnings()
                begun.set()
                inside.wait(30)
            left.set()
        else:
            begun.wait(30)
            with warnings.catch_warnings():
                inside.set()
                left.wait(30)

    def warn(_: int) -> None:
        warnings.warn("the same from the same place", UserWarning, stacklevel=1)

    with Pool(2) as pool:
        given(pool, {number: acting(cross, number) for number in (1, 2)})
        assert warnings.filters == []
        told = given(pool, {number: acting(warn, number) for number in range(3)})
        silent = given(pool, {"forest": work("RandomForest", {"n_estimators": 5})})
    assert [outcome.warnings for outcome in told.values()] == [("UserWarning: the same from the same place",)] * 3
    assert silent["forest"].warnings == ()


def test_convergence_warnings_are_caught_in_every_thread(work: MakeWork) -> None:
    tasks = {number: work("LogisticRegression", {"max_iter": 1}) for number in range(12)}
    for outcome in outcomes(tasks, jobs=4).values():
        assert [text.partition(" after")[0] for text in outcome.warnings] == [
            "ConvergenceWarning: lbfgs failed to converge"
        ]


def test_warnings_from_elsewhere_are_shown_as_before(acting: Acting) -> None:
    with Pool(1) as pool:
        given(pool, {0: acting(lambda _: None)})
        with pytest.warns(UserWarning, match="outside"):
            warnings.warn("outside", UserWarning, stacklevel=1)
        given(pool, {0: acting(lambda _: None)})


def test_an_error_in_the_caller_ends_the_pool_without_waiting_for_a_fit_and_restores_all(acting: Acting) -> None:
    before = (warnings.showwarning, list(warnings.filters), threadpool_info())
    goes_on, begun = threading.Event(), threading.Event()

    def wait(_: int) -> None:
        begun.set()
        goes_on.wait(30)

    def leave() -> None:
        with Pool(1) as pool:
            pool.start(0, acting(wait))
            begun.wait(30)
            raise RuntimeError("enough")

    start = time.perf_counter()
    with pytest.raises(RuntimeError, match="enough"):
        leave()
    assert time.perf_counter() - start < 10
    assert (warnings.showwarning, list(warnings.filters), threadpool_info()) == before
    goes_on.set()


def test_an_error_in_the_caller_ends_a_process_in_the_middle_of_a_fit(acting: Acting, tmp_path: Any) -> None:
    path = tmp_path / "process"

    def wait(_: int) -> None:
        path.write_text(str(os.getpid()))
        time.sleep(60)

    def leave() -> None:
        with Pool(1) as pool:
            pool.start(0, acting(wait, apart=True))
            for _ in range(400):
                if path.exists() and path.read_text():
                    break
                time.sleep(0.05)
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        leave()
    assert is_gone(int(path.read_text()))


def test_a_process_ends_when_its_parent_was_killed(tmp_path: Any, matrices: Matrices) -> None:
    code = """
import os, pathlib, signal, sys
from phishcli.models import get
from phishcli.fits.fit import Work
from phishcli.fits.local import Pool
folder, told = map(pathlib.Path, sys.argv[1:])
with Pool(1) as pool:
    pool.start(0, Work(get("NaiveBayes"), {}, 1, folder, 0, apart=True))
    pool.next()
    (process,) = pool._workers[0]._process._processes
    told.write_text(str(process))
    os.kill(os.getpid(), signal.SIGKILL)
"""
    arguments = [str(matrices.path(0)), str(tmp_path / "process")]
    done = subprocess.run([sys.executable, "-c", code, *arguments], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert is_gone(int((tmp_path / "process").read_text()))


def test_the_pool_can_be_woken_from_waiting() -> None:
    with Pool(1) as pool:
        threading.Timer(0.05, pool.wake).start()
        assert pool.next() is None


def test_idle_workers_end_with_the_pool() -> None:
    with Pool(3) as pool:
        workers = pool._workers
        assert all(worker.is_alive() for worker in workers)
    for worker in workers:
        worker.join(timeout=10)
    assert not any(worker.is_alive() for worker in workers)
