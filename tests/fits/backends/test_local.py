"""The local backend: fits side by side, in threads or processes, each with its own warnings; nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from phishcli.fits.backends.local import LOST, LocalBackend
from phishcli.fits.matrices import FolderRef
from phishcli.fits.task import FinalFit, FitTask
from phishcli.models import registry
from tests.fits.finished import finish, fitted, fold_fit

MakeTask = Callable[..., FitTask]
Open = Callable[[int], LocalBackend]


def test_fits_run_side_by_side(open_local: Open, acting_task: MakeTask) -> None:
    meeting = threading.Barrier(4, timeout=30)
    tasks = {number: acting_task(lambda _: meeting.wait() and None) for number in range(4)}
    assert all(result.error is None for result in fitted(open_local, tasks, slots=4).values())


# Processes.


def test_a_model_that_cannot_be_pickled_is_an_error_and_the_next_fit_succeeds(
    open_local: Open, acting_task: MakeTask
) -> None:
    def keep(number: int) -> Any:
        return threading.Lock() if number else None

    tasks = {number: acting_task(keep, number, fold=None, separate_process=True) for number in (1, 0)}
    found = fitted(open_local, tasks)
    assert "pickle" in str(found[1].error)
    assert isinstance(found[0].value, FinalFit)


def test_threads_and_processes_give_the_same_probabilities_to_the_bit(open_local: Open, task: MakeTask) -> None:
    kinds = [(model, separate) for model in registry() for separate in (False, True)]
    tasks = {key: task(model, separate_process=separate) for key, (model, separate) in enumerate(kinds)}
    found = {kinds[key]: fold_fit(result).probability for key, result in fitted(open_local, tasks).items()}
    for model in registry():
        assert found[model, False].dtype == found[model, True].dtype, model
        assert np.array_equal(found[model, False], found[model, True]), model


def test_a_killed_process_is_reported_with_what_to_do(open_local: Open, acting_task: MakeTask) -> None:
    def die(_: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    (result,) = fitted(open_local, {0: acting_task(die, separate_process=True)}).values()
    assert str(result.error) == LOST
    assert "lack of memory" in LOST
    assert "--jobs" in LOST


def test_a_process_ignores_ctrl_c_and_stays_for_the_next_fit(open_local: Open, acting_task: MakeTask) -> None:
    def look(_: int) -> None:
        import os
        import signal

        os.kill(os.getpid(), signal.SIGINT)
        limits = [os.environ.get(f"{name}_NUM_THREADS") for name in ("OMP", "OPENBLAS", "MKL")]
        raise ValueError(json.dumps([os.getpid(), limits]))

    with closing(open_local(1)) as backend:
        found = [finish(backend, {0: acting_task(look, separate_process=True)})[0] for _ in range(2)]
    (first, limits), (second, _) = (json.loads(str(result.error)) for result in found)
    assert first == second != os.getpid()
    assert limits == ["1", "1", "1"]  # for libraries that are loaded later


def is_gone(process: int) -> bool:
    for _ in range(200):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_a_process_ends_when_its_parent_was_killed(tmp_path: Path, refs: Callable[[int], FolderRef]) -> None:
    code = """
