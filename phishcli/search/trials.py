"""The ledger of a search: the score of every trial on every fold, and what came out of it in the end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from phishcli.errors import TrainError
from phishcli.evaluation.metrics import METRICS, score
from phishcli.models.spec import first_line, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phishcli.config.schema import MetricName
    from phishcli.search.fits import FoldFit, Outcome
    from phishcli.types import TrainingData

Params = dict[str, Any]


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
        One row per candidate: ``trial``, ``params`` (JSON text), ``fold_0`` ..., ``mean``, ``std`` (divided by the
        number of folds), ``rank`` (1 is best), ``fit_seconds``, ``error``, ``warnings``.
    summary
        For ``training.json``.
    """

    params: Params
    fits: tuple[FoldFit, ...]
    warnings: tuple[tuple[str, ...], ...]
    seconds: float
    trials: pd.DataFrame
    summary: dict[str, Any]


class Ledger:
    """The scores of all candidates, by candidate and fold.

    Probabilities are kept only of candidates that are not finished and of the best one that is.
    """

    def __init__(self, candidates: list[Params], data: TrainingData, scoring: MetricName) -> None:
        self.candidates, self.data, self.scoring = candidates, data, scoring
        self.sign = 1 if next(metric for metric in METRICS if metric.name == scoring).higher_is_better else -1
        shape = (len(candidates), data.n_folds)
        self.scores, self.seconds, self.ended = np.full(shape, np.nan), np.zeros(shape), np.zeros(shape, dtype=bool)
        self.errors: dict[tuple[int, int], str] = {}
        self.warnings: dict[tuple[int, int], tuple[str, ...]] = {}
        self.fits: dict[int, dict[int, FoldFit]] = {index: {} for index in range(len(candidates))}
        self.best: int | None = None

    @property
    def n_done(self) -> int:
        """The number of fits that have ended, well or badly."""
        return int(self.ended.sum())

    @property
    def merit(self) -> Any:
        """Mean score per candidate, turned so that more is better; NaN for failed and unfinished ones."""
        return self.sign * self.scores.mean(axis=1)

    def add(self, index: int, number: int, outcome: Outcome[FoldFit]) -> None:
        """Enter what became of one candidate on one fold."""
        self.ended[index, number] = True
        self.warnings[index, number] = outcome.warnings
        if outcome.value is None:
            self.errors[index, number] = first_line(outcome.error or Exception())
        else:
            self.fits[index][number] = outcome.value
            self.seconds[index, number] = outcome.value.seconds
            self.scores[index, number] = score(self.scoring, self.data.fold(number).y_valid, outcome.value.probability)
        if self.ended[index].all():
            self._settle(index)

    def _settle(self, index: int) -> None:
        """Keep the fits of the better of this finished candidate and the best before; the earlier one of equals."""
        merit = self.merit
        better = not np.isnan(merit[index]) and (
            self.best is None or (merit[index], -index) > (merit[self.best], -self.best)
        )
        loser = self.best if better else index
        self.best = index if better else self.best
        if loser is not None:
            del self.fits[loser]

    def found(self, model: str) -> Found:
        """Name the winner, once every fit has ended."""
        if self.best is None:
            raise TrainError(
                f"All {len(self.candidates)} trials of {model} failed; the first: {self.errors[min(self.errors)]}",
                where=f"train.tune.spaces.{model}",
                hint="Narrow the space to values that the model accepts",
            )
        folds = range(self.data.n_folds)
        return Found(
            params=self.candidates[self.best],
            fits=tuple(self.fits[self.best][number] for number in folds),
            warnings=tuple(self.warnings[self.best, number] for number in folds),
            seconds=float(self.seconds.sum()),
            trials=self._trials(),
            summary=self._summary(self.best),
        )

    def _trials(self) -> pd.DataFrame:
        merit = self.merit
        worst = np.nanmin(merit) - 1
        return pd.DataFrame(
            {
                "trial": range(len(self.candidates)),
                "params": [json.dumps(plain(params), sort_keys=True) for params in self.candidates],
                **{f"fold_{number}": self.scores[:, number] for number in range(self.data.n_folds)},
                "mean": self.scores.mean(axis=1),
                "std": self.scores.std(axis=1),
                "rank": rankdata(-np.where(np.isnan(merit), worst, merit), method="min").astype(np.int32),
                "fit_seconds": self.seconds.sum(axis=1),
                "error": pd.Series(
                    [self._first(self.errors, index) for index in range(len(self.candidates))], dtype="str"
                ),
                "warnings": pd.Series([self._warned(index) for index in range(len(self.candidates))], dtype="str"),
            }
        )

    def _first(self, texts: Mapping[tuple[int, int], str], index: int) -> str | None:
        return next((texts[index, number] for number in range(self.data.n_folds) if (index, number) in texts), None)

    def _warned(self, index: int) -> str | None:
        texts = [text for number in range(self.data.n_folds) for text in self.warnings[index, number]]
        return "; ".join(dict.fromkeys(texts)) or None

    def _summary(self, best: int) -> dict[str, Any]:
        return {
            "scoring": self.scoring,
            "n_trials": len(self.candidates),
            "n_fits": self.n_done,
            "n_failed": int(np.isnan(self.merit).sum()),
            "best_trial": best,
            "best_score": float(self.scores[best].mean()),
            "params": plain(self.candidates[best]),
        }
