"""Columns that the folders of partitioned files name: ``day=2026-01-31/country=de``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    import pyarrow as pa

UNKNOWN = "__HIVE_DEFAULT_PARTITION__"
"""How a partition without a value is named."""
WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")
"""A number as it would be written again; ``007`` is a text."""
IGNORED = (".", "_")
"""How names of files and folders begin that other programs leave beside data."""
Keys = Mapping[str, str | None]


def keys_of(name: str) -> dict[str, str | None]:
    """What the folders in a file's name say, as text.

    Examples
    --------
    >>> keys_of("day=2026-01-31/city=S%C3%A3o%20Paulo/part-0.parquet")
    {'day': '2026-01-31', 'city': 'São Paulo'}
    """
    pairs = (folder.partition("=") for folder in name.split("/")[:-1] if "=" in folder.strip("="))
    return {unquote(key): None if value == UNKNOWN else unquote(value) for key, _, value in pairs}


def types_of(found: Sequence[Keys]) -> dict[str, pa.DataType]:
    """The type of each key: int64 where all of its values are whole numbers, otherwise string."""
    import pyarrow as pa

    values: dict[str, set[str]] = {}
    for keys in found:
        for key, value in keys.items():
            values.setdefault(key, set()).update([] if value is None else [value])
    return {
        key: pa.int64() if each and all(map(WHOLE.fullmatch, each)) else pa.string() for key, each in values.items()
    }


def column(value: str | None, rows: int, kind: pa.DataType) -> pa.Array:
    """One value in every row."""
    import pyarrow as pa

    one = pa.scalar(value, pa.string()).cast(kind)
    return pa.repeat(one, rows)