import os, pathlib, signal, sys
from phishcli.fits.backends.local import open_backend
from phishcli.fits.matrices import FolderRef
from phishcli.fits.task import FitTask
from phishcli.models import get
from tests.fits.finished import finish, fitted, fold_fit
folder, reported = map(pathlib.Path, sys.argv[1:])
backend = open_backend(1, reported.parent)
backend.submit(0, FitTask(get("NaiveBayes"), {}, 1, FolderRef(folder), 0, separate_process=True))
backend.next()
(process,) = backend._workers[0]._process._processes
reported.write_text(str(process))
os.kill(os.getpid(), signal.SIGKILL)
"""
    arguments = [str(refs(0).path), str(tmp_path / "process")]
    done = subprocess.run([sys.executable, "-c", code, *arguments], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert is_gone(int((tmp_path / "process").read_text()))


# Warnings.


def test_warnings_belong_to_the_fit_that_gave_them(open_local: Open, acting_task: MakeTask) -> None:
    def warn(number: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error", BytesWarning)
            warnings.warn(f"trouble {number}:\n\nat length", UserWarning, stacklevel=1)
            time.sleep(0.001)
        warnings.warn(f"trouble {number}", UserWarning, stacklevel=1)
        warnings.warn(f"more {number}", RuntimeWarning, stacklevel=1)

    found = fitted(open_local, {number: acting_task(warn, number) for number in range(60)}, slots=4)
    assert {key: result.warnings for key, result in found.items()} == {
        number: (f"UserWarning: trouble {number}", f"RuntimeWarning: more {number}") for number in range(60)
    }


def test_no_warning_is_lost_or_added_after_fits_have_undone_each_others_filters(
    open_local: Open, acting_task: MakeTask, task: MakeTask
) -> None:
    begun, inside, left = (threading.Event() for _ in range(3))

    def cross(number: int) -> None:
        """Enter and leave as scikit-learn's parallel functions do, the other one in between: no filter is left."""
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

    with closing(open_local(2)) as backend:
        finish(backend, {number: acting_task(cross, number) for number in (1, 2)})
        assert warnings.filters == []
        found = finish(backend, {number: acting_task(warn, number) for number in range(3)})
        silent = finish(backend, {0: task("RandomForest", {"n_estimators": 5})})
    assert [result.warnings for result in found.values()] == [("UserWarning: the same from the same place",)] * 3
    assert silent[0].warnings == ()


def test_convergence_warnings_are_recorded_in_every_thread(open_local: Open, task: MakeTask) -> None:
    tasks = {number: task("LogisticRegression", {"solver": "lbfgs", "max_iter": 1}) for number in range(12)}
    for result in fitted(open_local, tasks, slots=4).values():
        assert [text.partition(" after")[0] for text in result.warnings] == [
            "ConvergenceWarning: lbfgs failed to converge"
        ]


def test_warnings_from_elsewhere_are_shown_as_before(open_local: Open, acting_task: MakeTask) -> None:
    with closing(open_local(1)) as backend:
        finish(backend, {0: acting_task(lambda _: None)})
        with pytest.warns(UserWarning, match="outside"):
            warnings.warn("outside", UserWarning, stacklevel=1)
        finish(backend, {0: acting_task(lambda _: None)})


# Closing.


def test_closing_does_not_wait_for_a_fit_in_a_thread_and_restores_global_state(
    open_local: Open, acting_task: MakeTask
) -> None:
    before = (warnings.showwarning, list(warnings.filters), threadpool_info())
    goes_on, begun = threading.Event(), threading.Event()

    def wait(_: int) -> None:
        begun.set()
        goes_on.wait(30)

    start = time.perf_counter()
    with closing(open_local(1)) as backend:
        backend.submit(0, acting_task(wait))
        begun.wait(30)
    assert time.perf_counter() - start < 10
    assert (warnings.showwarning, list(warnings.filters), threadpool_info()) == before
    goes_on.set()


def test_closing_ends_a_process_in_the_middle_of_a_fit(open_local: Open, acting_task: MakeTask, tmp_path: Path) -> None:
    path = tmp_path / "process"

    def wait(_: int) -> None:
        path.write_text(str(os.getpid()))
        time.sleep(60)

    with closing(open_local(1)) as backend:
        backend.submit(0, acting_task(wait, separate_process=True))
        for _ in range(400):
            if path.exists() and path.read_text():
                break
            time.sleep(0.05)
    assert is_gone(int(path.read_text()))


def test_matrices_are_files_in_the_folder_of_the_backend(open_local: Open, tmp_path: Path) -> None:
    with closing(open_local(1)) as backend:
        backend.place("fold_1", lambda: {"x_train": np.ones((2, 3)), "y_train": np.zeros(2)})
        placed = backend.next()
    assert placed == placed.__class__("fold_1", FolderRef(tmp_path / "matrices" / "fold_1"))
    assert {file.name for file in (tmp_path / "matrices" / "fold_1").iterdir()} == {"x_train.npy", "y_train.npy"}
