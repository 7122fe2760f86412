"""Random search as ``RandomizedSearchCV`` means it: every candidate on every fold, and the best mean score wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.model_selection import ParameterSampler

from phishcli.models.spec import Choice, ModelSpec, Space
from phishcli.search.fits import FoldFit, Outcome, fit_fold, run
from phishcli.search.spaces import distributions, parse
from phishcli.search.trials import Found, Ledger, Params

if TYPE_CHECKING:
    from phishcli.types import ModelSettings, TrainingData


def search(
    spec: ModelSpec, settings: ModelSettings, data: TrainingData, *, jobs: int, on_fit: Callable[[int, int], None]
) -> Found:
    """Fit every candidate on every fold and take the best mean score; of equals the first.

    Scores are those of ``RandomizedSearchCV`` on the same folds, but for rows with a probability of exactly 0.5: they
    count as positive here, as everywhere in this package.

    Parameters
    ----------
    spec, settings, data
        The model, with ``settings.tune``; candidates override ``settings.params``.
    jobs
        Fits side by side; it changes no result.
    on_fit
        Is told after each fit how many are done, of how many.

    Raises
    ------
    ConfigError
        When the space makes no sense or names a parameter that does not exist.
    TrainError
        When every candidate fails on some fold, with the first reason.
    """
    tune = settings.tune or {}
    space = parse(tune["space"], model=spec.name, known=spec.space)
    spec.check(space, where=f"train.tune.spaces.{spec.name}")
    ledger = Ledger(candidates(space, tune["n_iter"], tune["seed"]), data, tune["scoring"])
    tasks = [
        partial(_fit_one, spec, {**settings.params, **params}, settings.seed, data, number)
        for params in ledger.candidates
        for number in range(data.n_folds)
    ]

    def on_done(position: int, outcome: Outcome[FoldFit]) -> None:
        ledger.add(*divmod(position, data.n_folds), outcome)
        on_fit(ledger.n_done, len(tasks))

    run(tasks, jobs=jobs, on_done=on_done)
    return ledger.found(spec.name)


def candidates(space: Mapping[str, Space], n_iter: int, seed: int) -> list[Params]:
    """Draw parameter sets, the same ones as ``RandomizedSearchCV`` with this ``random_state``.

    A finite space is drawn from without replacement, and is given whole where it is smaller than ``n_iter``.
    """
    sizes = [len(values.values) for values in space.values() if isinstance(values, Choice)]
    if len(sizes) == len(space):
        n_iter = min(n_iter, int(np.prod(sizes)))
    drawn = ParameterSampler(distributions(space), n_iter, random_state=seed)
    return [{name: _native(value) for name, value in params.items()} for params in drawn]


def _native(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _fit_one(spec: ModelSpec, params: Params, seed: int, data: TrainingData, number: int) -> FoldFit:
    return fit_fold(spec, params, seed, data.fold(number))
