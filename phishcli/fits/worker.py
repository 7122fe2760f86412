"""What a worker does with a task, in a thread or in a process: it fits, predicts, and records warnings and errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import ThreadpoolController

from phishcli.fits.matrices import Part
from phishcli.fits.protocols import Observation
from phishcli.fits.task import FinalFit, FitResult, FitTask, FoldFit, PrunedFit
from phishcli.fits.warning_recorder import WarningRecorder
from phishcli.models.abilities import EarlyStopping
from phishcli.models.balance import chosen_rows, weights_of
from phishcli.models.monotone import asks_for_constraints, constrained
from phishcli.models.spec import LARGE, ModelSpec
from phishcli.models.view import with_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.features import Balance

FitResults = tuple[FitResult, ...]


def attempt(task: FitTask, recorder: WarningRecorder) -> FitResults:
    """Make a fit in this thread and catch what it raises.

    Returns
    -------
    tuple
        One result per element of ``task.shorter``, then the one of the task itself; or a single one with the error.
    """
    recorder.start()
    try:
        values = run(task)
    except Exception as error:  # noqa: BLE001 (libraries raise what they like; the caller decides what it means)
        return (FitResult(error=_memory_error(error), warnings=recorder.stop()),)
    recorded = recorder.stop()
    return tuple(FitResult(value=value, warnings=recorded) for value in values)


def attempt_alone(task: FitTask) -> FitResults:
    """Make a fit in a process that makes one at a time; the results can be pickled."""
    with WarningRecorder() as recorder:
        results = attempt(task, recorder)
    return tuple(
        FitResult(error=_portable(result.error), warnings=result.warnings) if result.error else result
        for result in results
    )


def attempt_together(task: FitTask, together: Callable[[Any], Any]) -> FitResults:
    """Make a fit with what ``together`` makes of the unfitted estimator, and predict here."""
    try:
        return tuple(FitResult(value=value) for value in run(task, together))
    except Exception as error:  # noqa: BLE001 (as in `attempt`)
        return (FitResult(error=_portable(_memory_error(error))),)


def _memory_error(error: Exception) -> Exception:
    """Give a `MemoryError` where the error of a library means one: XGBoost and LightGBM pass on what C++ says."""
    return MemoryError(str(error)) if isinstance(error, MemoryError) or "bad_alloc" in str(error) else error


def _portable(error: Exception) -> Exception:
    """Give an error that can be sent to another process: some libraries' own cannot be rebuilt there."""
    return error if type(error) is MemoryError else RuntimeError(str(error) or type(error).__name__)


def run(task: FitTask, together: Callable[[Any], Any] | None = None) -> tuple[FinalFit | FoldFit | PrunedFit, ...]:
    """Make a fit and its predictions, with no more threads than the task allows.

    Returns
    -------
    tuple
        The fitted model for all training rows. For a fold `PrunedFit` if it was stopped, or else one `FoldFit` per
        element of ``shorter``, then the one that was asked for; a shorter one took as much of the time as it has of the
        rounds.
    """
    with _openmp(task.threads if task.spec.own_threads == "openmp" else 1):
        start, observation = time.perf_counter(), _observation(task)
        if together and asks_for_constraints(task.spec, task.params):
            raise ValueError("a model whose rows are spread cannot have monotone constraints")
        model = together(task.spec.build(task.params, task.seed)) if together else _fit(task, observation)
        if task.fold is None:
            seconds = time.perf_counter() - start
            return (FinalFit(with_view(model, None if task.view is None else _places(task).tolist()), seconds),)
        if observation and observation.stopped:
            return (PrunedFit(observation.stopped, time.perf_counter() - start),)
        predicted = _predict(task, model)
        seconds, longest = time.perf_counter() - start, max(predicted)
        return tuple(FoldFit(probability, seconds * count / longest) for count, probability in predicted.items())


def _observation(task: FitTask) -> Observation | None:
    """Begin to observe a fit that may be pruned; one that stops early by itself is not."""
    rounds, kind = task.spec.round_count(task.params), task.spec.rounds
    if task.pruner is None or task.early is not None or rounds is None or kind is None or kind.grow is None:
        return None
    x, y = _seen(task, "x_valid"), task.matrices.load("y_valid")
    return task.pruner.observe(rounds, x, y, averages=kind.averages)


def _fit(task: FitTask, observation: Observation | None) -> Any:
    x, y = _seen(task, "x_train"), task.matrices.load("y_train")
    if task.most_rows is not None and len(y) > task.most_rows:
        rows = stratified(y, task.most_rows, task.seed)
        x, y = x[rows], y[rows]
    if task.resampled:
        rows = resampled_rows(y, task.seed)
        x, y = x[rows], y[rows]
    return fit(
        task.spec,
        task.params,
        task.seed,
        x,
        y,
        early=task.early,
        threads=task.threads,
        observation=observation,
        codes=[] if task.view is None else task.matrices.load(f"codes_{task.view}").tolist(),
        balance=task.balance,
    )


