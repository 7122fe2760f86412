"""What a model may be able to do beside fitting, as its file declares it: rounds, going on, constraints, its memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

SHARE = 0.5
"""The share of the memory of a run that fits may take."""
ShouldContinue = Callable[[Callable[[Any], Any]], bool]
"""Asked while a model grows, with a function that maps x to the present probabilities of the positive class."""


class Rounds(msgspec.Struct, frozen=True):
    """How a model that grows in rounds gives its predictions after fewer of them.

    Parameters
    ----------
    parameter
        The parameter that sets the number of rounds: ``n_estimators``.
    predict
        ``predict(estimator, x, counts)`` gives for each of the ascending ``counts`` the probability of the positive
        class, shape (n,): exactly what an estimator fitted with so many rounds would predict.
    grow
        ``grow(estimator, x, y, checkpoints, should_continue, weight=None)`` fits as ``estimator.fit`` does, and calls
        ``should_continue`` after each of the ascending ``checkpoints``. It returns False where the answer was no, and
        the estimator is of no use then. None where pruning costs as much as it saves (decision 21).
    averages
        Whether rounds are averaged, as the trees of a forest are, rather than added up: more of them never overfit.
    only_with
        Parameters that decide whether all this is true, and the values with which it is, the library's own included.
        With any other value each number of rounds is fitted separately, and no fit is pruned.
    """

    parameter: str
    predict: Callable[[Any, Any, Sequence[int]], list[Any]]
    grow: Callable[..., bool] | None = None
    averages: bool = False
    only_with: Mapping[str, tuple[Any, ...]] = msgspec.field(default_factory=dict)

    def holds(self, params: Mapping[str, Any]) -> bool:
        """Whether a longer fit with these parameters contains the shorter ones."""
        return allow(self.only_with, params)


class Continuing(msgspec.Struct, frozen=True):
    """One way in which a fitted model goes on with further rows.

    Parameters
    ----------
    way
        ``trees`` adds some, ``leaves`` gives those that are there new values, ``passes`` goes over the rows.
    note
        What it does, for people.
    go
        ``go(estimator, x, y, rounds)`` gives a new estimator, fitted on; ``rounds`` is how many trees are added, where
        any are. The given one is not changed.
    """

    way: Literal["trees", "leaves", "passes"]
    note: str
    go: Callable[[Any, Any, Any, int], Any]


class EarlyStopping(msgspec.Struct, frozen=True):
    """When a model that grows in rounds stops before its last one.

    ``share`` of the training rows is held out, and the model stops once their log loss has not improved for
    ``patience`` rounds. ``resampling`` is how the classes of the others are balanced by rows.
    """

    patience: int
    share: float
    seed: int
    resampling: Literal["none", "over", "under"] = "none"


class Weight(msgspec.Struct, frozen=True):
    """The bytes of memory that a fit takes beside the mapped float32 matrix: for each ``row``, and for each ``value``.

    ``slow`` are further bytes for a row where time grows faster than the rows: they limit the rows so that fits end.
    """

    row: float = 100
    value: float = 16
    slow: float = 0

    def most_rows(self, rows: int, columns: int, memory: int) -> int | None:
        """How many of so many rows a fit gets, given the memory of a run; None for all of them.

        The number is rounded down to two digits, so that a few bytes more or less do not matter.
        """
        most = int(memory * SHARE / (self.row + self.slow + columns * self.value))
        unit = 10 ** max(len(str(most)) - 2, 0)
        return most // unit * unit if most < rows else None

    def share(self, rows: int, columns: int, memory: int) -> float:
        """The part that a fit takes of what all fits at once may take of the memory."""
        return min(rows * (self.row + columns * self.value) / (memory * SHARE), 1.0)


class Monotone(msgspec.Struct, frozen=True):
    """How a library is told that the probability may only rise, or only fall, with some columns of the matrix.

    Parameters
    ----------
    parameter
        What takes a number for each column: 1 where the probability may only rise, -1 where it may only fall, else 0.
    form
        The type of these numbers together.
    only_with
        Parameters that decide whether the library keeps to it, and the values with which it does.
    """

    parameter: str
    form: type[list[int] | tuple[int, ...]] = list
    only_with: Mapping[str, tuple[Any, ...]] = msgspec.field(default_factory=dict)

    def holds(self, params: Mapping[str, Any]) -> bool:
        """Whether a model with these parameters keeps to it."""
        return allow(self.only_with, params)


def allow(only_with: Mapping[str, tuple[Any, ...]], params: Mapping[str, Any]) -> bool:
    """Whether parameters have none but the values with which something is true."""
    return all(params[name] in values for name, values in only_with.items() if name in params)
