"""What the backends of clusters share: matrices that workers hold once, equal libraries, and a head that may go away.

A worker process makes one fit at a time. Who hands fits out, who makes those of a dead worker again, and how matrices
travel is the cluster's own affair; see ``phishcli/fits/backends/dask.py`` and ``ray.py``.
"""

from __future__ import annotations

import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from threadpoolctl import ThreadpoolController

from phishcli.errors import ConfigError, TrainError
from phishcli.fits.backends import Finished, Placed
from phishcli.fits.matrices import Arrays, MatrixRef, Part
from phishcli.fits.task import FitResult, FitTask
from phishcli.fits.worker import FitResults, attempt_alone
from phishcli.models import registry
from phishcli.versions import library_versions

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHERE = "run.cluster"
SECONDS = 5
"""For how long a head may not answer before it is given up."""
TRIES = 10
"""How often a fit is handed out again because its worker died."""
COMPARED = ("phishcli", "python", "numpy", "scipy", "scikit-learn", "pandas")
ONE_AT_A_TIME = threading.Lock()
"""Held by the fit that a worker process makes: warnings and threads of libraries belong to the whole process."""

Versions = dict[str, str | None]


def versions() -> Versions:
    """Give the versions, in this process, of all that shapes a fit."""
    names = dict.fromkeys((*COMPARED, *(each for spec in registry().values() for each in spec.libraries)))
    return library_versions(tuple(names))


def check_versions(found: Mapping[str, Versions]) -> None:
    """Refuse workers whose libraries are not those of this process.

    Raises
    ------
    ConfigError
        With the first worker that differs, what it has, and what is here.
    """
    own = versions()
    for worker, theirs in found.items():
        differing = [f"{name} {theirs.get(name)} (here: {own[name]})" for name in own if theirs.get(name) != own[name]]
        if differing:
            hint = "Install the same versions on every machine: results depend on them"
            raise ConfigError(f"Worker {worker} has {', '.join(differing)}", where=WHERE, hint=hint)


@dataclass(frozen=True)
class HeldRef:
    """Matrices by the key under which the workers hold them; a fit brings them along, for the worker alone."""

    key: str
    arrays: Arrays = field(default_factory=dict)

    def load(self, part: Part) -> NDArray[Any]:
        """Give one of the arrays, read-only."""
        view = self.arrays[part].view()
        view.flags.writeable = False
        return view


def make_fit(task: FitTask, arrays: Arrays | None = None) -> FitResults:
    """Make a fit in a worker process; ``arrays`` are those of a task that has a `HeldRef`."""
    if arrays is not None:
        task = replace(task, matrices=HeldRef(cast("HeldRef", task.matrices).key, arrays))
    with ONE_AT_A_TIME, ThreadpoolController().limit(limits=1, user_api="blas"):
        return attempt_alone(task)


class ClusterBackend(ABC):
    """The half of a backend that is the same for every cluster; see `phishcli.fits.backends.Backend`."""

    who: str
    """What is at the head, with its address: "The Dask scheduler at HOST:PORT"."""
    start: str
    """How a cluster is started."""
    slots: int

    def __init__(self) -> None:
        self._ended: SimpleQueue[Placed | Finished | None] = SimpleQueue()
        self._held: dict[str, tuple[Any, Arrays]] = {}
        self._lock = threading.Lock()
        self._tries: dict[int, int] = {}
        self._closed = self._given_up = False
        self.lazy = False
        """Whether matrices are sent only when a fit needs them whole: where all fits are spread, none does."""

    @abstractmethod
    def submit(self, key: int, task: FitTask) -> None:
        """Hand a fit to the cluster."""

    @abstractmethod
    def _send(self, arrays: Arrays) -> tuple[str, Any]:
        """Send arrays to the cluster; gives a key by their content, and what the cluster calls them."""

    @abstractmethod
    def _answers(self) -> bool | None:
        """Whether the head answers; None if it never will again."""

    def place(self, name: str, make: Callable[[], Arrays]) -> None:
        """Have arrays made here, and sent to the cluster, by their content."""
        threading.Thread(target=self._place, args=(name, make), daemon=True).start()

    def _place(self, name: str, make: Callable[[], Arrays]) -> None:
        try:
            arrays: Arrays = {part: np.ascontiguousarray(each) for part, each in make().items()}
            key, held = (name, None) if self.lazy else self._send(arrays)
            self._held[key] = (held, arrays)
            self._ended.put(Placed(name, HeldRef(key)))
        except Exception as error:  # noqa: BLE001 (raised again by whoever asked for it)
            self._ended.put(Placed(name, error=error))

    def _on_cluster(self, ref: MatrixRef, *, is_there: Callable[[Any], bool]) -> Any:
        """What the cluster calls matrices that were placed; they are sent again if it has lost them."""
        key = cast("HeldRef", ref).key
        with self._lock:
            held, arrays = self._held[key]
            if not is_there(held):
                held = self._send(arrays)[1]
                self._held[key] = (held, arrays)
            return held

    def _lose(self, key: int, error: BaseException, again: Callable[[], None] | None) -> None:
        """Hand a fit out once more, where that helps and was not done too often, or give it up."""
        tries = self._tries.get(key, 0)
        if again is not None and tries < TRIES:
            self._tries[key] = tries + 1
            try:
                again()
            except Exception as failed:  # noqa: BLE001 (in a thread of the cluster's library, which would only log it)
                if not self._is_gone(SECONDS):
                    self._ended.put(Finished(key, (FitResult(error=RuntimeError(str(failed))),)))
            return
        self._ended.put(Finished(key, (FitResult(error=MemoryError(f"{type(error).__name__}: {error}")),)))

    def next(self) -> Placed | Finished | None:
        """Wait for whatever ends next; None after `wake`.

        Raises
        ------
        TrainError
            When the head of the cluster has gone away.
        """
        while True:
            try:
                return self._ended.get(timeout=1)
            except queue.Empty:
                if self._given_up or self._is_lost(SECONDS):
                    raise self._gone_away() from None

    def _gone_away(self) -> TrainError:
        hint = "Start it again and run the same command: finished fits are not repeated"
        return TrainError(f"{self.who} has gone away", where=WHERE, hint=hint)

    def _is_gone(self, seconds: float) -> bool:
        """Whether the head is lost; where it is, `next` says so, even if it is back by then: fits went with it."""
        self._given_up = self._given_up or self._is_lost(seconds)
        return self._given_up

    def _is_lost(self, seconds: float) -> bool:
        """Whether the head does not answer, and does not come back for a while."""
        until = time.monotonic() + seconds
        while not (answers := self._answers()):
            if answers is None or time.monotonic() > until:
                return True
            time.sleep(0.1)
        return False

    def wake(self) -> None:
        """Make `next` return; the queue is one that a signal handler may use."""
        self._ended.put(None)
