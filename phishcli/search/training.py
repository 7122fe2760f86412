"""The stage ``train``: for each model the search if asked for, a fit per fold, and the fit on all training rows.

All models are trained at once, by one scheduler (`phishcli.fits.schedule`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from phishcli.errors import PhishError, TrainError, first_line
from phishcli.events import Notice, OnEvent, ignore
from phishcli.fits import backends, schedule
from phishcli.fits.backends import Backend, Spreading
from phishcli.fits.budget import Allocation, Deadline
from phishcli.fits.ledger import Ledger, MemoryLedger
from phishcli.fits.matrices import TrainingData
from phishcli.fits.task import FinalFit, FitRequest, FitResult, FoldFit
from phishcli.fits.workload import Requests, Workload
from phishcli.models import ModelSpec, get
from phishcli.models.mean import MeanOfModels
from phishcli.search.learning_curve import with_curve
from phishcli.search.search import prepare
from phishcli.search.settings import ModelSettings, SearchSettings
from phishcli.search.spreading import choose, differences
from phishcli.search.trained import ModelFits, TrainedModel, trained_model

if TYPE_CHECKING:
    from phishcli.search.results import SearchResult
    from phishcli.search.search import Search

T = TypeVar("T", bound=FoldFit | FinalFit)


@dataclass(frozen=True)
class TrainingResult:
    """The name of a model, what was trained or why that failed, and the model's share of the time of the run."""

    name: str
    trained: TrainedModel | None
    error: PhishError | None
    seconds: float


def train(
    settings: Sequence[ModelSettings],
    data: TrainingData,
    *,
    jobs: int = 1,
    ledger: Callable[[str], Ledger] = lambda _: MemoryLedger(),
    folder: Path | None = None,
    backend: str = "local",
    memory: int | None = None,
    deadline: Deadline | None = None,
    on_event: OnEvent = ignore,
) -> Iterator[TrainingResult]:
    """Train models, and give each as soon as it is done.

    Parameters
    ----------
    settings
        The models, their parameters and seeds, and the search, if any.
    data
        What they are trained on.
    jobs
        Fits that run in parallel; it changes no result.
    ledger
        Opens the ledger of a model, for fits on these data with these folds; fits that it knows are not repeated.
    folder
        An empty folder for the backend; a temporary one by default.
    backend
        Where fits are made, see `phishcli.fits.backends`.
    memory
        Bytes that the run may use; fewer fits run at once where they would take more.
    deadline
        When the whole run has to be over.
    on_event
        Receives `Fitting`, and a `Notice` for each warning of the libraries.

    Yields
    ------
    TrainingResult
        The final model is fitted on all of ``data.x``. ``oof`` and the scores under ``cv`` come from the fits on the
        folds alone: each training row is predicted once, by a model that has not seen it. Standard deviations are
        over the folds, divided by their number. Times are summed over fits, so that they do not depend on ``jobs``.

    Raises
    ------
    ConfigError
        When a model, a parameter or a search space does not exist or is not valid; before anything is fitted.
    """
    workloads, failed = [], []
    for each in settings:
        try:
            workloads.append(_workload(each, data, ledger, memory))
        except TrainError as error:  # its library is missing
            failed.append(TrainingResult(each.model, None, error, 0.0))
    yield from failed
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(TemporaryDirectory(prefix="phish-folds-")))
        opened = stack.enter_context(closing(backends.get(backend)(jobs, place)))
        impossible, said = _spread(workloads, settings, data, opened)
        yield from impossible
        allocation = Allocation(deadline, *data.x.shape) if deadline else None
        for ended in schedule.run(workloads, data, opened, on_event=on_event, allocation=allocation):
            spec, fits = ended.workload.spec, ended.result
            if fits is None:
                yield TrainingResult(spec.name, None, ended.error, ended.seconds)
                continue
            if spec.name in said:
                fits = replace(fits, warnings=(said[spec.name], *fits.warnings))
            trained = trained_model(ended.workload, data, fits)
            for message in trained.training.warnings:
                on_event(Notice(f"{spec.name}: {message}", "warning", "end"))
            yield TrainingResult(spec.name, trained, None, ended.seconds)


def _spread(
    workloads: list[Workload[ModelFits]], settings: Sequence[ModelSettings], data: TrainingData, backend: Backend
) -> tuple[list[TrainingResult], dict[str, str]]:
    """Have rows spread where that is asked for or needed; gives models that cannot be trained, and what is said."""
    chosen = choose(settings, data.x.nbytes, backend)
    failed = []
    for workload in list(workloads):
        name = workload.spec.name
        if name in chosen.spread:
            workload.spread, workload.most_rows, workload.ledger = True, None, MemoryLedger()
        elif name in chosen.impossible:
            workloads.remove(workload)
            failed.append(TrainingResult(name, None, chosen.impossible[name], 0.0))
    if chosen.spread and isinstance(backend, Spreading):
        backend.lazy = True
    return failed, differences(chosen, settings, data, backend)


