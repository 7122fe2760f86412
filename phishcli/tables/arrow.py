"""Arrow columns in the few types that Arrow's functions and pandas know, and as pandas has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    from phishcli.tables.table import Table


def decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give the values of a column in a type that Arrow's functions and pandas know.

    Dictionaries become what they stand for; decimals, half floats and nulls become float64; string views, strings.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
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


def whole(table: Table) -> pd.DataFrame:
    """Read all rows of a table into a data frame, for code that needs all of it."""
    made = frame(pa.Table.from_batches(table.batches(), table.schema))
    return made if len(made.columns) else pd.DataFrame(index=pd.RangeIndex(table.rows))


def frame(data: pa.Table | pa.RecordBatch) -> pd.DataFrame:
    """Bring rows to pandas: dictionaries become categories, null becomes NaN."""
    made: pd.DataFrame = data.to_pandas()
    return made
