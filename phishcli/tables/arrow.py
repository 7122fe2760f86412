"""Arrow columns in the few types that Arrow's functions and pandas know, and as pandas has them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.tables.table import Table


EXACT_LIMIT = 2**53
"""From here on float64 no longer holds every integer."""
NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype()}
"""What holds integers beside missing values without turning them into floats."""


def decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give the values of a column in a type that Arrow's functions and pandas know.

    Dictionaries become what they stand for; whole decimals int64 if all of them fit; other decimals, half floats and
    nulls float64; string views, strings.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if pa.types.is_decimal(kind) and kind.scale <= 0:
        with suppress(pa.ArrowInvalid):
            return column.cast(pa.int64())
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind) or pa.types.is_null(kind):
        return column.cast(pa.float64())
    return column.cast(pa.string()) if pa.types.is_string_view(kind) else column


def is_text(kind: pa.DataType) -> bool:
    """Whether an Arrow type is one of the string types."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def series(column: pa.ChunkedArray, name: str) -> pd.Series[Any]:
    """Bring a column to pandas: dictionaries become categories, null becomes NaN."""
    values: pd.Series[Any] = column.to_pandas()
    return values.rename(name)


def exact_series(column: pa.ChunkedArray, name: str) -> pd.Series[Any]:
    """Bring a column to pandas without merging values: large integers beside missing ones stay integers."""
    if column.type not in NULLABLE or not column.null_count or not _beyond_float64(column):
        return series(column, name)
    values: pd.Series[Any] = column.to_pandas(types_mapper=NULLABLE.get)
    return values.rename(name)


def _beyond_float64(column: pa.ChunkedArray) -> bool:
    extremes = pc.min_max(column).as_py()
    return any(value is not None and abs(value) > EXACT_LIMIT for value in extremes.values())


def distinct(column: pa.ChunkedArray) -> int:
    """Count the different values of a column, missing ones aside; 0 equals -0."""
    if pa.types.is_floating(column.type):
        return int(pd.Series(column.to_numpy()).nunique())
    return int(pc.count_distinct(column).as_py())


def codes_of(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Number the different values of a column of texts or integers in order of appearance; -1 where one is missing."""
    indices = column.combine_chunks().dictionary_encode().indices
    codes: NDArray[np.int64] = indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def whole(table: Table) -> pd.DataFrame:
    """Read all rows of a table into a data frame, for code that needs all of it."""
    made = frame(pa.Table.from_batches(table.batches(), table.schema))
    return made if len(made.columns) else pd.DataFrame(index=pd.RangeIndex(table.rows))


def frame(data: pa.Table | pa.RecordBatch) -> pd.DataFrame:
    """Bring rows to pandas: dictionaries become categories, null becomes NaN."""
    made: pd.DataFrame = data.to_pandas()
    return made
