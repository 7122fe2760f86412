"""Raw values as the model sees them: numbers as float64, texts as codes of categories, one function per role.

Training and prediction read a value by this code. It needs NumPy and the standard library only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phishcli.documents.schema import Written
from phishcli.features.scalars import has_text, number_key, number_of, text_of, truth_of
from phishcli.features.written import plain_text
from phishcli.wording import counted

RawValues = NDArray[Any] | Sequence[object]
"""n values as they come: an array of any type, or Python objects."""

COUNT_NAME = re.compile(
    r"^(?i:no_?of|num(ber)?_?of)"
    r"|^(?i:num|number|nb|n|qty|quantity|count|cnt)(?=_|(?<=[a-z])[A-Z])"
    r"|(_(?i:count|cnt)|(?<=[a-z])(Count|Cnt))s?$"
)
"""Names of count columns: ``NoOfImage``, ``num_dots``, ``nb_links``, ``n_forms``, ``qty_dot_url``, ``LinkCount``."""
STORED: Mapping[str, type[np.floating[Any]]] = {"float": np.float32, "halffloat": np.float16}
"""Arrow types that hold fewer digits than float64; a value is rounded to what its column could hold in training."""
SHOWN = 3
SHOWN_LENGTH = 40


@dataclass(frozen=True)
class Refused:
    """The values of a column that cannot be read; ``examples`` are the first of them with their rows, from 0."""

    expected: str
    examples: tuple[tuple[int, str], ...]
    number: int

    def __str__(self) -> str:
        shown = ", ".join(f"{value} (row {row})" for row, value in self.examples)
        more = self.number - len(self.examples)
        return f"expected {self.expected}, found {shown}" + (f" and {counted(more, 'more value')}" if more else "")


@dataclass(frozen=True)
class Numbers:
    """A numeric column: float64, NaN where a value is missing, infinite or refused.

    ``counts`` says how many rows were found ``infinite`` and, in count columns, ``negative``; only what occurs.
    """

    floats: NDArray[np.float64]
    counts: Mapping[str, int]
    refused: Refused | None = None

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows have no value."""
        return np.isnan(self.floats)