def _seen(task: FitTask, part: Part) -> NDArray[Any]:
    """What the model sees of a matrix."""
    matrix = task.matrices.load(part)
    return matrix if task.view is None else matrix[:, _places(task)]


def _places(task: FitTask) -> NDArray[np.int64]:
    return task.matrices.load(f"places_{task.view}")


def stratified(y: NDArray[np.int8], most: int, seed: int) -> NDArray[np.intp]:
    """Draw so many rows, of each class its share and at least one; positions in rising order."""
    rng = np.random.default_rng(seed)
    classes = [places for label in (1, 0) if len(places := np.flatnonzero(y == label))]
    first = min(max(round(most * len(classes[0]) / len(y)), 1), most - len(classes) + 1)
    sizes = (first, most - first)
    drawn = [rng.choice(places, size, replace=False) for places, size in zip(classes, sizes, strict=False)]
    return np.sort(np.concatenate(drawn))


def resampled_rows(y: NDArray[np.int8], seed: int) -> NDArray[np.intp]:
    """Draw as many rows as there are with replacement, of each class as many as it has (a stratified bootstrap)."""
    random = np.random.default_rng(seed)
    drawn = [random.choice(np.flatnonzero(y == label), np.count_nonzero(y == label)) for label in (0, 1)]
    return np.sort(np.concatenate(drawn))


def _predict(task: FitTask, model: Any) -> dict[int, NDArray[Any]]:
    """Predict the held-out rows after each wanted number of rounds, ascending; of a model without rounds as after 1."""
    held_out = _seen(task, "x_valid")
    if not task.shorter or task.spec.rounds is None:
        return {1: probabilities(model, held_out)}
    counts = (*task.shorter, task.spec.round_count(task.params) or 0)
    staged = task.spec.rounds.predict(model, held_out, counts)
    return {count: validated(each) for count, each in zip(counts, staged, strict=True)}


def fit(
    spec: ModelSpec,
    params: Mapping[str, Any],
    seed: int,
    x: NDArray[np.float32],
    y: NDArray[np.int8],
    *,
    early: EarlyStopping | None = None,
    threads: int = 1,
    observation: Observation | None = None,
    codes: Sequence[int] = (),
    balance: Balance = "none",
) -> Any:
    """Fit a new estimator on x (n, k) and y (n,); its parameters do not show how many threads were used.

    OpenMP uses the threads of the caller, see `run`. If ``observation`` ends as stopped, the estimator is of no use.
    ``codes`` are the columns that hold categories. Rows are repeated or left out here, after all else.
    """
    if spec.for_width is not None:
        params = {**spec.for_width(params, x.shape[1]), **params}
    estimator = spec.build(constrained(spec, params, x, y), seed)
    by_blocks = spec.fit_blocks if x.size >= LARGE and early is None and balance == "none" else None
    if by_blocks is not None and by_blocks(estimator, x, y):
        return estimator
    more: dict[str, Any] = {}
    if len(codes) and spec.with_categories is not None:
        estimator, more = spec.with_categories(estimator, codes)
    x, weight = x.astype(spec.dtype, copy=False), weights_of(balance, y)
    weights = {} if weight is None else {"weight": weight}
    if spec.own_threads == "n_jobs":
        estimator.set_params(n_jobs=threads)
    if early is not None and spec.fit_early is not None:
        spec.fit_early(estimator, x, y, early, **weights, **more)
    else:
        rows = chosen_rows(balance, y, seed)
        x, y = (x, y) if rows is None else (x[rows], y[rows])
        if observation is not None and spec.rounds is not None and spec.rounds.grow is not None:
            spec.rounds.grow(estimator, x, y, observation.checkpoints, observation, **weights)
        else:
            estimator.fit(x, y, **({} if weight is None else {spec.weights_as: weight}), **more)
    return estimator.set_params(n_jobs=1) if spec.own_threads == "n_jobs" else estimator


def _openmp(threads: int) -> Any:
    """Limit OpenMP, whose limit belongs to the thread that sets it."""
    return ThreadpoolController().limit(limits=threads, user_api="openmp")


def probabilities(estimator: Any, x: NDArray[np.float32]) -> NDArray[Any]:
    """Predict the positive class: a probability for each row of x, shape (n,), in the precision of the library.

    Raises
    ------
    ValueError
        When one of them is not a number between 0 and 1.
    """
    return validated(estimator.predict_proba(x)[:, 1])


def validated(probability: Any) -> NDArray[Any]:
    """Check that all probabilities are between 0 and 1; give a copy, which does not keep a larger array in memory."""
    copy: NDArray[Any] = np.array(probability)
    if not ((copy >= 0) & (copy <= 1)).all():
        raise ValueError("it predicts probabilities that are not between 0 and 1")
    return copy
