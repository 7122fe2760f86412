"""The backend of an existing Dask cluster: one fit at a time in each worker process, on matrices that it holds once.

The scheduler of the fits, the ledger and the search are those of the local backend, so the results are the same to the
last digit. Dask makes the fits of a worker that dies again elsewhere. Start workers with one thread each
(``dask worker ADDRESS --nthreads 1``); of a worker with more only one is used.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from phishcli.errors import ConfigError, TrainError
from phishcli.fits.backends import Finished, Placed
from phishcli.fits.matrices import Arrays, Part
from phishcli.fits.task import FitResult, FitTask
from phishcli.fits.worker import FitResults, attempt_alone
from phishcli.models import registry
from phishcli.versions import library_versions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Client = Any
    Future = Any
    """Of `distributed`, whose methods have no types."""

SECONDS = 5
"""After which a scheduler that does not answer is given up."""
SENDING = 60
"""Seconds that sending the matrices to all workers may take."""
SCARCELY = 3
"""Seconds for which the connection may be gone before the fits that were lost with it are given up."""
TRIES = 10
"""How often a fit is handed out again because its worker died."""
COMPARED = ("phishcli", "numpy", "scipy", "scikit-learn", "pandas")
ONE_AT_A_TIME = threading.Lock()
"""Held by the fit that a worker process makes: warnings and threads of libraries belong to the whole process."""
START = "Start it with `dask scheduler` and `dask worker ADDRESS --nthreads 1`"


def open_backend(_: int, __: Path, address: str = "") -> DaskBackend:
    """Connect to the scheduler at ``host:port``.

    Raises
    ------
    ConfigError
        When dask is not installed, nobody answers, there is no worker, or workers have other library versions.
    """
    try:
        import distributed
    except ImportError as error:
        what = "Dask needs a package that is not installed (distributed)"
        raise ConfigError(what, where="run.cluster", hint="pip install 'phishcli[dask]'") from error
    connect: Any = distributed.Client
    try:
        client = connect(f"tcp://{address}", timeout=SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ConfigError(f"No Dask scheduler answers at {address}", where="run.cluster", hint=START) from error
    try:
        _check(client, address)
    except BaseException:
        client.close()
        raise
    return DaskBackend(client, address)


def _check(client: Client, address: str) -> None:
    workers = client.run(_versions)
    if not workers:
        raise ConfigError(f"The Dask cluster at {address} has no worker", where="run.cluster", hint=START)
    own = _versions()
    for worker, versions in workers.items():
        differing = [f"{name} {versions[name]} (here: {own[name]})" for name in own if versions[name] != own[name]]
        if differing:
            hint = "Install the same versions everywhere: results depend on them"
            raise ConfigError(f"Worker {worker} has {', '.join(differing)}", where="run.cluster", hint=hint)


def _versions() -> dict[str, str | None]:
    names = dict.fromkeys((*COMPARED, *(each for spec in registry().values() for each in spec.libraries)))
    return library_versions(tuple(names))


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


def make_fit(task: FitTask, arrays: Arrays) -> FitResults:
    """Make a fit in a worker process."""
    with ONE_AT_A_TIME:
        return attempt_alone(replace(task, matrices=HeldRef(_ref(task).key, arrays)))


class DaskBackend:
    """Fits on a Dask cluster; see `phishcli.fits.backends.Backend`."""

    def __init__(self, client: Client, address: str) -> None:
        self._client, self._address = client, address
        self.slots = len(client.scheduler_info(n_workers=-1)["workers"])
        self._ended: SimpleQueue[Placed | Finished | None] = SimpleQueue()
        self._held: dict[str, tuple[Future, dict[Part, NDArray[Any]]]] = {}
        self._lock = threading.Lock()
        self._under_way: dict[int, Future] = {}
        self._tries: dict[int, int] = {}
        self._closed = False

    def place(self, name: str, make: Callable[[], Arrays]) -> None:
        """Make arrays here, and scatter them to the workers, by their content."""
        threading.Thread(target=self._place, args=(name, make), daemon=True).start()

    def _place(self, name: str, make: Callable[[], Arrays]) -> None:
        try:
            arrays: Mapping[Part, NDArray[Any]] = {part: np.ascontiguousarray(each) for part, each in make().items()}
            future = self._scattered(dict(arrays))
            self._held[future.key] = (future, dict(arrays))
            self._ended.put(Placed(name, HeldRef(future.key)))
        except Exception as error:  # noqa: BLE001 (raised again by whoever asked for it)
            self._ended.put(Placed(name, error=error))

    def _scattered(self, arrays: dict[Part, NDArray[Any]]) -> Future:
        """Send arrays to all workers; once more where one of them dies meanwhile."""
        for _ in range(TRIES):
            try:
                (future,) = self._client.scatter([arrays], broadcast=True, hash=True, timeout=SENDING)
            except (OSError, TimeoutError):
                continue
            return future
        raise TrainError("The matrices cannot be sent to the workers", where="run.cluster", hint=START)

    def _on_workers(self, ref: HeldRef) -> Future:
        """The matrices on the workers; they are sent again if the last worker that held them has died."""
        with self._lock:
            future, arrays = self._held[ref.key]
            if future.status != "finished":
                future = self._scattered(arrays)
                self._held[ref.key] = (future, arrays)
            return future

    def submit(self, key: int, task: FitTask) -> None:
        """Hand a fit on matrices that `place` has placed to the cluster."""
        arrays = self._on_workers(_ref(task))
        future = self._client.submit(make_fit, task, arrays, pure=False, retries=TRIES)
        self._under_way[key] = future
        future.add_done_callback(partial(self._done, key, task))

    def _done(self, key: int, task: FitTask, future: Future) -> None:
        """Called in a thread of Dask when a fit has ended, however."""
        if self._closed or (future.status != "finished" and self._is_lost(SCARCELY)):
            return  # `next` says that the scheduler is gone
        self._under_way.pop(key, None)
        if future.status == "finished":
            try:
                results = future.result(timeout=SECONDS * 6)
            except Exception as error:  # noqa: BLE001 (the connection may break at any moment)
                lost: BaseException = error
            else:
                self._ended.put(Finished(key, results))
                return
        else:
            lost = _error_of(future)
        tries = self._tries.get(key, 0)
        if _died(lost) and tries < TRIES:
            self._tries[key] = tries + 1
            self.submit(key, task)
            return
        self._ended.put(Finished(key, (FitResult(error=MemoryError(f"{type(lost).__name__}: {lost}")),)))

    def next(self) -> Placed | Finished | None:
        """Wait for whatever ends next; None after `wake`.

        Raises
        ------
        TrainError
            When the scheduler has gone away.
        """
        import queue

        while True:
            try:
                return self._ended.get(timeout=1)
            except queue.Empty:
                if self._is_lost(SECONDS):
                    what = f"The Dask scheduler at {self._address} has gone away"
                    hint = "Start it again and run the same command: fits that ended are not made again"
                    raise TrainError(what, where="run.cluster", hint=hint) from None

    def _is_lost(self, seconds: float) -> bool:
        """Whether the scheduler does not answer, and does not come back for a while."""
        until = time.monotonic() + seconds
        while self._client.status != "running":
            if time.monotonic() > until or self._client.status in ("closed", "closing"):
                return True
            time.sleep(0.1)
        return False

    def wake(self) -> None:
        """Make `next` return; the queue is one that a signal handler may use."""
        self._ended.put(None)

    def close(self) -> None:
        """Cancel what is under way and leave the cluster as it was."""
        self._closed = True
        if self._client.status == "running":
            self._client.cancel(list(self._under_way.values()), asynchronous=False)
        self._held.clear()
        self._under_way.clear()
        self._client.close(timeout=SECONDS)


def _ref(task: FitTask) -> HeldRef:
    """Where the matrices of a fit of this backend are: always where `place` has placed them."""
    return cast("HeldRef", task.matrices)


def _error_of(future: Future) -> BaseException:
    if future.status == "cancelled":
        return CancelledError("its matrices were lost with a worker")
    try:
        return future.exception(timeout=SECONDS) or CancelledError(f"the fit was {future.status}")
    except Exception as error:  # noqa: BLE001 (of a future that was cancelled)
        return error


def _died(error: BaseException) -> bool:
    """Whether a worker died, or the connection to it."""
    return type(error).__name__ in ("KilledWorker", "CancelledError", "FutureCancelledError", "CommClosedError")
