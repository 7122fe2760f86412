"""A 64-bit hash of every row: equal rows have equal hashes, and different rows hardly ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pandas.util import hash_array

from phishcli.tables.arrow import decoded, is_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.tables.table import Table

    Hashes = NDArray[np.uint64]

MISSING = np.uint64(0x8E5D0A4C1F37B269)
"""Stands for null and NaN."""
FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""Odd, so that multiplying loses nothing (Fibonacci hashing: Knuth, The Art of Computer Programming 3, 6.4)."""
SHIFT = np.uint64(29)


def row_hashes(table: Table, columns: Sequence[str]) -> Hashes:
    """Hash the values of some columns of every row.

    Parameters
    ----------
    table
        n rows, read in batches.
    columns
        The columns that count; with none, all hashes are equal.

    Returns
    -------
    ndarray of uint64, shape (n,)
    """
    hashes = np.zeros(table.rows, dtype=np.uint64)
    begin = 0
    for batch in table.batches(columns) if columns else ():
        part = hashes[begin : begin + batch.num_rows]
        for column in batch.columns:
            _mix_in(part, column)
        begin += batch.num_rows
    return hashes


def _mix_in(hashes: Hashes, column: pa.Array) -> None:
    column = _plain(column)
    missing = pc.is_null(column, nan_is_null=pa.types.is_floating(column.type)).to_numpy(zero_copy_only=False)
    hashes ^= np.where(missing, MISSING, value_bits(column)) if missing.any() else value_bits(column)
    hashes *= FACTOR
    hashes ^= hashes >> SHIFT


def value_bits(column: pa.Array) -> Hashes:
    """Give 64 bits for each value that are equal where the values are; those of missing values have no meaning."""
    if pa.types.is_dictionary(column.type):
        return _bits_of_texts(column)
    if pa.types.is_floating(column.type):
        floats = column.to_numpy(zero_copy_only=False).astype(np.float64, copy=False) + 0.0  # -0 becomes 0
        bits: Hashes = floats.view(np.uint64)
        return bits
    if pa.types.is_integer(column.type) or pa.types.is_boolean(column.type) or pa.types.is_temporal(column.type):
        return _bits_of_integers(column)
    return _bits_of_texts(_texts(column).dictionary_encode())


def _plain(column: pa.Array) -> pa.Array:
    """Decode all but dictionaries of texts, so that missing values are null or NaN."""
    texts = pa.types.is_dictionary(column.type) and is_text(column.type.value_type)
    return column if texts and not column.dictionary.null_count else decoded(column)


def _bits_of_integers(column: pa.Array) -> Hashes:
    if pa.types.is_temporal(column.type):
        column = column.view(pa.int32() if column.type.bit_width == 32 else pa.int64())  # noqa: PLR2004 (bits)
    numbers = column.cast(pa.uint8() if pa.types.is_boolean(column.type) else column.type).fill_null(0).to_numpy()
    bits: Hashes = numbers.astype(np.uint64) if numbers.dtype.kind == "u" else numbers.astype(np.int64).view(np.uint64)
    return bits


def _texts(column: pa.Array) -> pa.Array:
    """Texts as they are; values of other types by their representation."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column
    return pa.array([None if value is None else repr(value) for value in column.to_pylist()], pa.string())


def _bits_of_texts(column: pa.DictionaryArray) -> Hashes:
    if column.null_count == len(column):
        return np.zeros(len(column), dtype=np.uint64)
    of_values = hash_array(decoded(column.dictionary).to_numpy(zero_copy_only=False), categorize=False)
    bits: Hashes = of_values[column.indices.fill_null(0).to_numpy()]
    return bits
