"""What the tests of the search share: searches, settings and studies on a small problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

import msgspec
import numpy as np
import pytest

from phishcli.events import ignore
from phishcli.fits import schedule
from phishcli.fits.backends.local import open_backend
from phishcli.fits.ledger import MemoryLedger
from phishcli.fits.matrices import TrainingData
from phishcli.fits.task import FitResult, FoldFit
from phishcli.fits.workload import Workload
from phishcli.models import get
from phishcli.search.results import SearchResult
from phishcli.search.search import prepare
from phishcli.search.settings import ModelSettings, SearchSettings
from phishcli.search.study import Study

Search = Callable[..., SearchResult]
MakeStudy = Callable[..., Study]


@pytest.fixture
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    """Search, without the final fit: ``search(settings, data, jobs=2)``.

    All fits are made in threads, unless ``processes``: these give the same, but take a second to start.
    """

    def run(
        settings: ModelSettings, data: TrainingData, *, jobs: int = 1, processes: bool = False, **options: Any
    ) -> SearchResult:
        spec = get(settings.model) if processes else msgspec.structs.replace(get(settings.model), workers="threads")
        assert isinstance(settings.tune, SearchSettings)
        prepared = prepare(spec, settings, settings.tune, data)
        workload: Workload[SearchResult] = Workload(
            spec,
            settings.seed,
            prepared.requests(),
            options.pop("ledger", MemoryLedger()),
            trials=prepared.study,
            budget=settings.tune.time_budget,
            early=settings.early_stopping,
        )
        with closing(open_backend(jobs, tmp_path_factory.mktemp("matrices"))) as backend:
            (ended,) = schedule.run([workload], data, backend, on_event=options.pop("on_event", ignore))
        if ended.error is not None:
            raise ended.error
        assert ended.result is not None
        return ended.result

    return run


@pytest.fixture
def settings() -> Callable[..., ModelSettings]:
    """Ask for a search: ``settings("KNN", {"n_neighbors": [1, 5]}, method="grid")``; 8 random trials by default."""

    def make(model: str, space: Mapping[str, Any], *, params: Any = None, **given: Any) -> ModelSettings:
        search = SearchSettings(
            **{"method": "random", "n_iter": 8, "scoring": "accuracy", "seed": 5, **given}, space=space
        )
        return ModelSettings(model, params or {}, seed=1, tune=search)

    return make


@pytest.fixture
def study(data: TrainingData) -> MakeStudy:
    """A study of trials with given accuracies on the folds; None where there is no fit."""

    def make(rows: Sequence[Sequence[float | None]], scoring: Any = "accuracy") -> Study:
        found = Study([{"trial": number} for number in range(len(rows))], data, scoring, {})
        for trial, row in enumerate(rows):
            for fold, share in enumerate(row):
                if share is not None:
                    found.record(trial, fold, FitResult(FoldFit(right(found.targets[fold], share), seconds=1.0)))
        return found

    return make


def right(y: Any, share: float) -> Any:
    """Probabilities that classify so large a share of the rows correctly, the first ones."""
    correct = np.arange(len(y)) < round(share * len(y))
    return np.where(correct == (y == 1), 0.9, 0.1)
