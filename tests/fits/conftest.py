"""What the tests of fits share: matrices, tasks, a second backend, and runs of the scheduler."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from phishcli.events import OnEvent, ignore
from phishcli.fits import backends, schedule
from phishcli.fits.backends import Backend, Finished, Placed
from phishcli.fits.backends.local import LocalBackend, open_backend
from phishcli.fits.matrices import Arrays, FolderRef, Part, TrainingData, write_folder
from phishcli.fits.task import FitTask
from phishcli.fits.worker import attempt_alone
from phishcli.fits.workload import Workload, WorkloadResult
from phishcli.models import ModelSpec, get

Refs = Callable[[int | None], FolderRef]
MakeTask = Callable[..., FitTask]
Open = Callable[[int], Backend]
Iterate = Callable[..., Iterator[WorkloadResult[Any]]]
Run = Callable[..., list[Any]]


@pytest.fixture(scope="session")
def refs(data: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> Refs:
    """The matrices of a fold, or of all rows (None), in files."""
    folder = tmp_path_factory.mktemp("matrices")
    return cache(lambda fold: write_folder(data.arrays(fold), folder / str(fold)))


@pytest.fixture
def task(refs: Refs) -> MakeTask:
    """Describe a fit: ``task("KNN", {"p": 1}, fold=0)``."""

    def make(model: str, params: Mapping[str, Any] | None = None, *, fold: int | None = 0, **options: Any) -> FitTask:
        return FitTask(get(model), params or {}, options.pop("seed", 1), refs(fold), fold, **options)

    return make


def acting_spec(do: Callable[[int], object]) -> ModelSpec:
    """A model whose fit calls ``do`` with its parameter ``number``, and predicts a hundredth of it for every row."""

    class Estimator(BaseEstimator):
        def __init__(self, number: int = 0) -> None:
            self.number = number

        def fit(self, x: Any, y: Any) -> Any:  # noqa: ARG002 (scikit-learn's signature)
            self.kept_ = do(self.number)
            return self

        def predict_proba(self, x: Any) -> Any:
            return np.full((len(x), 2), self.number / 100)

    return ModelSpec("Acting", "Acting", "It acts.", new=lambda _: Estimator(), workers="threads")


@pytest.fixture
def acting() -> Callable[..., ModelSpec]:
    """Make a model whose fit does something: ``acting(do)`` calls ``do(number)`` and predicts a hundredth of it."""
    return acting_spec


@pytest.fixture
def acting_task(task: MakeTask) -> MakeTask:
    """Describe a fit that does something: ``acting_task(do, 3)`` calls ``do(3)`` and predicts 0.03 for every row."""

    def make(do: Callable[[int], object], number: int = 0, **options: Any) -> FitTask:
        return replace(task("KNN", {"number": number}, **options), spec=acting_spec(do))

    return make


class SynchronousBackend:
    """The simplest backend: one slot, and everything is done in `next`, in the order in which it was asked for."""

    slots = 1

    def __init__(self) -> None:
        self._waiting: SimpleQueue[Callable[[], Placed | Finished] | None] = SimpleQueue()

    def place(self, name: str, make: Callable[[], Arrays]) -> None:
        def do() -> Placed:
            try:
                return Placed(name, InMemory(make()))
            except Exception as error:  # noqa: BLE001 (passed on)
                return Placed(name, error=error)

        self._waiting.put(do)

    def submit(self, key: int, task: FitTask) -> None:
        self._waiting.put(lambda: Finished(key, attempt_alone(task)))

    def next(self) -> Placed | Finished | None:
        do = self._waiting.get()
        return do() if do else None

    def wake(self) -> None:
        self._waiting.put(None)

    def close(self) -> None:
        """Nothing is left that could be closed."""


class InMemory:
    """Matrices that never leave the process."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays

    def load(self, part: Part) -> Any:
        view = np.asarray(self._arrays[part]).view()
        view.flags.writeable = False
        return view


@pytest.fixture(scope="module")
def ray_session() -> Iterator[None]:
    """A cluster of Ray on this machine, which this process belongs to."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("ray is not installed")
    from phishcli.fits.backends.ray import environment

    for name, value in environment("local").items():
        os.environ.setdefault(name, value)
    import ray

    try:
        ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=10**8)
    except Exception as error:  # noqa: BLE001 (whatever Ray raises then)
        pytest.skip(f"Ray gives up starting on a machine that is as busy as this one: {error}")
    yield
    ray.shutdown()


OF_ONE_MACHINE = (
    "test_matrices_that_were_placed_are_those_that_were_made",
    "test_closing_leaves_no_thread_and_no_process",
)
"""What a cluster does not promise: its workers alone hold the matrices, and they stay."""
ON_RAY = ("LightGBM", "LogisticRegression", "RandomForest")
"""A library with threads of its own, one that computes with BLAS, and one of many objects."""


def on_ray(request: pytest.FixtureRequest) -> None:
    """Leave out what says nothing about Ray."""
    name = request.node.originalname
    if name in OF_ONE_MACHINE or request.node.callspec.params.get("model", ON_RAY[0]) not in ON_RAY:
        pytest.skip("not promised by a cluster, or shown by other models")
    request.getfixturevalue("ray_session")


@pytest.fixture(params=["local", "synchronous", pytest.param("ray", marks=pytest.mark.xdist_group("clusters"))])
def open_any(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Open:
    """Open each backend in turn: ``open_any(2)`` with 2 slots, if it can have so many."""
    if request.param == "ray":
        on_ray(request)

    def make(slots: int) -> Backend:
        if request.param == "ray":
            return backends.get("ray://auto")(slots, tmp_path_factory.mktemp("matrices"))
        if request.param == "synchronous":
            return SynchronousBackend()
        return open_backend(slots, tmp_path_factory.mktemp("matrices"))

    return make


@pytest.fixture
def open_local(tmp_path: Path) -> Callable[[int], LocalBackend]:
    """Open the local backend."""
    return lambda slots: open_backend(slots, tmp_path / "matrices")


@pytest.fixture
def iterate(data: TrainingData, tmp_path_factory: pytest.TempPathFactory) -> Iterate:
    """Run workloads and give each as it ends: ``iterate([workload], slots=2)``."""

    def run(
        workloads: list[Workload[Any]], *, slots: int = 1, on_event: OnEvent = ignore, on: TrainingData = data
    ) -> Iterator[WorkloadResult[Any]]:
        with closing(open_backend(slots, tmp_path_factory.mktemp("matrices"))) as backend:
            yield from schedule.run(workloads, on, backend, on_event=on_event)

    return run


@pytest.fixture
def run(iterate: Iterate) -> Run:
    """Run workloads to their ends; gives their results in the order of the workloads, or raises their error."""

    def call(*workloads: Workload[Any], **options: Any) -> list[Any]:
        ended = list(iterate(list(workloads), **options))
        for each in ended:
            if each.error:
                raise each.error
        return [next(each.result for each in ended if each.workload is one) for one in workloads]

    return call
