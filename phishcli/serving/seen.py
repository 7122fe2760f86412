"""What rows held beside known categories, and dates and the like that cannot be read, however many rows there were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from phishcli.errors import DataError
from phishcli.features.values import Categories, shown_value
from phishcli.sources.missing_words import MISSING_WORDS
from phishcli.wording import bounded, counted

SHOWN = 5
SURELY_KNOWN = 5
"""From so many values on, a column with unknown categories only is an error; a row or two may well be news."""
WHAT = "is among the categories seen in training"
KEPT = 1_000
"""Unknown categories that are remembered."""


@dataclass(frozen=True)
class SeenColumn:
    """One column: how many rows had no value or an unknown category, which unknown ones, and what is known.

    In a column of which features are read off, ``expected`` says what its values are, and what is unknown cannot be
    read as that.
    """

    missing: int
    unknown: int
    examples: tuple[str, ...]
    known: tuple[str, ...] = ()
    expected: str = ""

    @classmethod
    def of(cls, column: Categories) -> SeenColumn:
        """What a column holds."""
        missing = int(np.count_nonzero(column.missing))
        return cls(missing, column.counts.get("unknown", 0), column.unknown[:KEPT], column.names[: column.known])

    def __add__(self, other: SeenColumn) -> SeenColumn:
        examples = tuple(dict.fromkeys((*self.examples, *other.examples)))[:KEPT]
        return replace(
            self,
            missing=self.missing + other.missing,
            unknown=self.unknown + other.unknown,
            examples=examples,
        )


@dataclass(frozen=True)
class Seen:
    """``n`` rows, by column."""

    n: int
    columns: Mapping[str, SeenColumn]

    @classmethod
    def of(cls, n: int, categories: Mapping[str, Categories], read_off: Mapping[str, SeenColumn]) -> Seen:
        """What rows hold in categorical columns, and in those that features are read off."""
        return cls(n, {name: SeenColumn.of(column) for name, column in categories.items()} | dict(read_off))

    def __add__(self, other: Seen) -> Seen:
        return Seen(self.n + other.n, {name: column + other.columns[name] for name, column in self.columns.items()})

    def check(self) -> None:
        """Refuse a column in which no value is known: it holds something else than in training, or is misspelled.

        Raises
        ------
        DataError
            When there is one.
        """
        strange = {name: column for name, column in self.columns.items() if self._all_unknown(column)}
        if strange:
            what = "can be read" if any(column.expected for column in strange.values()) else WHAT
            raise DataError(
                f"No value of {counted(len(strange), 'column')} {what}.",
                where="\n".join(
                    f"column {name}: found {_quoted(column.examples)}; "
                    + (f"expected {column.expected}" if column.expected else f"known are {_quoted(column.known)}")
                    for name, column in list(strange.items())[:SHOWN]
                ),
                hint="Give the values as they are written in the table that the model was trained on.",
            )

    def _all_unknown(self, column: SeenColumn) -> bool:
        filled = self.n - column.missing
        return bool(column.known or column.expected) and filled >= SURELY_KNOWN and column.unknown == filled

    def notices(self) -> list[str]:
        """Say what may not be what was meant: unknown categories, missing values that may have been texts."""
        return [*self._unknown(), *self._perhaps_texts()]

    def _unknown(self) -> Iterator[str]:
        for name, column in self.columns.items():
            if column.unknown and column.expected:
                rows = f"{column.unknown:,} of {counted(self.n, 'row')}"
                yield (
                    f"{name}: {rows} with a value that cannot be read as {column.expected} "
                    f"({_quoted(column.examples)}); it counts as missing"
                )
            elif column.unknown:
                yield (
                    f"{name}: {column.unknown:,} of {counted(self.n, 'row')} with a category that was not in training "
                    f"({_quoted(column.examples)}); it counts as the first category"
                )

    def _perhaps_texts(self) -> Iterator[str]:
        for name, column in self.columns.items():
            words = [text for text in column.known if text in MISSING_WORDS]
            if words and column.missing:
                rows = f"{column.missing:,} of {counted(self.n, 'row')}"
                yield (
                    f"{name}: {rows} without a value, while {_quoted(words)} is a category of this column. "
                    "Did a reader of files take it as missing (pandas: keep_default_na=False)?"
                )


def _quoted(texts: Sequence[str]) -> str:
    return bounded([*map(shown_value, texts[:SHOWN]), *texts[SHOWN:]], SHOWN)
