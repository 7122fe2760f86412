"""Breaking off a fit that is under way, because the model that grows has shown that it will not win.

While it grows, a model is asked for its predictions of the held-out rows at certain shares of its rounds (`SHARES`),
and set beside the best trial known when it began (its rival), on the rows of this fold and of the folds before. It is
broken off

- if it overfits: rounds add up, its Brier score on this fold became worse over the last doubling of the rounds, its
  score fell over each of the last two, and the rival is ahead by `FALLING` standard errors (divided by sqrt(1 - t), as
  in `phishcli.search.race`); the score alone moves up and down by a few rows in the early rounds of a good model;
- where the accuracy decides and the rival is ahead, if its Brier score became worse over each of the last two
  doublings, and is worse than the rival's by `CLEARLY` standard errors;
- if rounds are averaged, as in a forest, more of them never overfit, and the Brier score after n is that of infinitely
  many plus a share of 1 / n: all doublings still to come together gain less than the last one did. If the rival's is
  better by `CLEARLY` standard errors after that gain has been granted in advance, the accuracy deciding and the rival
  ahead, the fit is broken off, too.

The rule is our own; its numbers were set on recorded searches, and ``benchmarks/search`` measures how often the race
drops the winner with it.
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
from phishcli.search.paired import Replicates, lead, replicates, sharper, sign, squared_errors

if TYPE_CHECKING:
    from phishcli.config.schema import MetricName

FALLING = 1.0
CLEARLY = 3.0
DOUBLINGS = (1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""Shares of the rounds at which a model that averages them is judged, from the second on."""
SHARES = (1 / 32, 3 / 64, 1 / 16, 3 / 32, 1 / 8, 3 / 16, 1 / 4, 3 / 8, 1 / 2, 3 / 4)
FIRST_JUDGED = 1 / 8
"""The share of the rounds from which on a fit may be broken off."""
LEAST_REMAINING = 0.05
"""Stands for 1 - t on the last fold."""
RULE = 1
"""Bumped when the rule changes: verdicts of another one do not count."""

Errors = tuple[NDArray[np.float32], ...]


@dataclass(frozen=True)
class Guard:
    """What a fit on a fold is held against.

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

    def digest(self) -> str:
        """A hash of all that the verdict depends on, beside the fit itself."""
        numbers = (FALLING, CLEARLY, SHARES, DOUBLINGS, FIRST_JUDGED, LEAST_REMAINING)
        told = hashlib.sha256(f"{RULE} {self.metric} {self.n_folds} {numbers}".encode())
        for part in (*self.rival, *self.earlier, *self.rival_errors, *self.earlier_errors):
            told.update(np.ascontiguousarray(part).tobytes())
        return told.hexdigest()


def marks(rounds: int, *, averages: bool = False) -> dict[int, float]:
    """The numbers of rounds after which a fit is judged, ascending, each with its share; none for very short fits."""
    shares = DOUBLINGS if averages else SHARES
    found = {ceil(rounds * share): share for share in shares}
    return found if len(found) == len(shares) else {}


class Judge:
    """Asked at each mark whether the fit goes on; ``stopped`` is the number of rounds it was broken off at."""

    def __init__(
        self, guard: Guard, shares: dict[int, float], x: NDArray[Any], y: NDArray[np.int8], *, averages: bool
    ) -> None:
        self.guard, self.averages, self.x, self.y = guard, averages, x, y
        self.marks = tuple(shares)
        self._marks = iter(shares.items())
        self._scores: dict[float, float] = {}
        self._brier: dict[float, float] = {}
        self.stopped: int | None = None

    def __call__(self, predict: Callable[[Any], Any]) -> bool:
        """Whether to go on."""
        mark, share = next(self._marks)
        probability = np.asarray(predict(self.x))
        errors = squared_errors(self.y, probability)
        self._scores[share] = sign(self.guard.metric) * score(self.guard.metric, self.y, probability)
        self._brier[share] = float(errors.mean(dtype=np.float64))
        if share >= FIRST_JUDGED and self._is_hopeless(share, probability, errors):
            self.stopped = mark
        return self.stopped is None

    def _is_hopeless(self, share: float, probability: NDArray[Any], errors: NDArray[np.float32]) -> bool:
        own = (*self.guard.earlier, replicates(self.guard.metric, self.y, probability))
        behind = lead(self.guard.metric, self.guard.rival, own)
        if behind <= 0:
            return False
        if self.averages:
            return self._is_clear(errors, granted=self._brier.get(share / 2, np.inf) - self._brier[share])
        remaining = max(1 - len(own) / self.guard.n_folds, LEAST_REMAINING)
        sharpness = {part: -brier for part, brier in self._brier.items()}
        if not _fell(sharpness, share, doublings=1):
            return False
        if _fell(self._scores, share, doublings=2) and behind / sqrt(remaining) > FALLING:
            return True
        return _fell(sharpness, share, doublings=2) and self._is_clear(errors)

    def _is_clear(self, errors: NDArray[np.float32], granted: float = 0.0) -> bool:
        """Whether the Brier score of the rival is clearly better, with a gain on this fold granted in advance."""
        if not self.guard.rival_errors:
            return False
        own = (*self.guard.earlier_errors, errors - np.float32(max(granted, 0.0)))
        return sharper(self.guard.rival_errors, own) > CLEARLY


def _fell(scores: dict[float, float], share: float, *, doublings: int) -> bool:
    """Whether a score fell over each of the last doublings."""
    last = [scores.get(share / 2**back) for back in range(doublings + 1)]
    return all(now is not None and before is not None and now < before for now, before in pairwise(last))
