"""Pruning of fits that grow in rounds: a model that has shown that it will not win is stopped before its last round.

At certain shares of its rounds a growing model predicts the held-out rows, and is compared with the best trial that was
known when it began (its rival), on the rows of this fold and of earlier folds. It is stopped

- if it overfits: rounds add up, its Brier score on this fold became worse over the last doubling of the rounds, its
  score fell over each of the last two, and the rival is ahead by `FALLING` standard errors (divided by sqrt(1 - t), as
  in `phishcli.search.race`); the score alone moves up and down by a few rows in the early rounds of a good model;
- where the accuracy decides and the rival is ahead, if its Brier score became worse over each of the last two
  doublings, and is worse than the rival's by `CLEARLY` standard errors;
- if rounds are averaged, as in a forest, more of them never overfit, and the Brier score after n rounds is that of
  infinitely many plus a share of 1 / n: all doublings to come together gain less than the last one did. If the rival's
  Brier score is better by `CLEARLY` standard errors even with that gain granted in advance, where the accuracy decides
  and the rival is ahead, the fit is stopped, too.

The rule is our own; its numbers were set on recorded searches. What it saves is in decision 21, and
``benchmarks/search`` measures how often the race misses the winner with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from phishcli.evaluation.metrics import score
from phishcli.search.paired import Replicates, brier_lead, lead, replicates, sign, squared_errors

if TYPE_CHECKING:
    from phishcli.config.schema import MetricName
    from phishcli.search.study import Study

FALLING = 1.0
CLEARLY = 3.0
DOUBLINGS = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Shares of the rounds at which a model that averages them is observed; from the second on it may be stopped."""
SHARES = (1 / 32, 3 / 64, 1 / 16, 3 / 32, 1 / 8, 3 / 16, 1 / 4, 3 / 8, 1 / 2, 3 / 4)
"""Shares of the rounds at which a model that adds them up is observed."""
FIRST_STOP = 1 / 8
"""The share of the rounds from which on a fit may be stopped."""
LEAST_REMAINING = 0.05
"""Stands for 1 - t on the last fold."""
RULE = 1
"""Bumped when the rule changes: decisions by another rule are not reused."""

Errors = tuple[NDArray[np.float32], ...]


def checkpoints(rounds: int, *, averages: bool = False) -> dict[int, float]:
    """Give the numbers of rounds after which a fit is observed, ascending, each with its share; none for short fits."""
    shares = DOUBLINGS if averages else SHARES
    found = {ceil(rounds * share): share for share in shares}
    return found if len(found) == len(shares) else {}


@dataclass(frozen=True)
class GrowthPruner:
    """Compares a fit on a fold with the best trial known, while it grows.

    Parameters
    ----------
    metric
        The metric of the search.
    rival
        Replicates (see `paired.replicates`) of the best trial known, on the folds up to this one.
    earlier
        Replicates of this trial on the folds before this one.
    n_folds
        The number of folds in all.
    rival_errors, earlier_errors
        The `paired.squared_errors` of both, where the accuracy decides.
    """

    metric: MetricName
    rival: tuple[Replicates, ...]
    earlier: tuple[Replicates, ...]
    n_folds: int
    rival_errors: Errors = ()
    earlier_errors: Errors = ()

    @classmethod
    def of(cls, study: Study, rival: int, trial: int, fold: int) -> GrowthPruner:
        """Compare a trial of a study with another one."""
        both = study.replicates(rival, fold + 1), study.replicates(trial, fold)
        if study.scoring != "accuracy":
            return cls(study.scoring, *both, study.n_folds)
        errors = study.squared_errors(rival, fold + 1), study.squared_errors(trial, fold)
        return cls(study.scoring, *both, study.n_folds, *errors)

    def digest(self) -> str:
        """Hash all that its decisions depend on besides the fit itself."""
        numbers = (FALLING, CLEARLY, SHARES, DOUBLINGS, FIRST_STOP, LEAST_REMAINING)
        hashed = hashlib.sha256(f"{RULE} {self.metric} {self.n_folds} {numbers}".encode())
        for part in (*self.rival, *self.earlier, *self.rival_errors, *self.earlier_errors):
            hashed.update(np.ascontiguousarray(part).tobytes())
        return hashed.hexdigest()

    def observe(self, rounds: int, x: NDArray[Any], y: NDArray[Any], *, averages: bool) -> GrowthObservation | None:
        """Begin to observe a fit by its held-out rows; None if it has too few rounds."""
        shares = checkpoints(rounds, averages=averages)
        return GrowthObservation(self, shares, x, y, averages=averages) if shares else None


class GrowthObservation:
    """The states of one fit so far; asked at each checkpoint whether the fit goes on."""

    def __init__(
        self, pruner: GrowthPruner, shares: dict[int, float], x: NDArray[Any], y: NDArray[np.int8], *, averages: bool
    ) -> None:
        self.pruner, self.averages, self.x, self.y = pruner, averages, x, y
        self.checkpoints = tuple(shares)
        self.stopped = 0
        self._remaining = iter(shares.items())
        self._scores: dict[float, float] = {}
        self._brier: dict[float, float] = {}

    def __call__(self, predict: Callable[[Any], Any]) -> bool:
        """Decide whether to go on; ``predict`` maps x to the probabilities after the present number of rounds."""
        rounds, share = next(self._remaining)
        probability = np.asarray(predict(self.x))
        errors = squared_errors(self.y, probability)
        self._scores[share] = sign(self.pruner.metric) * score(self.pruner.metric, self.y, probability)
        self._brier[share] = float(errors.mean(dtype=np.float64))
        if share >= FIRST_STOP and self._is_hopeless(share, probability, errors):
            self.stopped = rounds
        return not self.stopped

    def _is_hopeless(self, share: float, probability: NDArray[Any], errors: NDArray[np.float32]) -> bool:
        own = (*self.pruner.earlier, replicates(self.pruner.metric, self.y, probability))
        behind = lead(self.pruner.metric, self.pruner.rival, own)
        if behind <= 0:
            return False
        if self.averages:
            return self._is_clear(errors, granted=self._brier.get(share / 2, np.inf) - self._brier[share])
        remaining = max(1 - len(own) / self.pruner.n_folds, LEAST_REMAINING)
        sharpness = {part: -brier for part, brier in self._brier.items()}
        if not _fell(sharpness, share, doublings=1):
            return False
        if _fell(self._scores, share, doublings=2) and behind / sqrt(remaining) > FALLING:
            return True
        return _fell(sharpness, share, doublings=2) and self._is_clear(errors)

    def _is_clear(self, errors: NDArray[np.float32], granted: float = 0.0) -> bool:
        """Whether the Brier score of the rival is clearly better, with a gain on this fold granted in advance."""
        if not self.pruner.rival_errors:
            return False
        own = (*self.pruner.earlier_errors, errors - np.float32(max(granted, 0.0)))
        return brier_lead(self.pruner.rival_errors, own) > CLEARLY


def _fell(scores: dict[float, float], share: float, *, doublings: int) -> bool:
    """Whether a score fell over each of the last doublings."""
    last = [scores.get(share / 2**back) for back in range(doublings + 1)]
    return all(now is not None and before is not None and now < before for now, before in pairwise(last))
