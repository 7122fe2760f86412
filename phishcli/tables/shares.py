"""Which whole groups, or which point in time, divide the rows most nearly as a share asks for."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from numpy.typing import NDArray

    Codes = NDArray[np.intp]
    State = tuple[int, int, int]

FINEST = 100
"""A split by group divides the rows into at most so many pieces, some of which become the test."""
FEW = 20
"""So many groups, or fewer, are pieces of their own where the share is hard to meet."""
FINER = 4
"""How many times finer the pieces of many groups are then."""
CLOSE = 0.1
"""How far a share may be from the one asked for, as a part of it (of the rest, if that is smaller)."""
TRIED = 100
"""Choices of groups that are offered before a split counts as impossible."""
STEPS = 1_000
"""How many sizes of a test part are distinguished."""
BOTH = 0b1111
"""Both classes in the test, both left for training."""


def near(share: float, asked: float, tolerance: float) -> bool:
    """Whether a share is as asked, within a tolerance that is a part of it or of the rest, whichever is smaller."""
    return abs(share - asked) <= tolerance * min(asked, 1 - asked)


def late_rows(asked: float, codes: Codes, times: pd.Series[Any]) -> NDArray[np.bool_]:
    """Mark the latest rows: rows of the same time stay together, and both parts hold both classes if they can.

    All rows are marked where all are of one time.
    """
    moment = pd.factorize(times, sort=True)[0]
    rows = np.bincount(moment)
    late = rows[::-1].cumsum()[::-1]
    positive = np.bincount(moment, weights=codes)[::-1].cumsum()[::-1]
    whole = _classes(positive, late - positive, positive[0], late[0] - positive[0]) == BOTH
    distance = np.abs(late - np.ceil(len(codes) * asked))
    begin = 1 + np.lexsort((late[1:], distance[1:], ~whole[1:]))[0] if len(late) > 1 else 0
    marked: NDArray[np.bool_] = moment >= begin
    return marked


def whole_groups(
    asked: float, seed: int, folds: int, codes: Codes, groups: pd.Series[Any], finest: int
) -> Iterator[NDArray[np.bool_]]:
    """Mark the rows of the groups that become the test, in several ways, the best first.

    The table is cut along its groups into pieces, as equal and as stratified as the groups allow, and the test gets as
    many of them as its share asks for. Where groups keep that far from the share, or leave a part with one class only,
    the test gets the pieces that come nearest to the share, as far as both parts hold both classes and the training
    part a group for each fold.
    """
    count = min(max(Fraction(asked).limit_denominator(FINEST).denominator, 2), finest)
    pieces = _cut(count, seed, codes, groups)
    marked: NDArray[np.bool_] = pieces < min(max(round(asked * count), 1), count - 1)
    if near(marked.mean(), asked, CLOSE):
        yield marked
    if groups.nunique() > FEW:
        finer = _cut(min(FINER * count, FINEST, finest), seed, codes, groups)
        options = [pieces, finer]
    else:
        options = [pd.factorize(groups)[0]]
    found = [(each, *choice) for each in options for choice in _choices(each, folds, codes, groups)]
    found.sort(key=lambda choice: (abs(choice[1] - asked * len(codes)), choice[1]))
    for each, _, chosen in found[:TRIED]:
        yield np.isin(each, list(chosen))
    yield marked


def _cut(count: int, seed: int, codes: Codes, groups: pd.Series[Any]) -> Codes:
    numbers = np.zeros(len(codes), dtype=np.intp)
    cut = StratifiedGroupKFold(count, shuffle=True, random_state=seed).split(codes, codes, groups)
    for number, (_, rows) in enumerate(cut):
        numbers[rows] = number
    return numbers


def _choices(pieces: Codes, folds: int, codes: Codes, groups: pd.Series[Any]) -> list[tuple[int, frozenset[int]]]:
    """Choose pieces for a test part of each size that there is; its rows, and the pieces."""
    table = pd.DataFrame({"piece": pieces, "one": codes, "group": pd.factorize(groups)[0]}).groupby("piece")
    sizes = zip(table["one"].sum(), table["one"].size(), table["group"].nunique(), strict=True)
    step = max(len(codes) // STEPS, 1)
    # A state is what matters of a choice so far: classes on both sides, groups left for training, rows in the test.
    states: dict[State, tuple[int, frozenset[int]]] = {(0, 0, 0): (0, frozenset())}
    for piece, (ones, size, held) in zip(map(int, np.unique(pieces)), sizes, strict=True):
        classes = _classes(ones, size - ones, ones, size - ones)
        grown: dict[State, tuple[int, frozenset[int]]] = {}
        for (flags, left, _), (rows, chosen) in states.items():
            tested = (flags | classes & 0b11, left, (rows + size) // step)
            grown.setdefault(tested, (rows + size, chosen | {piece}))
            kept = (flags | (classes & 0b11) << 2, min(left + held, folds), rows // step)
            grown.setdefault(kept, (rows, chosen))
        states = grown
    return [found for (flags, left, _), found in states.items() if flags == BOTH and left == folds]


def _classes(ones: Any, zeros: Any, all_ones: Any, all_zeros: Any) -> Any:
    """Say by four bits which classes the test holds, and which are left; for numbers or arrays of them."""
    return 1 * (ones > 0) | (zeros > 0) << 1 | (all_ones > ones) << 2 | (all_zeros > zeros) << 3
