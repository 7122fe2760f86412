"""Columns that arrive in pieces, joined without changing a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

EXACT_LIMIT = 2.0**53
"""From here on float64 no longer holds every integer."""
NUMBERS = {pa.int64(), pa.float64()}


def joined(chunks: Sequence[pa.Array | None]) -> pa.ChunkedArray | None:
    """Join the chunks of one column to one type: float64 where integers meet fractions or all values are missing.

    Parameters
    ----------
    chunks
        Arrays of any type each; None for a chunk that had no single type.

    Returns
    -------
    pyarrow.ChunkedArray or None
        None if the column has to be read as text: the chunks have no type in common that holds every value exactly
        (text beside numbers, integers beyond 2**53 beside fractions).
    """
    present = [chunk for chunk in chunks if chunk is not None]
    types = {chunk.type for chunk in present if chunk.null_count < len(chunk)}
    if len(present) < len(chunks) or not (len(types) <= 1 or types == NUMBERS):
        return None
    kind = types.pop() if len(types) == 1 else pa.float64()
    try:
        return pa.chunked_array([_cast(chunk, kind) for chunk in present], type=kind)
    except pa.ArrowInvalid:  # an integer that float64 cannot hold
        return None


def _cast(chunk: pa.Array, kind: pa.DataType) -> pa.Array:
    return pa.nulls(len(chunk), kind) if chunk.null_count == len(chunk) else chunk.cast(kind)
