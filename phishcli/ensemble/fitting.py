"""The fits of members that are no final models: each on all training rows, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from phishcli.ensemble.training import Wanted
from phishcli.events import Notice, OnEvent
from phishcli.fits import backends, schedule
from phishcli.fits.ledger import MemoryLedger
from phishcli.fits.matrices import TrainingData
from phishcli.fits.task import FinalFit, FitRequest
from phishcli.fits.workload import Requests, Workload
from phishcli.models import get
from phishcli.search.settings import ModelSettings


def fit_members(
    wanted: Sequence[Wanted],
    settings: Mapping[str, ModelSettings],
    data: TrainingData,
    *,
    jobs: int,
    folder: Path,
    backend: str = "local",
    memory: int | None = None,
    on_event: OnEvent,
) -> dict[str, FinalFit]:
    """Fit trials on all training rows.

    Parameters
    ----------
    wanted
        The trials.
    settings
        By model: its seed, its early stopping, and the parameters that hold where a trial does not name them.
    data
        What is fitted on.
    jobs, folder, backend, memory, on_event
        As of `phishcli.search.training.train`.

    Returns
    -------
    dict
        Without those that could not be fitted, which a warning names.
    """
    if not wanted:
        return {}
    workloads = {each.name: _workload(each, settings[each.model], data, memory) for each in wanted}
    names = {id(workload): name for name, workload in workloads.items()}
    found = {}
    with closing(backends.get(backend)(jobs, folder)) as opened:
        for ended in schedule.run(list(workloads.values()), data, opened, on_event=on_event, folds=False):
            name = names[id(ended.workload)]
            if ended.result is not None:
                found[name] = ended.result
            else:
                on_event(Notice(f"{name} is left out of the ensemble: it could not be fitted", "warning"))
    return {each.name: found[each.name] for each in wanted if each.name in found}


def _workload(
    wanted: Wanted, settings: ModelSettings, data: TrainingData, memory: int | None
) -> Workload[FinalFit | None]:
    spec, shape = get(wanted.model), data.x.shape
    most = spec.weight.most_rows(shape[0], shape[1], memory) if memory and spec.weight else None
    return Workload(
        spec,
        settings.seed,
        _requests(wanted, settings),
        MemoryLedger(),
        early=settings.early_stopping if spec.fit_early else None,
        most_rows=most,
        strategy=settings.strategy,
        view=data.view(settings.strategy),
        memory_share=spec.weight.share(most or shape[0], shape[1], memory) if memory and spec.weight else 0.0,
    )


def _requests(wanted: Wanted, settings: ModelSettings) -> Requests[FinalFit | None]:
    results = yield [FitRequest({**settings.params, **wanted.params}, essential=True)]
    return results[0].value if isinstance(results[0].value, FinalFit) else None
