"""Parts of a split that are not what was asked for: of another size, and why, or of one class only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.tables.shares import near
from phishcli.wording import counted, listed, percent, plural, short_percent

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from phishcli.config.schema import PreprocessConfig
    from phishcli.documents.findings import Fact

FAR = 0.25
"""How far the test share may be from the one asked for, as a part of it or of the rest, before it is said."""
SMALL, LARGE = 0.5, 1.5
"""How small and how large a fold may be, in equal shares, before it is said."""
SHOWN = 40
"""Characters of a value that a sentence shows."""


@dataclass(frozen=True)
class Uneven:
    """One thing that is not as asked for; ``column`` is the one that the rows are split by, if that is the cause."""

    sentence: str
    column: str | None
    numbers: Mapping[str, Fact]


def uneven_parts(
    settings: PreprocessConfig, target: pd.DataFrame, train: NDArray[np.intp], folds: NDArray[np.int8]
) -> Iterator[Uneven]:
    """Name the test part and the folds that are far from the size asked for, with the cause, and folds of one class.

    Parameters
    ----------
    settings
        The section ``preprocess``.
    target
        n rows with the 0/1 ``target``, and the ``group`` or ``time`` that the rows are split by.
    train, folds
        Positions of the training rows, and the fold of each.
    """
    split = settings.split
    if column := split.group or split.time:
        values = target["group" if split.group else "time"]
        yield from _uneven_test(values, column, len(target) - len(train), split.test_size)
        if split.group:
            yield from _uneven_folds(values.iloc[train], column, np.bincount(folds, minlength=settings.folds))
    yield from _one_class(target["target"].to_numpy()[train], folds, settings.folds)


def _uneven_test(values: pd.Series[Any], column: str, tested: int, asked: float) -> Iterator[Uneven]:
    share = tested / len(values)
    if not near(share, asked, FAR):
        yield Uneven(
            f"The test part holds {tested:,} of {counted(len(values), 'row')} ({percent(share)}), not the "
            f"{short_percent(asked)} of preprocess.split.test_size: {_cause(values, column)}.",
            column,
            {"rows": tested, "share": share, "asked": asked},
        )


def _uneven_folds(values: pd.Series[Any], column: str, sizes: NDArray[np.intp]) -> Iterator[Uneven]:
    equal, largest = 1 / len(sizes), int(sizes.max())
    if sizes.min() < SMALL * equal * len(values) or largest > LARGE * equal * len(values):
        yield Uneven(
            f"The {len(sizes)} folds hold out from {sizes.min():,} to {largest:,} of "
            f"{counted(len(values), 'training row')} instead of about {round(equal * len(values)):,} each: "
            f"{_cause(values, column)}. Means over the folds give each fold the same weight.",
            column,
            {"smallest": int(sizes.min()), "largest": largest, "asked": equal * len(values)},
        )


def _one_class(positive: NDArray[np.int8], folds: NDArray[np.int8], count: int) -> Iterator[Uneven]:
    held = {number + 1: positive[folds == number] for number in range(count)}
    single = [number for number, classes in held.items() if len(classes) and classes.min() == classes.max()]
    if single:
        yield Uneven(
            f"{plural(len(single), 'Fold')} {listed([str(number) for number in single])} of {count} "
            f"{plural(len(single), 'holds', 'hold')} out rows of one class only: ROC-AUC and other metrics that need "
            "both are averaged over the other folds.",
            None,
            {"folds": single},
        )


def _cause(values: pd.Series[Any], column: str) -> str:
    """Say which value keeps how many rows together."""
    counts = values.value_counts()
    rows, text = int(counts.iloc[0]), str(counts.index[0])
    text = text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
    return (
        f"rows with the same {column} stay together, and {rows:,} of them ({percent(rows / len(values))}) "
        f"{plural(rows, 'has', 'have')} {text!r}"
    )
