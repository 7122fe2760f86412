"""The pool runs fits side by side, on one thread each, and keeps their warnings and errors apart."""

from __future__ import annotations

import signal
import threading
import time
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_info

from phishcli.search.fits import Outcome, probabilities, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def outcomes(tasks: Sequence[Callable[[], Any]], jobs: int) -> list[Outcome[Any]]:
    found: dict[int, Outcome[Any]] = {}
    run(tasks, jobs=jobs, on_done=found.__setitem__)
    return [found[position] for position in range(len(tasks))]


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_each_outcome_belongs_to_its_task(jobs: int) -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.02 if number == 0 else 0)
        return number * number

    found = outcomes([partial(slow_first, number) for number in range(10)], jobs)
    assert [outcome.value for outcome in found] == [number * number for number in range(10)]


def test_tasks_run_side_by_side() -> None:
    meeting = threading.Barrier(4, timeout=30)
    assert all(outcome.error is None for outcome in outcomes([meeting.wait] * 4, jobs=4))


def test_no_more_tasks_run_than_asked_for() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def task() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.005)
        with lock:
            running -= 1

    outcomes([task] * 12, jobs=2)
    assert most <= 2


def test_an_error_stays_with_its_task() -> None:
    def fail() -> None:
        raise MemoryError("no room")

    bad, good = outcomes([fail, lambda: 1], jobs=2)
    assert isinstance(bad.error, MemoryError)
    assert (good.value, good.error) == (1, None)


def test_every_fit_has_one_thread() -> None:
    np.ones((200, 200)) @ np.ones((200, 200))
    LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    before = [library["num_threads"] for library in threadpool_info()]
    (inside,) = outcomes([threadpool_info], jobs=1)
    assert {library["user_api"] for library in inside.value} == {"blas", "openmp"}
    assert {library["num_threads"] for library in inside.value} == {1}
    assert [library["num_threads"] for library in threadpool_info()] == before


def test_warnings_belong_to_the_task_that_gave_them() -> None:
    def warn(number: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error", BytesWarning)
            warnings.warn(f"trouble {number}:\n\nat length", UserWarning, stacklevel=1)
            time.sleep(0.001)
        warnings.warn(f"trouble {number}", UserWarning, stacklevel=1)
        warnings.warn(f"more {number}", RuntimeWarning, stacklevel=1)

    found = outcomes([partial(warn, number) for number in range(60)], jobs=4)
    assert [outcome.warnings for outcome in found] == [
        (f"UserWarning: trouble {number}", f"RuntimeWarning: more {number}") for number in range(60)
    ]


def test_warnings_from_elsewhere_are_shown_as_before() -> None:
    def on_done(_: int, outcome: Outcome[int]) -> None:
        warnings.warn(f"done {outcome.value}", UserWarning, stacklevel=1)

    with pytest.warns(UserWarning, match="done 5"):
        run([lambda: 5], jobs=1, on_done=on_done)


def test_the_state_of_warnings_is_restored() -> None:
    before = (warnings.showwarning, list(warnings.filters))
    outcomes([partial(warnings.warn, "once", UserWarning)], jobs=2)
    assert (warnings.showwarning, list(warnings.filters)) == before


def test_convergence_warnings_are_caught_in_every_thread() -> None:
    x, y = np.random.default_rng(0).normal(size=(60, 5)), np.tile([0, 1], 30)
    fits = [partial(lambda: LogisticRegression(max_iter=1, solver="lbfgs").fit(x, y) and None)] * 12
    for outcome in outcomes(fits, jobs=4):
        assert [text.partition(" after")[0] for text in outcome.warnings] == [
            "ConvergenceWarning: lbfgs failed to converge"
        ]


def test_ctrl_c_cancels_what_has_not_begun_and_waits_for_what_has() -> None:
    begun, ended, main = [], [], threading.main_thread().ident or 0

    def task(number: int) -> None:
        begun.append(number)
        if number == 4:
            signal.pthread_kill(main, signal.SIGINT)
        time.sleep(0.05)
        ended.append(number)

    with pytest.raises(KeyboardInterrupt):
        run([partial(task, number) for number in range(40)], jobs=2, on_done=lambda *_: None)
    assert sorted(begun) == sorted(ended)
    assert len(begun) < 12


def test_an_error_in_the_listener_cancels_the_rest() -> None:
    begun = []

    def stop(*_: Any) -> None:
        raise RuntimeError("enough")

    def task() -> None:
        begun.append(1)
        time.sleep(0.02)

    with pytest.raises(RuntimeError, match="enough"):
        run([task] * 50, jobs=1, on_done=stop)
    assert len(begun) < 12


@pytest.mark.parametrize("wrong", [np.nan, -0.1, 1.1])
def test_probabilities_that_are_none_are_refused(wrong: float) -> None:
    class Broken:
        def predict_proba(self, x: Any) -> Any:
            return np.full((len(x), 2), wrong)

    with pytest.raises(ValueError, match="not between 0 and 1"):
        probabilities(Broken(), np.zeros((3, 1), dtype=np.float32))
