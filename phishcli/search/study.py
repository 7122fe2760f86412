"""The study of a search: the score of every trial on every fold, and which trials are still running."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from phishcli.documents.metrics import LEAST_FOLDS
from phishcli.errors import TrainError, first_line
from phishcli.evaluation.metrics import BY_NAME, defined, score
from phishcli.fits.protocols import Standing
from phishcli.fits.task import FitRequest, FitResult, FoldFit, Params, PrunedFit
from phishcli.search import paired
from phishcli.search.paired import Replicates, sign, squared_errors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.config.schema import MetricName
    from phishcli.fits.matrices import TrainingData
    from phishcli.fits.protocols import Pruner

MOST_KEPT = 256 * 2**20
"""Bytes of out-of-fold predictions that are kept of the complete trials of one search."""


def _counted(scoring: MetricName, targets: Sequence[NDArray[np.int8]]) -> list[int]:
    """Find the folds whose rows define a metric.

    Raises
    ------
    TrainError
        When there are fewer than two of them.
    """
    counted = [fold for fold, target in enumerate(targets) if defined(scoring, target)]
    if len(counted) < LEAST_FOLDS:
        label = BY_NAME[scoring].label
        raise TrainError(
            f"A search cannot compare candidates by {label}: only {len(counted)} of {len(targets)} folds hold rows of "
            "both classes, as it requires.",
            where="train.tune.scoring",
            hint="Optimize another metric, --set train.tune.scoring=accuracy, or ask for other folds.",
        )
    return counted


class Study:
    """All that is known of the trials of one search.

    Probabilities are kept of trials that are still running, and of complete ones, in single precision; beyond
    `MOST_KEPT` bytes only of those with the lowest Brier scores. Folds whose rows
    do not define the metric (of one class only, say) are fitted, for their predictions, and do not count in any score.

    Parameters
    ----------
    candidates
        The parameter sets, one per trial, in the order in which they are tried; more may be added.
    data
        The training data, for the labels of the held-out rows.
    scoring
        The metric to optimize.
    base
        Parameters that candidates override.
    stops_early
        Whether models that grow in rounds stop early by themselves, so that no pruner is needed.
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
        self.scoring, self.base, self.stops_early = scoring, base, stops_early
        self.n_folds, self.sign = data.n_folds, sign(scoring)
        self.targets = [data.y[data.folds == fold] for fold in range(data.n_folds)]
        self.counted = _counted(scoring, self.targets)
        self.candidates: list[Params] = []
        self.scores, self.seconds = np.empty((0, self.n_folds)), np.empty((0, self.n_folds))
        self.done = np.empty((0, self.n_folds), dtype=bool)
        self.errors: dict[tuple[int, int], str] = {}
        self.warnings: dict[tuple[int, int], tuple[str, ...]] = {}
        self.pruned: set[int] = set()
        self.best: int | None = None
        self.fits: dict[int, dict[int, FoldFit]] = {}
        self.finished: dict[int, NDArray[np.float32]] = {}
        self._replicates: dict[tuple[int, int], Replicates] = {}
        self.n_judged = self.n_survived = self.n_stopped = 0
        self.planned = len(candidates)
        for params in candidates:
            self.add_trial(params)

    def add_trial(self, params: Params) -> int:
        """Add a trial; gives its number."""
        self.candidates.append(params)
        self.scores = np.vstack([self.scores, np.full(self.n_folds, np.nan)])
        self.seconds = np.vstack([self.seconds, np.zeros(self.n_folds)])
        self.done = np.vstack([self.done, np.zeros(self.n_folds, dtype=bool)])
        self.fits[len(self.candidates) - 1] = {}
        return len(self.candidates) - 1

    def request(self, trial: int, fold: int, *, essential: bool = False, pruner: Pruner | None = None) -> FitRequest:
        """Give the request for the fit of a trial on a fold."""
        return FitRequest({**self.base, **self.candidates[trial]}, fold, trial, essential, pruner)

    def record(self, trial: int, fold: int, result: FitResult) -> None:
        """Enter the result of a trial on a fold; a skipped fit leaves no trace."""
        if result.skipped:
            return
        self.warnings[trial, fold] = result.warnings
        if isinstance(result.value, FoldFit):
            if not self.failed(trial):
                self.fits[trial][fold] = result.value
            self.seconds[trial, fold] = result.value.seconds
            self.done[trial, fold] = True
            if fold in self.counted:
                self.scores[trial, fold] = score(self.scoring, self.targets[fold], result.value.probability)
        elif isinstance(result.value, PrunedFit):
            self.seconds[trial, fold] = result.value.seconds
            self.n_stopped += 1
            self.prune({trial}, among=[trial])
        else:
            self.errors[trial, fold] = first_line(result.error or Exception())
            self._discard(trial)
        if self.is_complete(trial):
            self._update_best(trial)

    def score(self, trial: int, fold: int) -> float:
        """Give the score of a trial on a fold; NaN where there is none."""
        return float(self.scores[trial, fold])

    @property
    def n_fits(self) -> int:
        """Fits that have ended, with or without success."""
        return int(self.done.sum()) + len(self.errors) + self.n_stopped

    def failed(self, trial: int) -> bool:
        """Whether a fit of the trial has failed."""
        return any((trial, fold) in self.errors for fold in range(self.n_folds))

    def is_complete(self, trial: int) -> bool:
        """Whether the trial was fitted on every fold."""
        return self.is_done(trial, self.n_folds)

    def is_done(self, trial: int, folds: int) -> bool:
        """Whether the trial was fitted on the first ``folds`` folds."""
        return bool(self.done[trial, :folds].all())

    def objective(self, trial: int, folds: int | None = None) -> float:
        """Give the mean score on the first folds (all by default), with its sign such that more is better.

        It is 0 while none of these folds counts.
        """
        counted = self.counted_among(self.n_folds if folds is None else folds)
        return float(self.sign * self.scores[trial, counted].mean()) if counted else 0.0

    def counted_among(self, folds: int) -> list[int]:
        """Give those of the first folds that count."""
        return [fold for fold in self.counted if fold < folds]

    def share(self, folds: int) -> float:
        """Give the share of the folds that count that are among the first ones."""
        return len(self.counted_among(folds)) / len(self.counted)

    # Comparisons.

    def lead(self, trial: int, other: int, folds: int) -> float:
        """Give the lead of a trial over another one on the first folds, in standard errors; see `paired.lead`."""
        if not self.counted_among(folds):
            return 0.0
        return paired.lead(self.scoring, self.replicates(trial, folds), self.replicates(other, folds))

    def replicates(self, trial: int, folds: int) -> tuple[Replicates, ...]:
        """Give what `paired.lead` needs of a trial, on those of the first folds that count."""
        return tuple(self._replicate(trial, fold) for fold in self.counted_among(folds))

    def _replicate(self, trial: int, fold: int) -> Replicates:
        if (trial, fold) not in self._replicates:
            probability = self.fits[trial][fold].probability
            self._replicates[trial, fold] = paired.replicates(self.scoring, self.targets[fold], probability)
        return self._replicates[trial, fold]

    def brier_lead(self, trial: int, other: int, folds: int) -> float:
        """Give the lead of a trial by the Brier score on the first folds, in standard errors."""
        return paired.brier_lead(self.squared_errors(trial, folds), self.squared_errors(other, folds))

    def squared_errors(self, trial: int, folds: int) -> tuple[NDArray[np.float32], ...]:
        """Give what each row adds to the Brier score of a trial, on the first folds."""
        fits = self.fits[trial] if folds else {}
        return tuple(paired.squared_errors(self.targets[fold], fits[fold].probability) for fold in range(folds))

    # Pruning.

    def prune(self, trials: Collection[int], *, among: Sequence[int]) -> None:
        """Prune some of the trials that were compared."""
        self.n_judged += len(among)
        self.n_survived += len(among) - len(trials)
        for trial in trials:
            self.pruned.add(trial)
            self._discard(trial)

    def restart(self, trials: Sequence[int]) -> list[int]:
        """Restart those of some trials that have neither failed nor been completed, without scores; gives them."""
        able = [trial for trial in trials if not self.failed(trial) and not self.is_complete(trial)]
        for trial in able:
            self.pruned.discard(trial)
            self.scores[trial], self.done[trial], self.fits[trial] = np.nan, False, {}
        return able

    def forget_untried(self) -> None:
        """Forget the candidates after the last one that was tried, which there was no time for."""
        tried = [*np.flatnonzero(self.done.any(axis=1)).tolist(), *(trial for trial, _ in self.errors), *self.pruned]
        count = max(tried, default=0) + 1
        self.candidates, self.done = self.candidates[:count], self.done[:count]
        self.scores, self.seconds = self.scores[:count], self.seconds[:count]

    def _update_best(self, trial: int) -> None:
        """Keep the fits of the better of this complete trial and the best so far; of equals the earlier."""
        self._keep(trial)
        if self.best is None or (self.objective(trial), -trial) > (self.objective(self.best), -self.best):
            trial, self.best = (self.best if self.best is not None else -1), trial
        self._discard(trial)

    def _keep(self, trial: int) -> None:
        """Keep the out-of-fold predictions of a complete trial, fold after fold."""
        parts = [self.fits[trial][fold].probability for fold in range(self.n_folds)]
        self.finished[trial] = np.concatenate(parts).astype(np.float32)
        if len(self.finished) * self.finished[trial].nbytes > MOST_KEPT:
            y = np.concatenate(self.targets)
            self.finished.pop(
                max(self.finished, key=lambda each: (squared_errors(y, self.finished[each]).mean(), each))
            )

    def _discard(self, trial: int) -> None:
        """Discard the probabilities of a trial."""
        self.fits.pop(trial, None)
        for fold in range(self.n_folds):
            self._replicates.pop((trial, fold), None)

    # Progress.

    def expected_fits(self) -> float:
        """Estimate how many more fits are needed, if as many trials as so far survive each comparison."""
        survival = (self.n_survived + 1) / (self.n_judged + 2) if self.n_judged else 1.0
        running = [t for t in range(len(self.candidates)) if t not in self.pruned and not self.failed(t)]
        missing = [int((~self.done[trial]).sum()) for trial in running]
        missing += [self.n_folds] * (self.planned - len(self.candidates))
        return sum(folds if survival == 1 else (1 - survival**folds) / (1 - survival) for folds in missing)

    def standing(self) -> Standing | None:
        """Describe how the search stands; None as long as no trial is complete."""
        if self.best is None:
            return None
        scores = self.scores[self.best, self.counted]
        since = int(self.done[self.best + 1 :].any(axis=1).sum())
        return Standing(self.objective(self.best), float(scores.std(ddof=1) / np.sqrt(len(scores))), since)

    def leader(self) -> tuple[float, Params] | None:
        """Give the mean score and the parameters of the best complete trial, or else of the furthest one."""
        trial = self.best if self.best is not None else self.furthest()
        if trial is None or not np.isfinite(self.scores[trial]).any():
            return None
        return float(np.nanmean(self.scores[trial])), self.candidates[trial]

    def furthest(self) -> int | None:
        """Find the trial with most folds that has not failed, the best of these; a pruned one only if all are."""
        done = self.done.sum(axis=1)
        able = [trial for trial in range(len(self.candidates)) if not self.failed(trial)]
        sums = self.sign * np.nan_to_num(self.scores).sum(axis=1)
        return max(able, key=lambda trial: (trial not in self.pruned, done[trial], sums[trial], -trial), default=None)