@dataclass(frozen=True)
class Categories:
    """A categorical column: ``names[code]`` is the text of a row, code -1 stands for a missing value.

    ``counts`` says how many rows were found with ``blanks`` around the text, and how many are ``unknown``: not among
    the ``known`` categories that were given and come first; only what occurs.
    """

    codes: NDArray[np.intp]
    names: tuple[str, ...]
    counts: Mapping[str, int]
    refused: Refused | None = None
    known: int = 0

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows have no value."""
        return self.codes < 0

    @property
    def unknown(self) -> tuple[str, ...]:
        """The texts that are not among the categories that were given."""
        return self.names[self.known :] if "unknown" in self.counts else ()


@cache
def is_count(name: str) -> bool:
    """Decide by its name alone whether a column counts something, so that a negative value makes no sense in it."""
    return COUNT_NAME.search(name) is not None


def read_numbers(
    values: RawValues,
    *,
    name: str,
    dtype: str = "double",
    negative_counts: bool = False,
    missing_words: Collection[str] = (),
    written: Written | None = None,
) -> Numbers:
    """Read the values of a numeric column.

    Numbers, booleans (0 and 1) and decimals count, and so do their texts with blanks around them (``true`` and
    ``false`` where the table held booleans). None, NaN and blank texts are missing, infinite values become missing.

    Parameters
    ----------
    values
        n raw values.
    name
        The name of the column, which says whether it counts something.
    dtype
        The Arrow type that the column had in training.
    negative_counts
        Whether negative values of a count column become missing, as in ``load.clean``.
    missing_words
        Texts that the source took as missing, with or without blanks around them.
    written
        How the texts of the column write numbers, where that is not plain.
    """
    numbers, refused = floats_of(values, dtype, missing_words, written)
    counts: dict[str, int] = {}
    if dtype in STORED:
        numbers = _rounded(numbers, STORED[dtype])
    if not np.isfinite(numbers).all():
        infinite = np.isinf(numbers)
        counts |= _occurring("infinite", infinite)
        numbers = np.where(infinite, np.nan, numbers)
    if is_count(name):
        negative = numbers < 0
        counts |= _occurring("negative", negative)
        numbers = np.where(negative, np.nan, numbers) if negative_counts else numbers
    return Numbers(numbers, counts, refused)


def read_categories(
    values: RawValues,
    *,
    known: Sequence[str] | None = None,
    strip: bool = False,
    missing_words: Collection[str] = (),
) -> Categories:
    """Read the values of a categorical column as codes of sorted texts.

    None and NaN are missing. A number or truth value counts as the known category that reads as it: whoever opened the
    file may have turned ``007`` into 7, ``2.0`` into 2. Where there are several such categories it is refused; where
    there is none it counts as its text, a whole number without ``.0``.

    Parameters
    ----------
    values
        n raw values.
    known
        The categories that come first, in their order; others follow them, sorted, and count as unknown. None: all
        are found out.
    strip
        Whether blanks around the texts are removed, as in ``load.clean``.
    missing_words
        Texts that the source took as missing.
    """
    texts, refused = _texts(values, tuple(known or ()))
    if missing_words:
        texts = [None if text in missing_words else text for text in texts]
    distinct = {text for text in texts if text is not None}
    padded = {text for text in distinct if text != text.strip()}
    counts = _occurring("blanks", [text in padded for text in texts]) if padded else {}
    if strip and padded:
        texts = [text if text is None else text.strip() for text in texts]
        distinct = {text.strip() for text in distinct}
    first = () if known is None else tuple(known)
    names = (*first, *sorted(distinct.difference(first)))
    code_of: dict[str | None, int] = {text: code for code, text in enumerate(names)}
    codes = np.array([code_of.get(text, -1) for text in texts], dtype=np.intp)
    if known is not None and len(names) > len(first):
        counts |= _occurring("unknown", codes >= len(first))
    return Categories(codes, names, counts, refused, len(first))


def _occurring(what: str, rows: NDArray[np.bool_] | list[bool]) -> dict[str, int]:
    number = int(np.count_nonzero(rows))
    return {what: number} if number else {}


def _rounded(numbers: NDArray[np.float64], kind: type[np.floating[Any]]) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        return numbers.astype(kind).astype(np.float64)


def floats_of(
    values: RawValues,
    dtype: str = "double",
    missing_words: Collection[str] = (),
    written: Written | None = None,
) -> tuple[NDArray[np.float64], Refused | None]:
    """Give n raw values as float64, NaN for missing and refused ones; see `read_numbers` for what is a number."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "biuf":
        return values.astype(np.float64, copy=False), None
    objects = _objects(values)
    if written is not None:
        objects = [plain_text(value, written) if isinstance(value, str) else value for value in objects]
    found = [number_of(value) for value in objects]
    if None not in found:
        return np.array(found, dtype=np.float64), None
    for row, value in enumerate(values):
        if found[row] is None:
            found[row] = (
                math.nan if _says_missing(value, missing_words) else truth_of(value) if dtype == "bool" else None
            )
    strange = [row for row, number in enumerate(found) if number is None]
    floats = np.array([math.nan if number is None else number for number in found])
    return floats, _refused("numbers", values, strange)


def _objects(values: RawValues) -> Sequence[object]:
    """Give values as Python objects; dates stay what they are, where ``tolist`` would turn them into numbers."""
    if not isinstance(values, np.ndarray):
        return values
    return list(values) if values.dtype.kind in "mM" else values.tolist()


def _says_missing(value: object, words: Collection[str]) -> bool:
    return isinstance(value, str) and value.strip() in words


def _texts(values: RawValues, known: tuple[str, ...]) -> tuple[list[str | None], Refused | None]:
    """Give the text of each value, and the first kind of value that has none."""
    objects = _objects(values)
    others = [row for row, value in enumerate(objects) if type(value) is not str]
    texts: list[Any] = list(objects)
    if not others:
        return texts, None
    spelled = _by_number(known)
    unclear = []
    for row in others:
        same = spelled.get(number_key(objects[row]), ()) if spelled else ()
        unclear += [row] if len(same) > 1 else []
        texts[row] = same[0] if same else text_of(objects[row])
    strange = [row for row in others if texts[row] is None and not has_text(objects[row])]
    if unclear and not strange:
        several = " or ".join(map(repr, spelled[number_key(objects[unclear[0]])]))
        return texts, _refused(f"texts, as the number may stand for {several}", objects, unclear)
    return texts, _refused("texts", objects, strange)


@lru_cache(maxsize=1024)
def _by_number(known: tuple[str, ...]) -> Mapping[Hashable, tuple[str, ...]]:
    """Group the categories that a reader of files may take for numbers or truth values, by what they then become."""
    groups: dict[Hashable, tuple[str, ...]] = {}
    for text in known:
        if (key := number_key(text)) is not None:
            groups[key] = (*groups.get(key, ()), text)
    return groups


def _refused(expected: str, values: RawValues, rows: Sequence[int]) -> Refused | None:
    if not rows:
        return None
    return Refused(expected, tuple((row, shown_value(values[row])) for row in rows[:SHOWN]), len(rows))


def shown_value(value: object) -> str:
    """Quote a value for a message, at most `SHOWN_LENGTH` characters of it."""
    text = repr(value)
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}..."
