"""Search with Optuna: candidates are proposed from the results of earlier ones (TPE), and hopeless trials pruned.

Optuna proposes `BATCH` candidates at a time, which run side by side, and receives their scores in the order in which it
proposed them, so that the number of workers changes nothing. A batch advances fold by fold, and after each fold
Optuna's median pruner stops trials whose mean so far is below the median of earlier ones at that fold. Fits are those
of the other methods and are shared with them through the ledger.

Tree-structured Parzen estimator: Bergstra et al. (2011), NIPS 24, 2546-2554.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from phishcli.errors import ConfigError
from phishcli.fits.task import FitRequest, Params
from phishcli.models.space import Choice, FloatRange, Space
from phishcli.search.portfolio import lies_in

if TYPE_CHECKING:
    from phishcli.search.settings import SearchSettings
    from phishcli.search.study import Study

BATCH = 4
"""Candidates proposed at once: enough for the cores of a laptop, few enough to learn from each other."""


def require_optuna() -> Any:
    """Import Optuna.

    Raises
    ------
    ConfigError
        When it is not installed, with the line that installs it.
    """
    try:
        import optuna
    except ImportError as error:
        raise ConfigError(
            "The search with Optuna needs a library that is not installed",
            where="train.tune.method",
            hint='pip install "phishcli[optuna]", or search with --tune-method race',
        ) from error
    return optuna


Requests = Generator[Sequence[FitRequest], Any, None]


def tpe(study: Study, space: Mapping[str, Space], search: SearchSettings) -> Requests:
    """Request fits batch by batch, the first candidates of the settings before those that Optuna proposes."""
    optuna, study.planned = require_optuna(), search.n_iter
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=search.seed, constant_liar=True),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=2 * BATCH),
    )
    for start in range(0, search.n_iter, BATCH):
        first = search.first[start : min(start + BATCH, search.n_iter)]
        known = [_known(sampler, params, space) for params in first]
        trials = {study.add_trial(dict(params)): trial for params, trial in zip(first, known, strict=True)}
        more = min(BATCH, search.n_iter - start) - len(first)
        proposed = [sampler.ask() for _ in range(more)]
        trials |= {study.add_trial(_suggested(trial, space)): trial for trial in proposed}
        yield from _batch(study, trials)
        for number, trial in trials.items():
            _report(sampler, optuna.trial.TrialState, trial, study, number)


def _known(sampler: Any, params: Mapping[str, Any], space: Mapping[str, Space]) -> Any:
    """Make a trial of a candidate that Optuna has not proposed; it learns from the parameters that it could have."""
    asked = {name: each for name, each in space.items() if name in params and lies_in(each, params, name)}
    values = {
        name: each.values.index(params[name]) if isinstance(each, Choice) else params[name]
        for name, each in asked.items()
    }
    sampler.enqueue_trial(values)
    trial = sampler.ask()
    _suggested(trial, asked)
    return trial


def _batch(study: Study, trials: Mapping[int, Any]) -> Generator[Sequence[FitRequest], Any, None]:
    running = list(trials)
    for fold in range(study.n_folds):
        yield [study.request(number, fold) for number in running]
        running = [number for number in running if study.is_done(number, fold + 1)]
        for number in running:
            trials[number].report(study.objective(number, fold + 1), fold)
        if fold + 1 < study.n_folds:
            hopeless = {number for number in running if trials[number].should_prune()}
            study.prune(hopeless, among=running)
            running = [number for number in running if number not in hopeless]


def _report(sampler: Any, states: Any, trial: Any, study: Study, number: int) -> None:
    if study.is_complete(number):
        sampler.tell(trial, study.objective(number))
    else:
        sampler.tell(trial, state=states.PRUNED if number in study.pruned else states.FAIL)


def _suggested(trial: Any, space: Mapping[str, Space]) -> Params:
    return {name: _suggest(trial, name, each) for name, each in space.items()}


def _suggest(trial: Any, name: str, space: Space) -> Any:
    if isinstance(space, Choice):
        # Optuna takes plain values only, so the position in the list stands for any other.
        return space.values[trial.suggest_categorical(name, range(len(space.values)))]
    if isinstance(space, FloatRange):
        return trial.suggest_float(name, space.low, space.high, log=space.log)
    return trial.suggest_int(name, space.low, space.high, log=space.log)
