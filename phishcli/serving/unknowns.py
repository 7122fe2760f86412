"""How much the columns without a value could change the probability and the verdict of a row.

Each unknown column is given the values that training rows usually have (quantiles, the most frequent categories):
alone, then all of them together, in all combinations where these are few, else by climbing: one column after the other
takes the value that leads furthest. That is a search and no proof: values between or beyond them may lead further.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.serving.rows import read_rows
from phishcli.serving.verdicts import DECISIONS
from phishcli.wording import bounded, listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.serving.bundle import Bundle

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
CATEGORIES = 8
COMBINATIONS = 4_096
"""Rows that are judged at most where all combinations are tried."""
SWEEPS = 3
"""How often climbing goes through all columns."""


@dataclass(frozen=True)
class Reach:
    """What values of unknown columns could do to a row.

    ``by_column`` has the lowest and the highest probability that each unknown column alone leads to, widest first;
    ``low`` and ``high`` are those of the ``tried`` rows, the given one among them, and ``verdicts`` all that they got.
    ``together`` says whether all combinations were tried; of ``untried`` columns no usual values are known.
    """

    by_column: Mapping[str, tuple[float, float]]
    low: float
    high: float
    verdicts: tuple[str, ...]
    tried: int
    together: bool
    untried: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """As values of JSON."""
        return {
            "low": self.low,
            "high": self.high,
            "verdicts": list(self.verdicts),
            "tried": self.tried,
            "all_combinations": self.together,
            "by_column": {name: {"low": low, "high": high} for name, (low, high) in self.by_column.items()},
            "untried": list(self.untried),
        }

    def notes(self, most: int) -> Iterator[str]:
        """The same in words, with the widest columns alone."""
        if self.by_column:
            how = "all combinations" if self.together else "hill climbing, not all combinations"
            verdicts = listed([each for each in DECISIONS if each in self.verdicts], "or")
            reached = f"probability {self.low:.4f} to {self.high:.4f}, verdict {verdicts}"
            yield f"with usual values in them ({self.tried:,} rows, {how}; a search, not a proof): {reached}"
        for name, (low, high) in list(self.by_column.items())[:most]:
            yield f"{name} alone: {low:.4f} to {high:.4f}"
        if self.untried:
            yield f"not tried, since no usual values are known: {bounded(self.untried)}"


def reach_of(bundle: Bundle, row: Mapping[str, Any], unknown: Sequence[str]) -> Reach:
    """Try usual values in the unknown columns of a row.

    Parameters
    ----------
    bundle
        An open release; without a profile nothing can be tried.
    row
        A raw row that it takes.
    unknown
        Those of its columns that are not known.
    """
    values = {name: found for name in unknown if (found := usual_values(bundle, name))}
    search = _Search(bundle, row)
    alone = {name: search.ends([{name: value} for value in found]) for name, found in values.items()}
    together = prod(len(found) + 1 for found in values.values()) <= COMBINATIONS
    if together:
        options = [[{}, *({name: value} for value in found)] for name, found in values.items()]
        search.ends([_merged(each) for each in product(*options)])
    else:
        search.climb(values, -1)
        search.climb(values, 1)
    widest = dict(sorted(alone.items(), key=lambda each: each[1][0] - each[1][1]))
    verdicts = tuple(each for each in DECISIONS if each in search.verdicts)
    untried = tuple(name for name in unknown if name not in values)
    return Reach(widest, search.low, search.high, verdicts, search.tried, together, untried)


def _merged(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: value for part in parts for name, value in part.items()}


@dataclass
class _Search:
    """Judges a row with other values in some columns, and remembers how far that led."""

    bundle: Bundle
    row: Mapping[str, Any]
    low: float = 1.0
    high: float = 0.0
    tried: int = 0
    verdicts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.probabilities([{}])

    def probabilities(self, changes: Sequence[Mapping[str, Any]]) -> NDArray[np.float64]:
        """The probabilities of the row with each of the changes; categories that are new are none of its business."""
        rows = [{**self.row, **each} for each in changes]
        read = read_rows(rows, self.bundle.schema, whole=False)
        found, judge = self.bundle.probabilities(read), self.bundle.judge
        self.verdicts |= {DECISIONS[place] for place in judge.decisions(found, judge.count_strange(read))}
        self.low, self.high = min(self.low, float(found.min())), max(self.high, float(found.max()))
        self.tried += len(rows)
        return found

    def ends(self, changes: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
        """The lowest and the highest of the probabilities, that of the row itself among them."""
        found = self.probabilities([{}, *changes])
        return float(found.min()), float(found.max())

    def climb(self, values: Mapping[str, Sequence[Any]], sign: int) -> None:
        """From middle values, let one column after the other take the one that leads furthest, until none does."""
        taken = {name: found[len(found) // 2] for name, found in values.items()}
        furthest = -np.inf
        for _ in range(SWEEPS):
            before = furthest
            for name, found in values.items():
                options = [taken, *({**taken, name: value} for value in found)]
                reached = sign * self.probabilities(options)
                furthest = float(reached.max())
                taken = options[int(reached.argmax())]
            if furthest <= before:
                return


def usual_values(bundle: Bundle, column: str) -> list[Any]:
    """The values that training rows usually have in a column; none where nothing is known of it."""
    profile = bundle.profile
    if profile is None:
        return []
    if column in profile.numeric:
        steps = profile.numeric[column].quantiles
        last = len(steps) - 1
        return list(dict.fromkeys(steps[round(share * last)] for share in QUANTILES)) if steps else []
    if column in profile.categorical:
        return list(profile.categorical[column].counts)[:CATEGORIES]
    return []
