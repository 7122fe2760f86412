"""Search with Optuna: candidates that follow from the results of those before (TPE), and hopeless ones pruned.

Optuna proposes `BATCH` candidates at a time, which run side by side, and is told their scores in the order in which it
proposed them: so the number of workers changes nothing. A batch advances fold by fold, and after each fold Optuna's
median pruner takes out trials whose mean so far is below the median of the earlier ones at that fold. Fits are those of
the other methods and are shared with them through the ledger.

Tree-structured Parzen estimator: Bergstra et al. (2011), NIPS 24, 2546-2554.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from phishcli.errors import ConfigError
from phishcli.fits.fit import Fit, Params
from phishcli.models.spec import Choice, FloatRange, Space

if TYPE_CHECKING:
    from phishcli.search.scoreboard import Board

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


def tpe(board: Board, space: Mapping[str, Space], n_iter: int, seed: int) -> Generator[Sequence[Fit], Any, None]:
    """Ask for fits batch by batch, and drop trials from the board."""
    optuna, board.planned = require_optuna(), n_iter
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=2 * BATCH),
    )
    for start in range(0, n_iter, BATCH):
        asked = [study.ask() for _ in range(min(BATCH, n_iter - start))]
        trials = {board.enter(_suggested(trial, space)): trial for trial in asked}
        yield from _batch(board, trials)
        for number, trial in trials.items():
            _tell(study, optuna.trial.TrialState, trial, board, number)


def _batch(board: Board, trials: Mapping[int, Any]) -> Generator[Sequence[Fit], Any, None]:
    alive = list(trials)
    for fold in range(board.n_folds):
        yield [board.fit(number, fold) for number in alive]
        alive = [number for number in alive if board.has(number, fold + 1)]
        for number in alive:
            trials[number].report(board.merit(number, fold + 1), fold)
        if fold + 1 < board.n_folds:
            hopeless = {number for number in alive if trials[number].should_prune()}
            board.judge(alive, hopeless, fold + 1)
            alive = [number for number in alive if number not in hopeless]


def _tell(study: Any, states: Any, trial: Any, board: Board, number: int) -> None:
    if board.is_complete(number):
        study.tell(trial, board.merit(number))
    else:
        study.tell(trial, state=states.PRUNED if number in board.dropped else states.FAIL)


def _suggested(trial: Any, space: Mapping[str, Space]) -> Params:
    return {name: _suggest(trial, name, each) for name, each in space.items()}


def _suggest(trial: Any, name: str, space: Space) -> Any:
    if isinstance(space, Choice):
        # Optuna's own values are plain ones; a position stands for any other.
        return space.values[trial.suggest_categorical(name, range(len(space.values)))]
    if isinstance(space, FloatRange):
        return trial.suggest_float(name, space.low, space.high, log=space.log)
    return trial.suggest_int(name, space.low, space.high, log=space.log)
