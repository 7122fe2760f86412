"""What one fit is: what is asked for, how it is made, and what comes of it. The same in a thread or in a process."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import ThreadpoolController

from phishcli.fits.matrices import mapped
from phishcli.models.spec import EarlyStopping, ModelSpec
from phishcli.search.pruning import Guard, Judge, marks

if TYPE_CHECKING:
    from numpy.typing import NDArray

Params = dict[str, Any]


@dataclass(frozen=True)
class Fit:
    """One fit that somebody wants.

    Parameters
    ----------
    params
        All parameters other than the defaults of the model.
    fold
        The fold whose training rows are fitted on and whose held-out rows are predicted. None: all training rows, and
        the estimator itself is kept.
    trial
        The candidate of a search that this is about.
    essential
        Whether it is made even when the time for the search is up.
    guard
        For a model that grows in rounds: what it is held against while it grows.
    """

    params: Mapping[str, Any]
    fold: int | None = None
    trial: int | None = None
    essential: bool = False
    guard: Guard | None = None


@dataclass(frozen=True)
class FoldFit:
    """A model fitted on one fold: probabilities (one per held-out row, in order) and the seconds it took."""

    probability: NDArray[Any]
    seconds: float


@dataclass(frozen=True)
class Stopped:
    """A fit on a fold that was broken off after so many rounds, because the model will not win."""

    rounds: int
    seconds: float


@dataclass(frozen=True)
class Fitted:
    """A model fitted on all training rows: the estimator and the seconds it took."""

    model: Any
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """What became of a fit: a value, or an error; neither where there was no time left for it.

    ``warnings`` has one line each, without repetition.
    """

    value: FoldFit | Stopped | Fitted | None = None
    error: Exception | None = None
    warnings: tuple[str, ...] = ()

    @property
    def skipped(self) -> bool:
        """Whether it was not made at all."""
        return self.value is None and self.error is None


SKIPPED = Outcome()


@dataclass(frozen=True)
class Work:
    """A fit as a worker is given it; it can be sent to another process.

    Parameters
    ----------
    spec, params, seed
        What is fitted.
    matrices
        The folder of the matrices.
    fold
        Its number, None for all training rows.
    shorter
        For a model that grows in rounds: the smaller numbers of rounds, in ascending order, that are asked for too.
    early
        Whether and how it stops early.
    guard
        What it is held against while it grows.
    apart
        Whether it is made in a process of its own rather than in this one.
    threads
        How many threads the fit itself may use.
    """

    spec: ModelSpec
    params: Mapping[str, Any]
    seed: int
    matrices: Path
    fold: int | None
    shorter: tuple[int, ...] = ()
    early: EarlyStopping | None = None
    guard: Guard | None = None
    apart: bool = False
    threads: int = 1


def perform(work: Work) -> tuple[Fitted | FoldFit | Stopped, ...]:
    """Make a fit, and its predictions, with the threads that it was given.

    Returns
    -------
    tuple
        The fitted model for all training rows. For a fold `Stopped` if it was broken off, or else one `FoldFit` per
        element of ``shorter``, then the one that was asked for. A shorter one took as much of the time as it has of the
        rounds.
    """
    with _openmp(work.threads if work.spec.own_threads == "openmp" else 1):
        return _perform(work)


def _perform(work: Work) -> tuple[Fitted | FoldFit | Stopped, ...]:
    start = time.perf_counter()
    x, y = mapped(work.matrices, "x_train"), mapped(work.matrices, "y_train")
    judge = _judge(work) if work.guard else None
    model = fit(work.spec, work.params, work.seed, x, y, early=work.early, threads=work.threads, judge=judge)
    if work.fold is None:
        return (Fitted(model, time.perf_counter() - start),)
    if judge and judge.stopped:
        return (Stopped(judge.stopped, time.perf_counter() - start),)
    held_out = mapped(work.matrices, "x_valid")
    if work.shorter and work.spec.rounds:
        counts = (*work.shorter, count_of(work.spec, work.params) or 0)
        found = [checked(probability) for probability in work.spec.rounds.predict(model, held_out, counts)]
        seconds = time.perf_counter() - start
        return tuple(FoldFit(each, seconds * count / counts[-1]) for each, count in zip(found, counts, strict=True))
    found_one = probabilities(model, held_out)
    return (FoldFit(found_one, time.perf_counter() - start),)


def _judge(work: Work) -> Judge | None:
    rounds, kind = count_of(work.spec, work.params), work.spec.rounds
    if work.guard is None or kind is None or rounds is None:
        return None
    shares = marks(rounds, averages=kind.averages)
    x, y = mapped(work.matrices, "x_valid"), mapped(work.matrices, "y_valid")
    return Judge(work.guard, shares, x, y, averages=kind.averages) if shares else None


def count_of(spec: ModelSpec, params: Mapping[str, Any]) -> int | None:
    """The number of rounds that parameters ask for.

    None where the model knows none, the value makes no sense, or a longer fit does not hold the shorter ones.
    """
    told = {**spec.defaults, **params}
    if spec.rounds is None or not spec.rounds.holds(told):
        return None
    count = told.get(spec.rounds.parameter)
    return count if isinstance(count, int) and count > 0 else None


def fit(
    spec: ModelSpec,
    params: Mapping[str, Any],
    seed: int,
    x: NDArray[np.float32],
    y: NDArray[np.int8],
    *,
    early: EarlyStopping | None = None,
    threads: int = 1,
    judge: Judge | None = None,
) -> Any:
    """Fit a new estimator on x (n, k) and y (n,); its parameters do not show how many threads were used.

    Threads of OpenMP are those of whoever calls, see `perform`.

    With a ``judge`` it may be of no use: then ``judge.stopped`` is set.
    """
    estimator = spec.build(params, seed)
    x = x.astype(spec.dtype, copy=False)
    if spec.own_threads == "n_jobs":
        estimator.set_params(n_jobs=threads)
    if early is not None and spec.fit_early is not None:
        spec.fit_early(estimator, x, y, early)
    elif judge is not None and spec.rounds is not None and spec.rounds.grow is not None:
        spec.rounds.grow(estimator, x, y, judge.marks, judge)
    else:
        estimator.fit(x, y)
    return estimator.set_params(n_jobs=1) if spec.own_threads == "n_jobs" else estimator


def _openmp(threads: int) -> Any:
    """Limit OpenMP, whose limit belongs to the thread that sets it."""
    return ThreadpoolController().limit(limits=threads, user_api="openmp")


def probabilities(estimator: Any, x: NDArray[np.float32]) -> NDArray[Any]:
    """Probability of the positive class for each row of x, shape (n,), in the precision that the library gives.

    Raises
    ------
    ValueError
        When one of them is not a number between 0 and 1.
    """
    return checked(estimator.predict_proba(x)[:, 1])


def checked(found: Any) -> NDArray[Any]:
    """Refuse probabilities that are none, and copy the others, so that they do not hold on to a larger array."""
    copy: NDArray[Any] = np.array(found)
    if not ((copy >= 0) & (copy <= 1)).all():
        raise ValueError("it predicts probabilities that are not between 0 and 1")
    return copy
