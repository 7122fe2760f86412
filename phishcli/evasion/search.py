"""The cheapest change that flips a verdict: all changes of one column, then a beam of changes of several.

All values of the grid are tried alone, so that of changes of one column the cheapest on the grid is found. From there
each row keeps a number of unfinished changes, those that lower the probability most and those that lower it most for
their price, and adds a further column to each, with a few promising values. What was found is made cheaper at the end,
one column after the other. A cheaper change may exist: what the search leaves is an upper bound of what an attacker
leaves. Everything is tried in the same order each time, and nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from phishcli.evasion.levers import NO_CHANGE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.evasion.levers import Lever

    Floats = NDArray[np.float64]
    Choices = NDArray[np.int16]

Judge = Callable[["NDArray[np.float32]"], "Floats"]
"""From a matrix of n rows to their probabilities."""
WIDTH = 12
"""Unfinished changes that a row keeps."""
DEPTH = 5
"""Columns that are changed together, beyond which greedy steps follow."""
PROMISING = 5
"""Values of a column that are tried together with changes of others."""
BLOCK = 65_536


@dataclass(frozen=True)
class States:
    """m changes: the row of each, the value chosen in each lever (-1: none), its price and the probability."""

    rows: NDArray[np.intp]
    choices: Choices
    costs: Floats
    probabilities: Floats

    def some(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> States:
        """A part of them."""
        return States(self.rows[which], self.choices[which], self.costs[which], self.probabilities[which])

    @classmethod
    def together(cls, parts: Sequence[States]) -> States:
        """Several in a row."""
        lists = zip(*((each.rows, each.choices, each.costs, each.probabilities) for each in parts), strict=True)
        return cls(*(np.concatenate(each) for each in lists))


@dataclass
class Search:
    """Attacks n caught rows of a matrix.

    Parameters
    ----------
    matrix
        The rows as the model sees them, shape (n, k).
    levers
        What can be changed.
    judge
        Gives probabilities.
    threshold
        A row whose probability is below it has escaped.
    """

    matrix: NDArray[np.float32]
    levers: Sequence[Lever]
    judge: Judge
    threshold: float
    asked: int = 0
    best: States = field(init=False)

    def run(self) -> States:
        """Give the cheapest change found for each row, in their order; its price is infinite where there is none."""
        n = len(self.matrix)
        nothing = np.full((n, len(self.levers)), NO_CHANGE, dtype=np.int16)
        self.best = States(np.arange(n), nothing, np.full(n, np.inf), np.ones(n))
        if not n or not self.levers:
            return self.best
        start = self._judged(np.arange(n), nothing, np.zeros(n))
        alone = self._with_one_more(start, [np.arange(len(each.options)) for each in self.levers])
        self._note(alone)
        promising = self._promising(alone, start.probabilities)
        beam = self._kept(alone, start.probabilities)
        for _ in range(1, min(DEPTH, len(self.levers))):
            further = self._with_one_more(beam, promising)
            if not len(further.rows):
                break
            self._note(further)
            beam = self._kept(further, start.probabilities)
        self._climb(beam)
        self._cheapen()
        return self.best

    def _judged(self, rows: NDArray[np.intp], choices: Choices, costs: Floats) -> States:
        found = np.empty(len(rows))
        for begin in range(0, len(rows), BLOCK):
            part = slice(begin, begin + BLOCK)
            found[part] = self.judge(self._changed(rows[part], choices[part]))
        self.asked += len(rows)
        return States(rows, choices, costs, found)

    def _changed(self, rows: NDArray[np.intp], choices: Choices) -> NDArray[np.float32]:
        made = self.matrix[rows]
        for place, lever in enumerate(self.levers):
            which = np.flatnonzero(choices[:, place] != NO_CHANGE)
            made[which[:, None], lever.places] = lever.encoded[choices[which, place]]
        return made

    def _with_one_more(self, states: States, values: Sequence[NDArray[np.intp]]) -> States:
        """Each change with one more column changed; those that cost no less than what was found are left out."""
        parts = list(self._grown(states, values))
        rows, choices, costs = (np.concatenate(each) for each in zip(*parts, strict=True))
        fresh = _first_of_each(rows, choices)
        return self._judged(rows[fresh], choices[fresh], costs[fresh])

    def _grown(
        self, states: States, values: Sequence[NDArray[np.intp]]
    ) -> Iterator[tuple[NDArray[np.intp], Choices, Floats]]:
        for place, lever in enumerate(self.levers):
            free = np.flatnonzero(states.choices[:, place] == NO_CHANGE)
            asked = values[place] if values[place].ndim == 1 else values[place][states.rows[free]]
            asked = np.broadcast_to(asked, (len(free), np.shape(asked)[-1]))
            costs = states.costs[free][:, None] + lever.costs[states.rows[free][:, None], asked]
            state, column = np.nonzero(costs < self.best.costs[states.rows[free]][:, None])
            choices = states.choices[free[state]].copy()
            choices[:, place] = asked[state, column]
            yield states.rows[free[state]], choices, costs[state, column]

    def _note(self, states: States) -> None:
        """Remember the cheapest changes that flip the verdict."""
        flipped = states.some(states.probabilities < self.threshold)
        order = np.lexsort((flipped.probabilities, flipped.costs, flipped.rows))
        rows, first = np.unique(flipped.rows[order], return_index=True)
        chosen = order[first]
        better = flipped.costs[chosen] < self.best.costs[rows]
        rows, chosen = rows[better], chosen[better]
        self.best.choices[rows], self.best.costs[rows] = flipped.choices[chosen], flipped.costs[chosen]
        self.best.probabilities[rows] = flipped.probabilities[chosen]

    def _promising(self, alone: States, start: Floats) -> list[NDArray[np.intp]]:
        """For each lever and row: the values that lower the probability most, and most for their price."""
        found = []
        for place, lever in enumerate(self.levers):
            of_lever = alone.some(alone.choices[:, place] != NO_CHANGE)
            table = np.full((len(self.matrix), len(lever.options)), np.inf)
            table[of_lever.rows, of_lever.choices[:, place]] = of_lever.probabilities - start[of_lever.rows]
            with np.errstate(invalid="ignore", divide="ignore"):
                for_price = np.where(np.isfinite(table), table / np.maximum(lever.costs, 1e-9), np.inf)
            most, half = min(PROMISING, len(lever.options)), PROMISING // 2
            best = np.argsort(table, axis=1, kind="stable")[:, : most - min(half, most - 1)]
            cheap = np.argsort(for_price, axis=1, kind="stable")[:, : min(half, most)]
            found.append(np.concatenate([best, cheap], axis=1))
        return found

    def _kept(self, states: States, start: Floats) -> States:
        """The unfinished changes of each row that are worth going on with."""
        open_ = states.some((states.probabilities >= self.threshold) & (states.costs < self.best.costs[states.rows]))
        gained = open_.probabilities - start[open_.rows]
        by_price = gained / np.maximum(open_.costs, 1e-9)
        chosen = np.zeros(len(open_.rows), dtype=bool)
        for order in (open_.probabilities, by_price):
            chosen |= _ranks(open_.rows, order) < WIDTH // 2
        return open_.some(chosen)

    def _climb(self, beam: States) -> None:
        """Rows that have not escaped yet change further columns greedily, whatever that costs."""
        values = [np.arange(len(each.options)) for each in self.levers]
        for _ in range(DEPTH, len(self.levers)):
            lowest = beam.some(_ranks(beam.rows, beam.probabilities) == 0)
            lowest = lowest.some(~np.isfinite(self.best.costs[lowest.rows]))
            if not len(lowest.rows):
                return
            beam = self._with_one_more(lowest, values)
            self._note(beam)

    def _cheapen(self) -> None:
        """Put cheaper values, or none, in the place of each value of what was found, as long as the verdict flips."""
        for _ in range(2):
            for place, lever in enumerate(self.levers):
                rows = np.flatnonzero(np.isfinite(self.best.costs) & (self.best.choices[:, place] != NO_CHANGE))
                paid = lever.costs[rows, self.best.choices[rows, place]]
                prices = np.concatenate([lever.costs[rows], np.zeros((len(rows), 1))], axis=1)
                row, value = np.nonzero(prices < paid[:, None])
                choices = self.best.choices[rows[row]].copy()
                choices[:, place] = np.where(value < len(lever.options), value, NO_CHANGE)
                costs = self.best.costs[rows[row]] - paid[row] + prices[row, value]
                self._note(self._judged(rows[row], choices, costs))


def _ranks(rows: NDArray[np.intp], values: Floats) -> NDArray[np.intp]:
    """The place of each value among those of the same row, from the lowest one on."""
    order = np.lexsort((np.arange(len(rows)), values, rows))
    starts = np.searchsorted(rows[order], rows[order])
    ranks = np.empty(len(rows), dtype=np.intp)
    ranks[order] = np.arange(len(rows)) - starts
    return ranks


def _first_of_each(rows: NDArray[np.intp], choices: Choices) -> NDArray[np.intp]:
    """The places of different changes: the same one is reached in several orders."""
    table = np.column_stack([rows.astype(np.int32), choices.astype(np.int32)])
    packed = np.ascontiguousarray(table).view(np.dtype((np.void, table.dtype.itemsize * table.shape[1]))).ravel()
    return np.sort(np.unique(packed, return_index=True)[1])
