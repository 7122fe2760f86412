"""Which rows of a table are equal: rows whose hashes are equal are compared value by value.

Missing values equal each other, NaN is a missing value, and 0 equals -0. See decision 0023.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from phishcli.tables.arrow import decoded
from phishcli.tables.hashing import row_hashes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.tables.table import Table

    Groups = NDArray[np.int64]

MANY = 2**22
"""Rows that are numbered at once: 200 MB for a table of their hashes."""


def equal_rows(table: Table, columns: Sequence[str] | None = None) -> Groups:
    """Number the distinct rows of a table.

    The table is read once in batches for the hashes (8 bytes a row), then once column by column, but only the rows
    that share their hash with another row.

    Parameters
    ----------
    table
        n rows.
    columns
        The columns to compare; None for all.

    Returns
    -------
    ndarray of int64, shape (n,)
        Equal numbers where all values are equal; 0, 1, ... in order of first appearance.
    """
    names = table.schema.names if columns is None else columns
    return refined(_numbered(row_hashes(table, names)), table, names)


def refined(groups: Groups, table: Table, columns: Sequence[str]) -> Groups:
    """Divide groups of rows so that all rows of a group are equal in the given columns, too.

    Parameters
    ----------
    groups
        Shape (n,): equal numbers for the rows of a group.
    table
        n rows; of these only rows that share their group with another row are read, column by column.
    columns
        The columns to compare.

    Returns
    -------
    ndarray of int64, shape (n,)
        As of `equal_rows`.
    """
    rows = np.flatnonzero(shared(groups))
    within = pd.factorize(groups[rows])[0].astype(np.int64)
    for name in columns if len(rows) else ():
        within = _divided(within, codes(table.select(rows, [name]).column(0)))
    first = np.arange(len(groups), dtype=_places(len(groups)))
    first[rows] = rows[_first(within)][within]
    return _in_order(first)


def _numbered(hashes: NDArray[np.uint64]) -> Groups:
    """Number the different hashes in order of first appearance, so many rows at a time that a table of them is small.

    Equal hashes begin with the same bits, so that each part of them can be numbered alone.
    """
    if len(hashes) <= MANY:
        numbers: Groups = pd.factorize(hashes)[0].astype(np.int64)
        return numbers
    bits = int(np.ceil(np.log2(len(hashes) / MANY))) + 1
    begin = (hashes >> np.uint64(64 - bits)).astype(np.uint16)
    first = np.empty(len(hashes), dtype=_places(len(hashes)))
    for part in range(2**bits):
        rows = np.flatnonzero(begin == part)
        within = pd.factorize(hashes[rows])[0].astype(np.int64)
        first[rows] = rows[_first(within)][within]
    return _in_order(first)


def _in_order(first: NDArray[np.integer[Any]]) -> Groups:
    """Number groups in order of appearance, given the position of the first row of the group of each row."""
    number = np.cumsum(first == np.arange(len(first), dtype=first.dtype), dtype=first.dtype)
    number -= 1
    numbers: Groups = number[first].astype(np.int64)
    return numbers


def _places(rows: int) -> type[np.integer[Any]]:
    """The smallest type that holds the position of a row."""
    return np.int32 if rows <= np.iinfo(np.int32).max else np.int64


def shared(groups: Groups) -> NDArray[np.bool_]:
    """Mark the rows that share their group with another row."""
    several: NDArray[np.bool_] = np.bincount(groups) > 1
    return several[groups]


def repeated(groups: Groups) -> NDArray[np.bool_]:
    """Mark the rows whose group has an earlier row."""
    return pd.Series(groups).duplicated().to_numpy()


def _divided(groups: Groups, codes: Groups) -> Groups:
    """Divide groups by codes; in the usual case that no two rows of a group differ, a comparison is enough."""
    if (codes == codes[_first(groups)][groups]).all():
        return groups
    divided: Groups = pd.factorize(groups * (codes.max() + 1) + codes)[0].astype(np.int64)
    return divided


def _first(groups: Groups) -> NDArray[np.intp]:
    """The position of the first row of each group, whose numbers are 0, 1, ..."""
    first = np.zeros(int(groups.max(initial=-1)) + 1, dtype=np.intp)
    first[groups[::-1]] = np.arange(len(groups))[::-1]
    return first


def codes(column: pa.ChunkedArray) -> Groups:
    """Whole numbers from 0 on that are equal where the values are."""
    if pa.types.is_dictionary(column.type) or pa.types.is_null(column.type):
        column = decoded(column)
    codes: NDArray[np.integer[Any]]
    if pa.types.is_floating(column.type):  # Arrow distinguishes null from NaN, and 0 from -0
        codes = pd.factorize(column.to_numpy(), use_na_sentinel=False)[0]
    else:
        codes = _encoded(column).indices.to_numpy()
    return codes.astype(np.int64)


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    try:
        return column.combine_chunks().dictionary_encode("encode")
    except pa.ArrowNotImplementedError:  # lists, records and other types that Arrow cannot compare
        return pa.array([repr(value) for value in column.to_pylist()]).dictionary_encode()
