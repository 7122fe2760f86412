"""The backend of an existing Dask cluster: one fit at a time in each worker process, on matrices that it holds once.

The scheduler of the fits, the ledger and the search are those of the local backend, so the results are the same to the
last digit. Dask makes the fits of a worker that dies again elsewhere. Start workers with one thread each
(``dask worker ADDRESS --nthreads 1``); of a worker with more only one is used.
"""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from phishcli.errors import ConfigError, TrainError
from phishcli.fits.backends import Finished
from phishcli.fits.clusters import SECONDS, TRIES, WHERE, ClusterBackend, HeldRef, check_versions, make_fit, versions
from phishcli.fits.matrices import Arrays
from phishcli.fits.spread import fit_spread, write_partitions
from phishcli.fits.task import FitResult, FitTask
from phishcli.fits.worker import attempt_together

if TYPE_CHECKING:
    Client = Any
    Future = Any
    """Of `distributed`, whose methods have no types."""

SENDING = 60
"""Seconds that sending the matrices to all workers may take."""
SCARCELY = 3
"""Seconds for which the connection may be gone before the fits that were lost with it are given up."""
START = "Start it with `dask scheduler` and `dask worker ADDRESS --nthreads 1`"


def open_backend(_: int, folder: Path, address: str = "") -> DaskBackend:
    """Connect to the scheduler at ``host:port``.

    Raises
    ------
    ConfigError
        When dask is not installed, nobody answers, there is no worker, or workers have other library versions.
    """
    client = connect(address)
    try:
        _check(client, address)
    except BaseException:
        client.close()
        raise
    return DaskBackend(client, address, folder)


def connect(address: str) -> Client:
    """Connect to the scheduler at ``host:port``.

    Raises
    ------
    ConfigError
        When dask is not installed, or nobody answers.
    """
    try:
        import distributed
    except ImportError as error:
        what = "Dask needs a package that is not installed (distributed)"
        raise ConfigError(what, where=WHERE, hint="pip install 'phishcli[dask]'") from error
    new: Any = distributed.Client
    try:
        return new(f"tcp://{address}", timeout=SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ConfigError(f"No Dask scheduler answers at {address}", where=WHERE, hint=START) from error


def _check(client: Client, address: str) -> None:
    try:
        found = client.run(versions)
    except ImportError as error:
        what = f"A worker of the Dask cluster at {address} lacks a package: {error}"
        raise ConfigError(
            what, where=WHERE, hint="Install phishcli and the same library versions on every machine"
        ) from error
    if not found:
        raise ConfigError(f"The Dask cluster at {address} has no worker", where=WHERE, hint=START)
    check_versions(found)


class DaskBackend(ClusterBackend):
    """Fits on a Dask cluster; see `phishcli.fits.backends.Backend`."""

    start = START

    def __init__(self, client: Client, address: str, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._partitions: dict[str, list[Path]] = {}
        self._client, self.who = client, f"The Dask scheduler at {address}"
        self.slots = len(client.scheduler_info(n_workers=-1)["workers"])
        self._under_way: dict[int, Future] = {}

    def _send(self, arrays: Arrays) -> tuple[str, Future]:
        """Send arrays to all workers; once more where one of them dies meanwhile."""
        for _ in range(TRIES):
            try:
                (future,) = self._client.scatter([dict(arrays)], broadcast=True, hash=True, timeout=SENDING)
            except (OSError, TimeoutError):
                continue
            return future.key, future
        raise TrainError("The matrices cannot be sent to the workers", where=WHERE, hint=START)

    @property
    def worker_bytes(self) -> int:
        """The memory of the smallest worker; 0 where that is not known."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        return min((int(each.get("memory_limit") or 0) for each in workers), default=0)

    def submit(self, key: int, task: FitTask) -> None:
        """Hand a fit on matrices that `place` has placed to the cluster."""
        if task.spread:
            threading.Thread(target=self._make_together, args=(key, task), daemon=True).start()
            return
        arrays = self._on_cluster(
            task.matrices, is_there=lambda future: future is not None and future.status == "finished"
        )
        future = self._client.submit(make_fit, task, arrays, pure=False, retries=TRIES)
        self._under_way[key] = future
        future.add_done_callback(partial(self._done, key, task))

    def _make_together(self, key: int, task: FitTask) -> None:
        """Have all workers fit one model on partitions that they read."""
        held = cast("HeldRef", task.matrices)
        try:
            arrays = self._held[held.key][1]
            with self._lock:
                if held.key not in self._partitions:
                    folder = self._folder / f"partitions-{len(self._partitions)}"
                    self._partitions[held.key] = write_partitions(arrays, folder, self.slots)
            together = partial(fit_spread, self._client, task.spec, paths=self._partitions[held.key])
            results = attempt_together(replace(task, matrices=HeldRef(held.key, arrays)), together)
        except Exception as error:  # noqa: BLE001 (the disk, or the connection)
            results = (FitResult(error=RuntimeError(str(error))),)
        self._ended.put(Finished(key, results))

    def _done(self, key: int, task: FitTask, future: Future) -> None:
        """Called in a thread of Dask when a fit has ended, however."""
        if self._closed or (future.status != "finished" and self._is_gone(SCARCELY)):
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
        self._lose(key, lost, partial(self.submit, key, task) if _died(lost) else None)

    def _answers(self) -> bool | None:
        status = self._client.status
        return None if status in ("closed", "closing") else status == "running"

    def close(self) -> None:
        """Cancel what is under way and leave the cluster as it was."""
        self._closed = True
        if self._client.status == "running":
            self._client.cancel(list(self._under_way.values()), asynchronous=False)
        self._held.clear()
        self._under_way.clear()
        self._client.close(timeout=SECONDS)


def _error_of(future: Future) -> BaseException:
    if future.status == "cancelled":
        return CancelledError("its matrices were lost with a worker")
    try:
        return future.exception(timeout=SECONDS) or CancelledError(f"the fit was {future.status}")
    except Exception as error:  # noqa: BLE001 (of a future that was cancelled)
        return error


def _died(error: BaseException) -> bool:
    """Whether a worker died, or the connection to it.

    A result that was lost with its worker is computed again by Dask, and asking for it meanwhile ends with a timeout.
    Errors of the fit itself are among its results.
    """
    names = ("KilledWorker", "CancelledError", "FutureCancelledError")
    return isinstance(error, OSError) or type(error).__name__ in names  # a timeout and a closed connection are OSErrors
