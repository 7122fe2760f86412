"""The board of a search: the score of every trial on every fold, and which trials are still in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from phishcli.evaluation.metrics import score
from phishcli.fits.fit import Fit, FoldFit, Outcome, Params, Stopped
from phishcli.models.spec import first_line
from phishcli.search import paired
from phishcli.search.paired import Replicates, lead, sign

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.config.schema import MetricName
    from phishcli.search.pruning import Guard
    from phishcli.types import TrainingData


class Board:
    """All that is known of the trials of one search.

    Probabilities are kept only of trials that are still in, and of the best one that is complete.

    Parameters
    ----------
    candidates
        The parameter sets, in the order in which they are tried; more may be added.
    base
        Parameters that candidates override.
    stops_early
        Whether models that grow settle for themselves when to stop, so that nothing else judges them on their way.
    """

    def __init__(
        self,
        candidates: Sequence[Params],
        data: TrainingData,
        scoring: MetricName,
        base: Params,
        *,
        stops_early: bool = False,
    ) -> None:
        self.data, self.scoring, self.base, self.stops_early = data, scoring, base, stops_early
        self.n_folds, self.sign = data.n_folds, sign(scoring)
        self.targets = [data.y[data.folds == fold] for fold in range(data.n_folds)]
        self.candidates: list[Params] = []
        self.scores, self.seconds = np.empty((0, self.n_folds)), np.empty((0, self.n_folds))
        self.errors: dict[tuple[int, int], str] = {}
        self.warnings: dict[tuple[int, int], tuple[str, ...]] = {}
        self.dropped: dict[int, int] = {}
        self.best: int | None = None
        self.fits: dict[int, dict[int, FoldFit]] = {}
        self._replicates: dict[tuple[int, int], Replicates] = {}
        self.judged = self.survived = self.stopped = 0
        self.planned = len(candidates)
        for params in candidates:
            self.enter(params)

    def enter(self, params: Params) -> int:
        """Add a candidate; gives its number."""
        self.candidates.append(params)
        self.scores = np.vstack([self.scores, np.full(self.n_folds, np.nan)])
        self.seconds = np.vstack([self.seconds, np.zeros(self.n_folds)])
        self.fits[len(self.candidates) - 1] = {}
        return len(self.candidates) - 1

    def fit(self, trial: int, fold: int, *, essential: bool = False, guard: Guard | None = None) -> Fit:
        """The fit of a trial on a fold."""
        return Fit({**self.base, **self.candidates[trial]}, fold, trial, essential, guard)

    def add(self, trial: int, fold: int, outcome: Outcome) -> None:
        """Enter what became of one trial on one fold; nothing where it was skipped."""
        if outcome.skipped:
            return
        self.warnings[trial, fold] = outcome.warnings
        if isinstance(outcome.value, FoldFit):
            if not self.failed(trial):
                self.fits[trial][fold] = outcome.value
            self.seconds[trial, fold] = outcome.value.seconds
            self.scores[trial, fold] = score(self.scoring, self.targets[fold], outcome.value.probability)
        elif isinstance(outcome.value, Stopped):
            self.seconds[trial, fold] = outcome.value.seconds
            self.stopped += 1
            self.judge([trial], {trial}, fold)
        else:
            self.errors[trial, fold] = first_line(outcome.error or Exception())
            self._forget(trial)
        if self.is_complete(trial):
            self._settle(trial)

    @property
    def ended(self) -> int:
        """Fits that have ended, well or badly."""
        return int(np.isfinite(self.scores).sum()) + len(self.errors) + self.stopped

    def failed(self, trial: int) -> bool:
        """Whether a fit of the trial has failed."""
        return any((trial, fold) in self.errors for fold in range(self.n_folds))

    def is_complete(self, trial: int) -> bool:
        """Whether the trial has a score on every fold."""
        return bool(np.isfinite(self.scores[trial]).all())

    def has(self, trial: int, folds: int) -> bool:
        """Whether the trial has a score on the first ``folds`` folds."""
        return bool(np.isfinite(self.scores[trial, :folds]).all())

    def merit(self, trial: int, folds: int | None = None) -> float:
        """Mean score on the first folds (all by default), turned so that more is better."""
        return float(self.sign * self.scores[trial, :folds].mean())

    def ahead(self, trial: int, other: int, folds: int) -> float:
        """By how many standard errors a trial is ahead of another one on the first folds, see `paired.lead`."""
        return lead(self.scoring, self.replicates(trial, folds), self.replicates(other, folds))

    def replicates(self, trial: int, folds: int) -> tuple[Replicates, ...]:
        """What `paired.lead` needs to know of a trial, on the first folds."""
        return tuple(self._replicate(trial, fold) for fold in range(folds))

    def _replicate(self, trial: int, fold: int) -> Replicates:
        if (trial, fold) not in self._replicates:
            probability = self.fits[trial][fold].probability
            self._replicates[trial, fold] = paired.replicates(self.scoring, self.targets[fold], probability)
        return self._replicates[trial, fold]

    def sharper(self, trial: int, other: int, folds: int) -> float:
        """By how many standard errors the Brier score of a trial is better on the first folds, see `paired.sharper`."""
        return paired.sharper(self.squared_errors(trial, folds), self.squared_errors(other, folds))

    def squared_errors(self, trial: int, folds: int) -> tuple[NDArray[np.float32], ...]:
        """What each row adds to the Brier score of a trial, on the first folds."""
        fits = self.fits[trial] if folds else {}
        return tuple(paired.squared_errors(self.targets[fold], fits[fold].probability) for fold in range(folds))

    def judge(self, trials: Sequence[int], hopeless: Collection[int], folds: int) -> None:
        """Note which of some trials are taken out of the race after so many folds."""
        self.judged += len(trials)
        self.survived += len(trials) - len(hopeless)
        for trial in hopeless:
            self.dropped[trial] = folds
            self._forget(trial)

    def revive(self, trials: Sequence[int]) -> list[int]:
        """Put those of some trials back in that have neither failed nor come to their end, with no score yet."""
        able = [trial for trial in trials if not self.failed(trial) and not self.is_complete(trial)]
        for trial in able:
            self.dropped.pop(trial, None)
            self.scores[trial], self.fits[trial] = np.nan, {}
        return able

    def _settle(self, trial: int) -> None:
        """Keep the fits of the better of this complete trial and the best before; of equals the earlier."""
        if self.best is None or (self.merit(trial), -trial) > (self.merit(self.best), -self.best):
            trial, self.best = (self.best if self.best is not None else -1), trial
        self._forget(trial)

    def _forget(self, trial: int) -> None:
        self.fits.pop(trial, None)
        for fold in range(self.n_folds):
            self._replicates.pop((trial, fold), None)

    def expected(self) -> float:
        """How many more fits are to be expected, if as many trials as so far survive each judgement."""
        survival = (self.survived + 1) / (self.judged + 2) if self.judged else 1.0
        left = max(self.planned - len(self.candidates), 0) * self._expected(self.n_folds, survival)
        for trial in range(len(self.candidates)):
            if trial not in self.dropped and not self.failed(trial):
                missing = int(np.isnan(self.scores[trial]).sum())
                left += self._expected(missing, survival)
        return left

    @staticmethod
    def _expected(missing: int, survival: float) -> float:
        return missing if survival == 1 else (1 - survival**missing) / (1 - survival)

    def leading(self) -> tuple[float, Params] | None:
        """Mean score and parameters of the best complete trial, or of the one that is ahead until there is one."""
        trial = self.best if self.best is not None else self.furthest()
        if trial is None or not np.isfinite(self.scores[trial]).any():
            return None
        return float(np.nanmean(self.scores[trial])), self.candidates[trial]

    def furthest(self) -> int | None:
        """The trial that has come furthest without failing, and of these the best; one that is still in, if any is."""
        done = np.isfinite(self.scores).sum(axis=1)
        able = [trial for trial in range(len(self.candidates)) if not self.failed(trial)]
        merits = self.sign * np.nan_to_num(self.scores).sum(axis=1)
        return max(
            able, key=lambda trial: (trial not in self.dropped, done[trial], merits[trial], -trial), default=None
        )