def _workload(
    settings: ModelSettings, data: TrainingData, ledger: Callable[[str], Ledger], memory: int | None
) -> Workload[ModelFits]:
    spec = get(settings.model)
    spec.check(settings.params, where=f"train.params.{spec.name}")
    tune = settings.tune if isinstance(settings.tune, SearchSettings) else None
    search = prepare(spec, settings, tune, data) if tune else None
    rows = min(len(data.y), settings.most_rows or len(data.y))
    requests = _with_search(spec, settings, search) if search else _without_search(spec, settings, data.n_folds)
    if settings.most_rows is not None and not (tune and tune.budget):  # a budget is for trials
        requests = with_curve(requests, settings, data, lambda: workload.most_rows is not None)
    workload: Workload[ModelFits] = Workload(
        spec,
        settings.seed,
        requests,
        ledger(spec.name),
        early=settings.early_stopping if spec.fit_early else None,
        trials=search.study if search else None,
        budget=tune.time_budget if tune else None,
        most_rows=settings.most_rows,
        memory_share=spec.weight.share(rows, data.x.shape[1], memory) if memory and spec.weight else 0.0,
        strategy=settings.strategy,
        view=data.view(settings.strategy),
    )
    return workload


def _without_search(spec: ModelSpec, settings: ModelSettings, n_folds: int) -> Requests[ModelFits]:
    """Request the final model, which is the longest fit, and one model per fold in parallel."""
    finals = _finals(settings, settings.params)
    results = yield [*finals, *(FitRequest(settings.params, fold) for fold in range(n_folds))]
    final = _final(spec, results[: len(finals)])
    folds = [
        _value(spec, result, FoldFit, f"fold {fold} of {n_folds}")
        for fold, result in enumerate(results[len(finals) :], start=1)
    ]
    return ModelFits(final, folds, _count_warnings([result.warnings for result in results]))


def _with_search(spec: ModelSpec, settings: ModelSettings, search: Search) -> Requests[ModelFits]:
    """Search, then request the final model; the folds of the winner are those of the search."""
    found = yield from search.requests()
    results = yield _finals(settings, {**settings.params, **found.params}, essential=True)
    final = _final(spec, results)
    warnings = (*_search_problems(found), *_count_warnings([*(each.warnings for each in results), *found.warnings]))
    return ModelFits(final, found.fits, warnings, found)


def _finals(settings: ModelSettings, params: Mapping[str, Any], *, essential: bool = False) -> list[FitRequest]:
    """Request the final model; of several fits that are averaged each with a seed of its own."""
    bagged = settings.bagging and settings.refits > 1
    return [
        FitRequest(params, essential=essential, refit=number, resampled=bagged) for number in range(settings.refits)
    ]


def _final(spec: ModelSpec, results: Sequence[FitResult]) -> FinalFit:
    """The fit on all training rows, or the mean of several."""
    fits = [_value(spec, result, FinalFit, "all training rows") for result in results]
    if len(fits) == 1:
        return fits[0]
    names = [f"{spec.name}#{number}" for number in range(len(fits))]
    mean = MeanOfModels(names, [fit.model for fit in fits], [1 / len(fits)] * len(fits))
    return FinalFit(mean, sum(fit.seconds for fit in fits))


def _search_problems(found: SearchResult) -> Iterator[str]:
    """Say how many trials failed or were left unfinished."""
    reasons, unfinished = found.trials["error"].dropna(), found.summary.n_unfinished
    if len(reasons):
        yield f"{len(reasons):,} of {len(found.trials):,} trials failed; the first: {reasons.iloc[0]}"
    if unfinished:
        yield f"the time was up with {unfinished} of {len(found.trials):,} trials unfinished"


def _value(spec: ModelSpec, result: FitResult, kind: type[T], where: str) -> T:
    if isinstance(result.value, kind):
        return result.value
    if result.skipped:
        what = f"{spec.name} is left out: the budget left no time for it"
        raise TrainError(what, where=f"train/{spec.name}", hint="Allow more time with --budget")
    raise TrainError(
        f"{spec.name} could not be trained: {first_line(result.error or Exception())}",
        where=f"{spec.name}, {where}",
        hint=f"Check train.params.{spec.name}, or leave {spec.name} out of train.models",
    ) from result.error


def _count_warnings(warnings: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Give each warning once, with the number of fits that gave it."""
    counts = Counter(text for texts in warnings for text in texts)
    return tuple(f"{text} ({count} of {len(warnings):,} fits)" for text, count in sorted(counts.items()))
