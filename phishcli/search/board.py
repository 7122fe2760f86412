"""The board of a search: the score of every trial on every fold, which trials are still in, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from phishcli.errors import TrainError
from phishcli.evaluation.metrics import score
from phishcli.models.spec import first_line, plain
from phishcli.search import paired
from phishcli.search.fits import Fit, FoldFit, Outcome, Params, Stopped
from phishcli.search.paired import Replicates, lead, sign

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.config.schema import MetricName
    from phishcli.search.guard import Guard
    from phishcli.types import TrainingData

SHOWN = 5
"""Trials that are told in ``training.json``."""


@dataclass(frozen=True)
class Found:
    """What a search found.

    Parameters
    ----------
    params
        Those of the winner.
    fits
        The winner's fits, one per fold; nothing of them has to be fitted again.
    warnings
        The warnings of each of these fits.
    seconds
        Summed over all fits of the search.
    trials
        One row per candidate, see `Board.trials`.
    summary
        For ``training.json``.
    """

    params: Params
    fits: tuple[FoldFit, ...]
    warnings: tuple[tuple[str, ...], ...]
    seconds: float
    trials: pd.DataFrame
    summary: dict[str, Any]


class Board:
    """All that is known of the trials of one search.

    Probabilities are kept only of trials that are still in, and of the best one that is complete.

    Parameters
    ----------
    candidates
        The parameter sets, in the order in which they are tried; more may be added.
    base
        Parameters that candidates override.
    """

    def __init__(self, candidates: Sequence[Params], data: TrainingData, scoring: MetricName, base: Params) -> None:
        self.data, self.scoring, self.base = data, scoring, base
        self.n_folds, self.sign = data.n_folds, sign(scoring)
        self.targets = [data.y[data.folds == fold] for fold in range(data.n_folds)]
        self.candidates: list[Params] = []
        self.scores, self.seconds = np.empty((0, self.n_folds)), np.empty((0, self.n_folds))
        self.errors: dict[tuple[int, int], str] = {}
        self.warnings: dict[tuple[int, int], tuple[str, ...]] = {}
        self.dropped: dict[int, int] = {}
        self.best: int | None = None
        self._fits: dict[int, dict[int, FoldFit]] = {}
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
        self._fits[len(self.candidates) - 1] = {}
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
            self._fits[trial][fold] = outcome.value
            self.seconds[trial, fold] = outcome.value.seconds
            self.scores[trial, fold] = score(self.scoring, self.targets[fold], outcome.value.probability)
        elif isinstance(outcome.value, Stopped):
            self.seconds[trial, fold] = outcome.value.seconds
            self.stopped += 1
            self.judge([trial], {trial}, fold)
        else:
            self.errors[trial, fold] = first_line(outcome.error or Exception())
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

    def has_fold(self, trial: int, fold: int) -> bool:
        """Whether the trial has a score on that fold."""
        return bool(np.isfinite(self.scores[trial, fold]))

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
            probability = self._fits[trial][fold].probability
            self._replicates[trial, fold] = paired.replicates(self.scoring, self.targets[fold], probability)
        return self._replicates[trial, fold]

    def sharper(self, trial: int, other: int, folds: int) -> float:
        """By how many standard errors the Brier score of a trial is better on the first folds, see `paired.sharper`."""
        return paired.sharper(self.squared_errors(trial, folds), self.squared_errors(other, folds))

    def squared_errors(self, trial: int, folds: int) -> tuple[NDArray[np.float32], ...]:
        """What each row adds to the Brier score of a trial, on the first folds."""
        fits = self._fits[trial] if folds else {}
        return tuple(paired.squared_errors(self.targets[fold], fits[fold].probability) for fold in range(folds))

    def judge(self, trials: Sequence[int], hopeless: Collection[int], folds: int) -> None:
        """Note which of some trials are taken out of the race after so many folds."""
        self.judged += len(trials)
        self.survived += len(trials) - len(hopeless)
        for trial in hopeless:
            self.dropped[trial] = folds
            self._forget(trial)

    def _settle(self, trial: int) -> None:
        """Keep the fits of the better of this complete trial and the best before; of equals the earlier."""
        if self.best is None or (self.merit(trial), -trial) > (self.merit(self.best), -self.best):
            trial, self.best = (self.best if self.best is not None else -1), trial
        self._forget(trial)

    def _forget(self, trial: int) -> None:
        self._fits.pop(trial, None)
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
        done = self.scores[trial][np.isfinite(self.scores[trial])]
        return (float(done.mean()), self.candidates[trial]) if len(done) else None

    def furthest(self) -> int:
        """The trial that has come furthest, and of these the best, where time ran out before any was complete."""
        done = np.isfinite(self.scores).sum(axis=1)
        able = [trial for trial in range(len(self.candidates)) if not self.failed(trial) and trial not in self.dropped]
        merits = self.sign * np.nan_to_num(self.scores).sum(axis=1)
        return max(able or [0], key=lambda trial: (done[trial], merits[trial], -trial))

    def found(self, model: str) -> Found:
        """Name the winner.

        Raises
        ------
        TrainError
            When no trial is complete, with the reason of the first that failed.
        """
        if self.best is None:
            raise TrainError(
                f"All {len(self.candidates)} trials of {model} failed; the first: {self.errors[min(self.errors)]}",
                where=f"train.tune.spaces.{model}",
                hint="Narrow the space to values that the model accepts",
            )
        folds = range(self.n_folds)
        trials = self.trials()
        return Found(
            params=self.candidates[self.best],
            fits=tuple(self._fits[self.best][fold] for fold in folds),
            warnings=tuple(self.warnings[self.best, fold] for fold in folds),
            seconds=float(self.seconds.sum()),
            trials=trials,
            summary=self._summary(self.best, trials),
        )

    def trials(self) -> pd.DataFrame:
        """One row per candidate.

        Columns: ``trial``, ``params`` (JSON text), ``fold_0`` ... (NaN where not made), ``mean`` over the folds made,
        ``std`` (divided by their number), ``status`` (``complete``, ``dropped``, ``failed``, ``unfinished``),
        ``folds`` (how many have a score; for a dropped one those it took to drop it), ``rank`` (1 is best: complete
        trials by mean, then by folds and mean), ``behind`` (for complete trials: how far behind the best one, in
        standard errors of the paired differences on the folds), ``fit_seconds``, ``error``, ``warnings``.
        """
        count = len(self.candidates)
        folds = np.isfinite(self.scores).sum(axis=1)
        with np.errstate(invalid="ignore"):
            filled = np.where(np.isfinite(self.scores), self.scores, 0)
            means = np.where(folds > 0, filled.sum(axis=1) / np.maximum(folds, 1), np.nan)
            spread = np.where(np.isfinite(self.scores), self.scores - means[:, None], 0)
            deviations = np.where(folds > 0, np.sqrt((spread**2).sum(axis=1) / np.maximum(folds, 1)), np.nan)
        status = [self._status(trial) for trial in range(count)]
        return pd.DataFrame(
            {
                "trial": range(count),
                "params": [json.dumps(plain(params), sort_keys=True) for params in self.candidates],
                **{f"fold_{fold}": self.scores[:, fold] for fold in range(self.n_folds)},
                "mean": means,
                "std": deviations,
                "status": pd.Series(status, dtype="str"),
                "folds": folds.astype(np.int32),
                "rank": self._ranks(status, folds, means),
                "behind": [self._behind(trial) for trial in range(count)],
                "fit_seconds": self.seconds.sum(axis=1),
                "error": pd.Series([self._first_error(trial) for trial in range(count)], dtype="str"),
                "warnings": pd.Series([self._warned(trial) for trial in range(count)], dtype="str"),
            }
        )

    def _status(self, trial: int) -> str:
        if self.failed(trial):
            return "failed"
        if self.is_complete(trial):
            return "complete"
        return "dropped" if trial in self.dropped else "unfinished"

    def _ranks(self, status: Sequence[str], folds: Any, means: Any) -> Any:
        """Complete before dropped before failed, more folds before fewer, then by mean; equal ones share a rank."""
        order = {"complete": 0, "dropped": 1, "unfinished": 1, "failed": 2}
        keys = [
            (order[state], -int(count) if state != "failed" else 0, -self.sign * mean if state != "failed" else 0.0)
            for state, count, mean in zip(status, folds, np.nan_to_num(means), strict=True)
        ]
        places = {key: place for place, key in enumerate(sorted(set(keys)))}
        return rankdata([places[key] for key in keys], method="min").astype(np.int32)

    def _behind(self, trial: int) -> float:
        """The margin of the best trial over this one; NaN where the two do not share all folds."""
        if self.best is None or not self.is_complete(trial):
            return float("nan")
        margins = self.sign * (self.scores[self.best] - self.scores[trial])
        error = margins.std(ddof=1) / np.sqrt(self.n_folds)
        return float(margins.mean() / error) if error else 0.0 if not margins.any() else float("inf")

    def _first_error(self, trial: int) -> str | None:
        return next((self.errors[trial, fold] for fold in range(self.n_folds) if (trial, fold) in self.errors), None)

    def _warned(self, trial: int) -> str | None:
        texts = [text for fold in range(self.n_folds) for text in self.warnings.get((trial, fold), ())]
        return "; ".join(dict.fromkeys(texts)) or None

    def _summary(self, best: int, trials: pd.DataFrame) -> dict[str, Any]:
        counts = trials["status"].value_counts()
        ranked = trials[trials["status"] == "complete"].sort_values(["rank", "trial"])
        return {
            "scoring": self.scoring,
            "n_trials": len(self.candidates),
            "n_fits": self.ended,
            **{f"n_{status}": int(counts.get(status, 0)) for status in ("complete", "dropped", "failed", "unfinished")},
            "best_trial": best,
            "best_score": float(self.scores[best].mean()),
            "n_within_error": within_error(ranked["behind"].tolist()),
            "params": plain(self.candidates[best]),
            "best_trials": [self._line(int(trial)) for trial in ranked["trial"].head(SHOWN)],
        }

    def _line(self, trial: int) -> dict[str, Any]:
        behind = self._behind(trial)
        return {
            "trial": trial,
            "score": float(self.scores[trial].mean()),
            "behind": behind if np.isfinite(behind) else None,
            "params": plain(self.candidates[trial]),
        }


def within_error(behind: Sequence[float]) -> int:
    """How many trials, from the best one down, lie within one standard error of it; itself included."""
    count = 0
    for margin in behind:
        if margin > 1:
            break
        count += 1
    return count
