"""Backends: where fits are made; one small file each, found by its name.

To add a backend, add one file here, named after it:

1. a class that is a `Backend`; what a worker does with a task is `phishcli.fits.worker.attempt_alone`, and how it finds
   the matrices is a `MatrixRef` of the backend's own or a `FolderRef` to a folder that all workers can read; one of a
   cluster builds on `phishcli.fits.clusters.ClusterBackend`;
2. a function ``open_backend(slots, folder)`` that starts it and returns it; it imports its library itself.

Then add it to ``tests/fits/test_backend_contract.py``, which every backend of one machine must pass; one that needs a
cluster has a file of its own that starts one, as ``tests/fits/test_clusters.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol, runtime_checkable

from phishcli.errors import ConfigError, suggestion
from phishcli.fits.matrices import Arrays, MatrixRef
from phishcli.fits.task import FitResult, FitTask


@dataclass(frozen=True)
class Placed:
    """Matrices that workers can now find by a reference, or the error that was raised when they were made."""

    name: str
    matrices: MatrixRef | None = None
    error: Exception | None = None


@dataclass(frozen=True)
class Finished:
    """A task that has ended: a result per number of rounds that was asked for, or a single one with the error."""

    key: int
    results: tuple[FitResult, ...]


class Backend(Protocol):
    """Makes fits, several at once. All methods are called from one thread, except `wake`."""

    @property
    def slots(self) -> int:
        """How many threads all fits together may use; a task with n threads takes n of them."""

    def place(self, name: str, make: Callable[[], Arrays]) -> None:
        """Have ``make`` called in this process and its arrays placed where workers find them; returns at once."""

    def submit(self, key: int, task: FitTask) -> None:
        """Have a fit made; returns at once. Whatever happens to the fit, `next` gives a `Finished` with this key."""

    def next(self) -> Placed | Finished | None:
        """Wait for whatever ends next, in any order; None after `wake`."""

    def wake(self) -> None:
        """Make `next` return; may be called by a signal handler while another thread waits there."""

    def close(self) -> None:
        """End all workers without waiting for fits that cannot be stopped; leave no process and no global state."""


@runtime_checkable
class Spreading(Backend, Protocol):
    """A backend whose workers can fit one model together; it does so for tasks with ``spread``.

    ``lazy`` is set where models are so large that matrices are sent whole only when a fit needs that.
    """

    lazy: bool

    @property
    def worker_bytes(self) -> int:
        """The memory of the smallest worker; 0 where that is not known."""


def get(name: str) -> Callable[[int, Path], Backend]:
    """Look up how a backend is opened: with the number of slots and an empty folder of its own.

    Parameters
    ----------
    name
        ``local``, or the name of a cluster's backend with its address: ``dask://host:8786``.

    Raises
    ------
    ConfigError
        When there is none of that name; the nearest is suggested.
    """
    names = [module.name for module in iter_modules(__path__)]
    kind, _, address = name.partition("://")
    if kind not in names or (kind == "local") == bool(address):
        hint = (
            suggestion(kind, names, "backends")
            if kind not in names
            else "Write dask://HOST:PORT, ray://HOST:PORT, or local"
        )
        raise ConfigError(f"There is no backend {name!r}", where="run.cluster", hint=hint)
    found: Callable[..., Backend] = import_module(f"{__name__}.{kind}").open_backend
    return partial(found, address=address) if address else found
