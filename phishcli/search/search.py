"""A search as part of a course: candidates are drawn, a method asks for fits, and a winner comes out."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from phishcli.fits.fit import Fit
from phishcli.search.candidates import drawn, grid
from phishcli.search.race import race
from phishcli.search.results import Found, conclude
from phishcli.search.scoreboard import Board
from phishcli.search.spaces import parse
from phishcli.search.tpe import require_optuna, tpe

if TYPE_CHECKING:
    from phishcli.models.spec import ModelSpec, Space
    from phishcli.types import ModelSettings, TrainingData

Asking = Generator[Sequence[Fit], Any, None]
Method = Callable[["Search"], Asking]


@dataclass(frozen=True)
class Search:
    """What a method is given: the model, its space, how many candidates, and the board to enter them on."""

    spec: ModelSpec
    space: dict[str, Space]
    n_iter: int
    seed: int
    board: Board

    def steps(self, method: str) -> Generator[Sequence[Fit], Any, Found]:
        """Ask for all fits of the search; gives what it found.

        Raises
        ------
        TrainError
            When every candidate fails on some fold, with the first reason.
        """
        yield from METHODS[method](self)
        board = self.board
        while board.best is None and (trial := board.furthest()) is not None:  # the time was up before one was complete
            board.revive([trial])
            yield [board.fit(trial, fold, essential=True) for fold in range(board.n_folds)]
        found = conclude(self.board, self.spec.name)
        return replace(found, summary={"method": method, **found.summary})


def prepare(spec: ModelSpec, settings: ModelSettings, data: TrainingData) -> Search:
    """Check a search before anything of it is done, and draw its candidates.

    Parameters
    ----------
    spec, settings, data
        The model, with ``settings.tune``; candidates override ``settings.params``.

    Raises
    ------
    ConfigError
        When the space makes no sense, names a parameter that does not exist, or does not suit the method; when the
        method needs a library that is missing.
    """
    tune = settings.tune or {}
    space = parse(tune["space"], model=spec.name, known=spec.space)
    spec.check(space, where=f"train.tune.spaces.{spec.name}")
    method, n_iter, seed = tune["method"], tune["n_iter"], tune["seed"]
    if method == "optuna":
        require_optuna()
    candidates = grid(space, model=spec.name) if method == "grid" else drawn(space, n_iter, seed)
    early = settings.early_stopping is not None and spec.fit_early is not None
    known = [] if method == "optuna" else candidates
    board = Board(known, data, tune["scoring"], dict(settings.params), stops_early=early)
    return Search(spec, space, n_iter, seed, board)


def every_trial_on_every_fold(search: Search) -> Asking:
    """Ask for all there is, as ``RandomizedSearchCV`` and ``GridSearchCV`` do.

    Scores are theirs on the same folds, but for rows with a probability of exactly 0.5: they count as positive here, as
    everywhere in this package.
    """
    board = search.board
    yield [board.fit(trial, fold) for trial in range(len(board.candidates)) for fold in range(board.n_folds)]


def _race(search: Search) -> Asking:
    return race(search.board, search.spec)


def _tpe(search: Search) -> Asking:
    return tpe(search.board, search.space, search.n_iter, search.seed)


METHODS: dict[str, Method] = {
    "race": _race,
    "random": every_trial_on_every_fold,
    "grid": every_trial_on_every_fold,
    "optuna": _tpe,
}
"""The values of ``train.tune.method``."""
