"""A hyperparameter search: candidates are drawn, a method requests fits of them, and the best trial wins."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from phishcli.errors import ConfigError, TrainError
from phishcli.fits.task import FitRequest
from phishcli.models.space import parse
from phishcli.search.candidates import drawn, grid
from phishcli.search.portfolio import with_first
from phishcli.search.race import race
from phishcli.search.results import SearchResult, result_of
from phishcli.search.study import Study
from phishcli.search.tpe import require_optuna, tpe

if TYPE_CHECKING:
    from phishcli.documents.training import Method
    from phishcli.fits.matrices import TrainingData
    from phishcli.models import ModelSpec, Space
    from phishcli.search.settings import ModelSettings, SearchSettings

Requests = Generator[Sequence[FitRequest], Any, None]


@dataclass(frozen=True)
class Search:
    """A search that is ready to run.

    Parameters
    ----------
    spec, settings
        The model, and how it is searched.
    space
        The checked search space.
    study
        Its trials.
    """

    spec: ModelSpec
    settings: SearchSettings
    space: dict[str, Space]
    study: Study

    def requests(self) -> Generator[Sequence[FitRequest], Any, SearchResult]:
        """Request all fits of the search; returns what it found.

        Raises
        ------
        TrainError
            When every trial fails on some fold, with the first reason.
        """
        study = self.study
        yield from METHODS[self.settings.method](self)
        if self.settings.budget is not None:
            study.forget_untried()
        while study.best is None and (trial := study.furthest()) is not None:  # the time was up before one was complete
            if self.settings.budget is not None:
                raise _no_time(self.spec, self.settings.budget)
            study.restart([trial])
            yield [study.request(trial, fold, essential=True) for fold in range(study.n_folds)]
        return result_of(study, self.spec.name, self.settings.method)


def _no_time(spec: ModelSpec, budget: float) -> TrainError:
    return TrainError(
        f"{spec.name} is left out: a budget of {budget:g} seconds left no time for it",
        where=f"train/{spec.name}",
        hint="Allow more time with --budget, or name fewer models with --models",
    )


def prepare(spec: ModelSpec, model: ModelSettings, search: SearchSettings, data: TrainingData) -> Search:
    """Check a search before anything is fitted, and draw its candidates.

    Parameters
    ----------
    spec, model, search
        The model and its settings; candidates override ``model.params``.
    data
        The training data.

    Raises
    ------
    ConfigError
        When the space is not valid, names a parameter that does not exist, or does not suit the method; when the method
        needs a library that is missing.
    """
    space = parse(search.space, model=spec.name, known=spec.space)
    spec.check(space, where=f"train.tune.spaces.{spec.name}")
    for params in search.first:
        spec.check(params, where=f"train.tune.candidates.{spec.name}")
    early = model.early_stopping is not None and spec.fit_early is not None
    study = Study(_candidates(spec, search, space), data, search.scoring, dict(model.params), stops_early=early)
    return Search(spec, search, space, study)


def _candidates(spec: ModelSpec, search: SearchSettings, space: dict[str, Space]) -> list[dict[str, Any]]:
    """Give the candidates that are known in advance."""
    if search.method == "optuna":
        require_optuna()
        return []
    if search.method == "list":
        return _listed(spec, search)
    if search.method == "grid":
        return grid(space, model=spec.name)
    return with_first(search.first, drawn(space, search.n_iter, search.seed), search.n_iter)


def _listed(spec: ModelSpec, search: SearchSettings) -> list[dict[str, Any]]:
    if search.first:
        return [dict(params) for params in search.first]
    raise ConfigError(
        f"There are no candidates of {spec.name} to try",
        where=f"train.tune.candidates.{spec.name}",
        hint="List some, or search with --tune-method race",
    )


def exhaustive(search: Search) -> Requests:
    """Request every trial on every fold at once, as ``RandomizedSearchCV`` and ``GridSearchCV`` do.

    Scores are theirs on the same folds, except for rows with a probability of exactly 0.5: they count as positive here,
    as everywhere in this package.
    """
    study = search.study
    yield [study.request(trial, fold) for trial in range(len(study.candidates)) for fold in range(study.n_folds)]


def _race(search: Search) -> Requests:
    return race(search.study, search.spec, small=search.settings.budget is not None)


def _tpe(search: Search) -> Requests:
    return tpe(search.study, search.space, search.settings)


METHODS: dict[Method, Callable[[Search], Requests]] = {
    "race": _race,
    "random": exhaustive,
    "grid": exhaustive,
    "list": exhaustive,
    "optuna": _tpe,
}
"""The values of ``train.tune.method``."""
