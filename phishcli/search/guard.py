"""Breaking off a fit that is under way, because the model that grows has shown that it will not win.

While it grows, a model is asked for its predictions of the held-out rows at certain shares of its rounds (`SHARES`), and
set beside the best trial known when it began (its rival), on the rows of this fold and of the
folds before. It is broken off

- if it overfits: rounds add up, its score on this fold fell over each of the last two doublings of the rounds, and the
  rival is ahead by `FALLING` standard errors;
- if it averages rounds, which does not overfit: if the rival is ahead by `AVERAGING` standard errors after it has been
  given in advance what it would gain if each doubling still to come brought as much as the last.

Standard errors are divided by sqrt(1 - t), as in `phishcli.search.race`. The rule is our own; its two numbers were set
on recorded searches, and ``benchmarks/search`` measures how often the race drops the winner with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log2, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.evaluation.metrics import score
from phishcli.search.paired import Replicates, lead, replicates, sign

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.config.schema import MetricName

FALLING = 1.0
AVERAGING = 3.0
SHARES = (1 / 32, 3 / 64, 1 / 16, 3 / 32, 1 / 8, 3 / 16, 1 / 4, 3 / 8, 1 / 2, 3 / 4)
FIRST_JUDGED = 1 / 8
"""The share of the rounds from which on a fit may be broken off."""
LEAST_REMAINING = 0.05
"""Stands for 1 - t on the last fold."""


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
    """

    metric: MetricName
    rival: tuple[Replicates, ...]
    earlier: tuple[Replicates, ...]
    n_folds: int

    def digest(self) -> str:
        """A hash of all that the verdict depends on, beside the fit itself."""
        told = hashlib.sha256(f"{self.metric} {self.n_folds} {FALLING} {AVERAGING} {SHARES} {FIRST_JUDGED}".encode())
        for part in (*self.rival, *self.earlier):
            told.update(np.ascontiguousarray(part).tobytes())
        return told.hexdigest()


def marks(rounds: int) -> dict[int, float]:
    """The numbers of rounds after which a fit is judged, ascending, each with its share; none for very short fits."""
    found = {ceil(rounds * share): share for share in SHARES}
    return found if len(found) == len(SHARES) else {}


class Judge:
    """Asked at each mark whether the fit goes on; ``stopped`` is the number of rounds it was broken off at."""

    def __init__(
        self, guard: Guard, shares: dict[int, float], x: NDArray[Any], y: NDArray[np.int8], *, averages: bool
    ) -> None:
        self.guard, self.averages, self.x, self.y = guard, averages, x, y
        self.marks = tuple(shares)
        self._marks = iter(shares.items())
        self._scores: dict[float, float] = {}
        self.stopped: int | None = None

    def __call__(self, predict: Callable[[Any], Any]) -> bool:
        """Whether to go on."""
        mark, share = next(self._marks)
        probability = np.asarray(predict(self.x))
        self._scores[share] = sign(self.guard.metric) * score(self.guard.metric, self.y, probability)
        if share >= FIRST_JUDGED and self._is_hopeless(share, probability):
            self.stopped = mark
        return self.stopped is None

    def _is_hopeless(self, share: float, probability: NDArray[Any]) -> bool:
        now, before, earliest = (self._scores.get(share / part) for part in (1, 2, 4))
        if now is None or before is None or earliest is None:
            return False
        if not self.averages and not now < before < earliest:
            return False
        own = (*self.guard.earlier, replicates(self.guard.metric, self.y, probability))
        remaining = max(1 - len(own) / self.guard.n_folds, LEAST_REMAINING)
        behind = lead(self.guard.metric, self.guard.rival, own) / sqrt(remaining)
        if not self.averages:
            return behind > FALLING
        gap = self._gap(own)
        allowance = max(now - before, 0) * log2(1 / share) / len(own)
        return gap > 0 and behind * (1 - allowance / gap) > AVERAGING

    def _gap(self, own: tuple[Replicates, ...]) -> float:
        """How far the rival is ahead, as a mean over the folds."""
        pairs = zip(self.guard.rival, own, strict=True)
        if self.guard.metric == "accuracy":
            return float(np.mean([theirs.mean() - mine.mean() for theirs, mine in pairs]))
        return sign(self.guard.metric) * float(np.mean([theirs[0] - mine[0] for theirs, mine in pairs]))
