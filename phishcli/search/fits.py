"""The pool of fits: single-threaded fits side by side in threads, with the same results for any number of them.

Threads rather than processes: they share the matrices, start at once, and most libraries let go of the interpreter lock
while they fit. So that fits do not compete, BLAS is held to one thread for the whole pool, and OpenMP, whose limit
belongs to a thread, in each worker.
"""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import numpy as np
from threadpoolctl import ThreadpoolController

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import NDArray

    from phishcli.models.spec import ModelSpec
    from phishcli.types import Fold

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What became of a task: its value or its error, and the warnings it gave, one line each, without repetition."""

    value: T | None = None
    error: Exception | None = None
    warnings: tuple[str, ...] = ()


def run(tasks: Sequence[Callable[[], T]], *, jobs: int, on_done: Callable[[int, Outcome[T]], Any]) -> None:
    """Run tasks side by side.

    Parameters
    ----------
    tasks
        Started in their order; the longest belong in front.
    jobs
        How many run at once, at least 1.
    on_done
        Is told the position and the outcome of each task as it ends, in the thread of the caller. An exception from
        here, or Ctrl-C, cancels what has not begun and waits for what has.
    """
    controller = ThreadpoolController()
    one_thread = partial(controller.limit, limits=1)
    with (
        one_thread(user_api="blas"),
        _Recorder() as recorder,
        _pool(jobs, partial(one_thread, user_api="openmp")) as pool,
    ):
        try:
            positions = {pool.submit(_attempt, task, recorder): position for position, task in enumerate(tasks)}
            for future in as_completed(positions):
                on_done(positions.pop(future), future.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _pool(jobs: int, prepare: Callable[[], Any]) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(jobs, thread_name_prefix="fit", initializer=prepare)


def _attempt(task: Callable[[], T], recorder: _Recorder) -> Outcome[T]:
    recorder.start()
    try:
        return Outcome(value=task(), warnings=recorder.stop())
    except Exception as error:  # noqa: BLE001 - libraries raise what they like; the caller decides what it means
        return Outcome(error=error, warnings=recorder.stop())


class _Recorder:
    """Attributes warnings to the task that gave them.

    ``warnings.catch_warnings`` changes global state, so that threads undo each other's. Here it is entered once, around
    the whole pool, and the function that shows a warning, which is called in the thread that gave it, files it by
    thread. The ``catch_warnings`` blocks inside the libraries' fits end before the pool does and only add filters for
    categories of their own, so none of them hides a warning of another thread.
    """

    def __init__(self) -> None:
        self._local = threading.local()
        self._guard = warnings.catch_warnings()

    def __enter__(self) -> Self:
        self._guard.__enter__()
        warnings.simplefilter("always")
        self._show, warnings.showwarning = warnings.showwarning, self._file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._guard.__exit__(kind, error, trace)

    def start(self) -> None:
        """Begin a task in this thread."""
        self._local.found = []

    def stop(self) -> tuple[str, ...]:
        """End the task of this thread and say what it warned of."""
        found: list[str] = self._local.found
        del self._local.found
        return tuple(dict.fromkeys(found))

    def _file(self, message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if not hasattr(self._local, "found"):
            self._show(message, category, *place, **more)
            return
        line = str(message).strip().partition("\n")[0].rstrip(" :")
        self._local.found.append(f"{category.__name__}: {line}")


@dataclass(frozen=True)
class FoldFit:
    """A model fitted on one fold: probabilities (float64, one per row of ``fold.x_valid``), and the seconds it took."""

    probability: NDArray[np.float64]
    seconds: float


def fit(
    spec: ModelSpec, params: Mapping[str, Any], seed: int, x: NDArray[np.float32], y: NDArray[np.int8]
) -> tuple[Any, float]:
    """Fit a new estimator on x (n, k) and y (n,); gives it with the seconds that took."""
    estimator = spec.build(params, seed)
    start = time.perf_counter()
    estimator.fit(x.astype(spec.dtype, copy=False), y)
    return estimator, time.perf_counter() - start


def fit_fold(spec: ModelSpec, params: Mapping[str, Any], seed: int, fold: Fold) -> FoldFit:
    """Fit on the training rows of a fold and predict the others; the estimator itself is not kept."""
    start = time.perf_counter()
    estimator, _ = fit(spec, params, seed, fold.x_train, fold.y_train)
    return FoldFit(probabilities(estimator, fold.x_valid), time.perf_counter() - start)


def probabilities(estimator: Any, x: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probability of the positive class for each row of x, shape (n,).

    Raises
    ------
    ValueError
        When one of them is not a number between 0 and 1.
    """
    found = np.asarray(estimator.predict_proba(x)[:, 1], dtype=np.float64)
    if not ((found >= 0) & (found <= 1)).all():
        raise ValueError("it predicts probabilities that are not between 0 and 1")
    return found
