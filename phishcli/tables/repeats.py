"""Rows of a source that repeat an earlier one: equal in every column as the source stores it, row numbers aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from phishcli.features.roles import decoded, numbers_rows

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray


def repeated_rows(table: pa.Table, used: Collection[str] = ()) -> NDArray[np.bool_]:
    """Mark the rows that repeat an earlier row in every column; missing values are alike.

    Column by column, only rows that are like another one so far are compared any further: exact, at little memory.

    Parameters
    ----------
    table
        The source, n rows, as it was read: before any cleaning, with the columns that are set aside.
    used
        Columns that are compared even if they number the rows, since they are more than that: features, split keys.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    alike = np.ones(table.num_rows, dtype=bool)
    groups = np.zeros(table.num_rows, dtype=np.int64)
    for name in table.column_names:
        if not alike.any():
            break
        if name in used or not numbers_rows(name, table.column(name)):
            codes = _codes(table.column(name).filter(pa.array(alike)))
            groups = pd.factorize(groups * (codes.max() + 1) + codes)[0]
            shared = np.bincount(groups)[groups] > 1
            groups, alike[alike] = groups[shared], shared
    alike[alike] = pd.Series(groups).duplicated().to_numpy()
    return alike


def _codes(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Give whole numbers from 0 on that are equal where the values are."""
    if pa.types.is_dictionary(column.type) or pa.types.is_null(column.type):
        column = decoded(column)
    codes: NDArray[np.int64]
    if pa.types.is_floating(column.type):  # Arrow tells a null from NaN, and 0 from -0
        codes, _ = pd.factorize(column.to_numpy(), use_na_sentinel=False)
        return codes
    try:
        encoded = column.dictionary_encode("encode")
    except pa.ArrowNotImplementedError:  # lists, records and other types that Arrow cannot compare
        encoded = pa.chunked_array([[repr(value) for value in column.to_pylist()]]).dictionary_encode()
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in encoded.chunks]).astype(np.int64)
    return codes
