"""Columns of Arrow, read by their distinct values: the same as `phishcli.features.values` gives, and quicker."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from phishcli.features.values import Categories, RawValues, floats_of, read_categories


def numbers_of(column: Any, *, dtype: str, words: Collection[str], written: Any) -> RawValues:
    """Give the raw values of a numeric column, as float64 where that keeps what `floats_of` would find.

    Parameters
    ----------
    column
        n values of any Arrow type.
    dtype, words, written
        As of `floats_of`.
    """
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _floats(column if kind == pa.float64() else column.cast(pa.float64(), safe=False))
    if pa.types.is_boolean(kind):
        return _floats(column.cast(pa.int8()).cast(pa.float64()))
    if not _is_text(kind):
        return np.asarray(column)
    if written is None and (plain := _parsed(column)) is not None:
        return plain
    values, places = _distinct(column)
    found, refused = floats_of(values, dtype, words, written)
    return column.to_pylist() if refused else np.append(found, np.nan)[places]


def categories_of(column: Any, *, known: Sequence[str] | None, strip: bool, words: Collection[str]) -> Categories:
    """Read a categorical column; see `read_categories`."""
    if not (_is_text(column.type) or pa.types.is_dictionary(column.type)):
        return read_categories(np.asarray(column), known=known, strip=strip, missing_words=words)
    values, places = _distinct(column)
    found = read_categories(values, known=known, strip=strip, missing_words=words)
    if found.refused:  # which rows hold what matters then
        return read_categories(column.to_pylist(), known=known, strip=strip, missing_words=words)
    codes = np.append(found.codes, -1)[places]
    counts = {}
    if "blanks" in found.counts:
        padded = [isinstance(each, str) and each not in words and each != each.strip() for each in values]
        counts["blanks"] = int(np.append(padded, False)[places].sum())
    if "unknown" in found.counts:
        counts["unknown"] = int(np.count_nonzero(codes >= found.known))
    return Categories(codes, found.names, counts, None, found.known)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _floats(column: Any) -> NDArray[np.float64]:
    floats: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    return floats


def _parsed(texts: Any) -> NDArray[np.float64] | None:
    """Texts that all are plain numbers; None where one is not, or is a word for something that is no number."""
    try:
        numbers = texts.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    if pc.any(pc.is_nan(numbers)).as_py():
        return None
    return _floats(numbers)


def _distinct(column: Any) -> tuple[list[Any], NDArray[np.intp]]:
    """The distinct values, and for each row the place of its own; -1, the last one, for a missing value."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode()
    places = pc.fill_null(coded.indices.cast(pa.int64()), -1).to_numpy(zero_copy_only=False)
    return _occurring(coded.dictionary.to_pylist(), places)


def _occurring(values: list[Any], places: NDArray[np.intp]) -> tuple[list[Any], NDArray[np.intp]]:
    """The same without values that no row has: a dictionary may be that of a larger table."""
    used = np.zeros(len(values) + 1, dtype=np.bool_)
    used[places] = True
    if used[:-1].all():
        return values, places
    moved = np.append(np.cumsum(used[:-1]) - 1, -1)
    return [value for value, is_used in zip(values, used, strict=False) if is_used], moved[places]
