"""The backend of a Ray cluster: each fit is a task, on matrices that lie once in the object store of each machine.

The address is that of Ray's client server (``ray://HEAD:10001``), ``ray://auto`` for the cluster that this machine or
this process belongs to, or ``ray://local`` for one that is started here and ends with the run. As with Dask, nothing
but the fits is made there, so the results are the same to the last digit.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phishcli.errors import ConfigError, first_line
from phishcli.fits.backends import Finished
from phishcli.fits.clusters import SECONDS, TRIES, WHERE, ClusterBackend, HeldRef, Versions, check_versions, versions
from phishcli.fits.matrices import Arrays
from phishcli.fits.task import FitTask

if TYPE_CHECKING:
    Ref = Any
    """A reference of `ray` to an object."""

START = "Start it with `ray start --head`; its address for clients is ray://HOST:10001"
TOKEN = "~/.ray/auth_token"  # noqa: S105 (where Ray keeps it)
WITH_TOKEN = f"A head that asks for a token (from Ray 2.60 on) needs it here, too: in {TOKEN} or RAY_AUTH_TOKEN"
PATIENCE = 30
"""Seconds in which each machine says which libraries it has."""
QUIETLY = {
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_CLIENT_RECONNECT_GRACE_PERIOD": f"{SECONDS}",
}
"""No warning about graphics cards, no report about its use to the makers of Ray; a head may be away for so long."""
AT_HOME = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""What is started here listens on the loopback address alone."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
WORKER_LOST = ("NodeDiedError", "LocalRayletDiedError", "OwnerDiedError", "RaySystemError")
"""Errors of a fit that say nothing about it; of a process that died Ray itself has made the fit again."""
MATRICES_LOST = (
    "ObjectLostError",
    "ObjectFreedError",
    "ObjectReconstructionFailedError",
    "ObjectFetchTimedOutError",
    "ReferenceCountingAssertionError",
)
"""Errors of a fit whose matrices lay on a machine that is gone."""


def open_backend(slots: int, _: Path, address: str = "") -> RayBackend:
    """Connect to a Ray cluster; one that is started here has so many slots.

    Raises
    ------
    ConfigError
        When ray is not installed, nobody answers, no machine has a core, or machines have other library versions.
    """
    for name, value in environment(address).items():
        os.environ.setdefault(name, value)  # read when ray is imported
    try:
        import ray
    except ImportError as error:
        what = "Ray needs a package that is not installed (ray)"
        raise ConfigError(what, where=WHERE, hint="pip install 'phishcli[ray]'") from error
    leave = _connect(ray, address, slots)
    try:
        return RayBackend(ray, address, _cores(ray, address), leave)
    except BaseException:
        leave()
        raise


def environment(address: str) -> dict[str, str]:
    """Settings for Ray's environment, unless the user has set them."""
    if address == "local":
        return QUIETLY | AT_HOME
    file = Path(os.environ.get("RAY_AUTH_TOKEN_PATH", TOKEN)).expanduser()
    has_token = "RAY_AUTH_TOKEN" in os.environ or file.exists()
    return QUIETLY | ({"RAY_AUTH_MODE": "token"} if has_token else {})


def _connect(ray: Any, address: str, slots: int) -> Callable[[], object]:
    """Connect this process, unless it is; gives what ends that."""
    if ray.is_initialized():
        if address == "auto":
            return lambda: None
        hint = "Use that session with run.cluster: ray://auto, or call ray.shutdown() first"
        raise ConfigError("This process is connected to a Ray cluster already", where=WHERE, hint=hint)
    if ":" in address and not _listens(address):
        raise ConfigError(f"No Ray head answers at {address}", where=WHERE, hint=START)
    own = {"num_cpus": slots, "include_dashboard": False} if address == "local" else {}
    where = f"ray://{address}" if ":" in address else address
    try:
        with _signals_kept():
            ray.init(where, logging_level="error", log_to_driver=False, **own)
    except Exception as error:
        what = f"No connection to the Ray cluster {where}: {first_line(error)}"
        raise ConfigError(what, where=WHERE, hint=f"{START}. {WITH_TOKEN}") from error
    leave: Callable[[], object] = ray.shutdown
    return leave


def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS):
            return True
    except (OSError, ValueError, OverflowError):
        return False


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Undo what Ray does to SIGTERM, which is the program's own affair."""
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    yield
    if is_main:
        signal.signal(signal.SIGTERM, before)


