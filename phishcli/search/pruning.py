"""Pruning of fits that grow in rounds: one that will not win is stopped before its last round.

At certain shares of its rounds a growing model predicts the held-out rows, and is compared with the best trial that was
known when it began (its rival), on the rows of this fold and of earlier folds. It is stopped if the rival is ahead by
the accuracy, its own Brier score is worse by `CLEARLY` standard errors, and more rounds will not help:

- if rounds add up, as in boosting, its Brier score on this fold became worse over the last doubling of the rounds: it
  overfits;
- if rounds are averaged, as in a forest, more of them never overfit, and the Brier score after n rounds is that of
  infinitely many plus a share of 1 / n, so that all further doublings together gain less than the last one did. That
  gain is granted in advance before the Brier scores are compared.

The rule is our own; decision 21 has what it saves, and ``benchmarks/search`` measures how often the race misses the
winner with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from phishcli.search.paired import brier_lead, lead, replicates, squared_errors

if TYPE_CHECKING:
    from phishcli.search.study import Study

CLEARLY = 3.0
DOUBLINGS = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Shares of the rounds at which a model that averages them is observed."""
SHARES = (1 / 16, 3 / 32, 1 / 8, 3 / 16, 1 / 4, 3 / 8, 1 / 2, 3 / 4)
"""Shares of the rounds at which a model that adds them up is observed."""
RULE = 2
"""Bumped when the rule changes: decisions by another rule are not reused."""


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
    rival, rival_errors
        Of the best trial known, for each fold up to this one: which rows it classifies correctly, and its
        `paired.squared_errors`.
    earlier, earlier_errors
        The same of this trial, for each fold before this one.
    """

    rival: tuple[NDArray[np.bool_], ...]
    rival_errors: tuple[NDArray[np.float32], ...]
    earlier: tuple[NDArray[np.bool_], ...] = ()
    earlier_errors: tuple[NDArray[np.float32], ...] = ()

    @classmethod
    def of(cls, study: Study, rival: int, trial: int, fold: int) -> GrowthPruner:
        """Compare a trial of a study with another one."""
        return cls(
            study.replicates(rival, fold + 1),
            study.squared_errors(rival, fold + 1),
            study.replicates(trial, fold),
            study.squared_errors(trial, fold),
        )

    def digest(self) -> str:
        """Hash all that its decisions depend on besides the fit itself."""
        hashed = hashlib.sha256(f"{RULE} {CLEARLY} {SHARES} {DOUBLINGS} {len(self.rival)}".encode())
        for part in (*self.rival, *self.rival_errors, *self.earlier, *self.earlier_errors):
            hashed.update(np.ascontiguousarray(part).tobytes())
        return hashed.hexdigest()

    def observe(self, rounds: int, x: NDArray[Any], y: NDArray[Any], *, averages: bool) -> GrowthObservation | None:
        """Begin to observe a fit by its held-out rows; None if it has too few rounds."""
        shares = checkpoints(rounds, averages=averages)
        return GrowthObservation(self, shares, x, y, averages=averages) if shares else None

    def is_behind(self, correct: NDArray[Any], errors: NDArray[np.float32]) -> bool:
        """Whether a fit with these predictions is behind the rival, and clearly so by the Brier score."""
        if lead("accuracy", self.rival, (*self.earlier, correct)) <= 0:
            return False
        return brier_lead(self.rival_errors, (*self.earlier_errors, errors)) > CLEARLY


class GrowthObservation:
    """The Brier scores of one fit so far; asked at each checkpoint whether the fit goes on."""

    def __init__(
        self, pruner: GrowthPruner, shares: dict[int, float], x: NDArray[Any], y: NDArray[np.int8], *, averages: bool
    ) -> None:
        self.pruner, self.averages, self.x, self.y = pruner, averages, x, y
        self.checkpoints = tuple(shares)
        self.stopped = 0
        self._remaining = iter(shares.items())
        self._brier: dict[float, float] = {}

    def __call__(self, predict: Callable[[Any], Any]) -> bool:
        """Decide whether to go on; ``predict`` maps x to the probabilities after the present number of rounds."""
        rounds, share = next(self._remaining)
        probability = np.asarray(predict(self.x))
        errors = squared_errors(self.y, probability)
        self._brier[share] = float(errors.mean(dtype=np.float64))
        if share / 2 in self._brier and self._is_hopeless(share, probability, errors):
            self.stopped = rounds
        return not self.stopped

    def _is_hopeless(self, share: float, probability: NDArray[Any], errors: NDArray[np.float32]) -> bool:
        gain = self._brier[share / 2] - self._brier[share]
        if not self.averages and gain >= 0:
            return False
        correct = replicates("accuracy", self.y, probability)
        return self.pruner.is_behind(correct, errors - np.float32(max(gain, 0.0)))