def _cores(ray: Any, address: str) -> list[int]:
    """The cores of each machine, after its library versions were compared.

    Raises
    ------
    ConfigError
        When there is none, or one has other versions.
    """
    nodes = {node["NodeID"]: int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]}
    usable = {node: cores for node, cores in nodes.items() if cores}
    if not usable:
        what = f"The Ray cluster {address} has no machine with a core"
        raise ConfigError(what, where=WHERE, hint="Start one with `ray start --address HEAD:6379`")
    check_versions(_versions_on(ray, list(usable)))
    return list(usable.values())


def _versions_on(ray: Any, nodes: list[str]) -> dict[str, Versions]:
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    ask = ray.remote(num_cpus=0, max_retries=1)(versions)
    asked = {
        node[:8]: ask.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)).remote()
        for node in nodes
    }
    try:
        return {node: ray.get(ref, timeout=PATIENCE) for node, ref in asked.items()}
    except Exception as error:
        what = f"A machine of the Ray cluster did not report its libraries: {str(error).strip()[-300:]}"
        raise ConfigError(
            what, where=WHERE, hint="Install phishcli and the same library versions on every machine"
        ) from error


def make_fit(task: FitTask, arrays: Arrays | None = None) -> bytes:
    """Make a fit in a worker process of Ray; gives the pickled results, which then depend on no store of objects."""
    from ray import cloudpickle

    from phishcli.fits import clusters

    os.environ.update(ONE_THREAD)
    pickle_: Any = cloudpickle.dumps  # also what a program has defined itself
    pickled: bytes = pickle_(clusters.make_fit(task, arrays))
    return pickled


class RayBackend(ClusterBackend):
    """Fits on a Ray cluster; see `phishcli.fits.backends.Backend`."""

    start = START

    def __init__(self, ray: Any, address: str, cores: list[int], leave: Callable[[], object]) -> None:
        super().__init__()
        self._ray, self._leave = ray, leave
        self._head = address if ":" in address else ray.get_runtime_context().gcs_address
        self.who = f"The Ray head at {self._head}"
        self.slots, self._most = sum(cores), max(cores)
        self._make = ray.remote(max_retries=TRIES)(make_fit)
        self._under_way: dict[int, Ref] = {}
        self._gone: set[Ref] = set()

    def _send(self, arrays: Arrays) -> tuple[str, Ref]:
        import joblib

        return str(joblib.hash(dict(arrays))), self._ray.put(dict(arrays))

    def submit(self, key: int, task: FitTask) -> None:
        """Hand a fit to the cluster, with no more threads than the largest machine has cores.

        Raises
        ------
        TrainError
            When the head has gone away.
        """
        task = replace(task, threads=min(task.threads, self._most))
        arrays = None
        if isinstance(task.matrices, HeldRef):
            arrays = self._on_cluster(task.matrices, is_there=lambda ref: ref not in self._gone)
        try:
            made = self._make.options(num_cpus=task.threads).remote(task, arrays)
            ended = made.future()
        except ConnectionError as error:
            raise self._gone_away() from error
        self._under_way[key] = made
        ended.add_done_callback(partial(self._done, key, task, arrays))

    def _done(self, key: int, task: FitTask, arrays: Ref, ended: Future[bytes]) -> None:
        """Called in a thread of Ray, which must not wait for Ray, when a fit has ended, however."""
        if self._closed:
            return
        self._under_way.pop(key, None)
        error = ended.exception()
        if error is None:
            self._ended.put(Finished(key, pickle.loads(ended.result())))  # noqa: S301 (from the user's own cluster)
            return
        threading.Thread(target=self._failed, args=(key, task, arrays, error), daemon=True).start()

    def _failed(self, key: int, task: FitTask, arrays: Ref, error: BaseException) -> None:
        if self._is_gone(SECONDS):
            return  # `next` says that the head is gone
        kind = type(error).__name__
        if kind in MATRICES_LOST and arrays is not None:
            self._gone.add(arrays)
        self._lose(key, error, partial(self.submit, key, task) if kind in (*MATRICES_LOST, *WORKER_LOST) else None)

    def _answers(self) -> bool | None:
        return _listens(self._head)

    def close(self) -> None:
        """Cancel what is under way and leave the cluster; one that was started here ends."""
        self._closed = True
        under_way, self._under_way = list(self._under_way.values()), {}
        leaving = threading.Thread(target=self._cancel_and_leave, args=(under_way,), daemon=True)
        leaving.start()
        leaving.join(SECONDS * 2)  # a head that is gone never answers
        self._held.clear()

    def _cancel_and_leave(self, under_way: list[Ref]) -> None:
        with suppress(Exception):
            for fit in under_way if _listens(self._head) else ():
                self._ray.cancel(fit, force=True)
        with suppress(Exception):
            self._leave()
