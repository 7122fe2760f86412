"""Columns that say which rows belong together (hosts, domains) and when they were taken, as the audit needs them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.data.roles import ADDRESS, decoded, is_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUP_NAME = re.compile(
    r"(^|[_.\- ])(domain|host|hostname|host_?name|fqdn|ip|ip_?addr(ess)?|netloc|registered_?domain|server_?ip|"
    r"campaign|kit|brand)s?([_.\- ]?(name|id))?$",
    flags=re.IGNORECASE,
)
"""Names of columns whose values belong together."""
TIME_NAME = re.compile(
    r"(^|[_.\- ])(date|time|timestamp|(first|last)_?seen|seen_?at|(created|collected|crawled|fetched|scanned|submitted)"
    r"(_?(at|on))?)$",
    flags=re.IGNORECASE,
)
"""Names of columns that say when a row was taken."""
HOST_OF = "host of "
"""How the group is called that is made of web addresses."""
HOST = r"^\s*(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/@?#]*@)?(?P<host>[^/:?#\s]+)"
MOSTLY = 0.9
ALL_DIFFERENT = 0.98
"""A column with more distinct values than this share of its rows groups nothing."""
LOOKED_AT = 1_000
"""Values that are looked at to tell whether a column holds web addresses."""


def row_keys(table: pa.Table, leave_out: str) -> pd.DataFrame:
    """Find the columns by which rows could be split other than at random.

    Parameters
    ----------
    table
        The source, n rows.
    leave_out
        The target.

    Returns
    -------
    DataFrame
        n rows: ``group.<column>`` (int64 codes, -1 where missing) for each column that groups rows, and
        ``time.<column>`` (numbers or timestamps) for each that orders them.
    """
    found: dict[str, Any] = {}
    for name in table.column_names:
        if name != leave_out:
            found |= {f"group.{group}": codes for group, codes in _groups(name, decoded(table.column(name)))}
            found |= {f"time.{name}": times for times in _times(name, decoded(table.column(name)))}
    return pd.DataFrame(found, index=pd.RangeIndex(table.num_rows))


def groups_of(keys: pd.DataFrame) -> dict[str, NDArray[np.int64]]:
    """The groups among what `row_keys` found, by the name of their column."""
    return {name.removeprefix("group."): keys[name].to_numpy() for name in keys if str(name).startswith("group.")}


def times_of(keys: pd.DataFrame) -> Mapping[str, pd.Series[Any]]:
    """The times among what `row_keys` found, by the name of their column."""
    return {name.removeprefix("time."): keys[name] for name in keys if str(name).startswith("time.")}


def _groups(name: str, column: pa.ChunkedArray) -> Iterator[tuple[str, NDArray[np.int64]]]:
    if not (is_text(column.type) or pa.types.is_integer(column.type)):
        return
    if _holds_addresses(column):
        column, name = pc.struct_field(pc.extract_regex(column, HOST), "host"), f"{HOST_OF}{name}"
    elif not GROUP_NAME.search(name):
        return
    codes, distinct = pd.factorize(column.to_pandas())
    if 1 < len(distinct) < ALL_DIFFERENT * len(codes):
        yield name, codes.astype(np.int64)


def _holds_addresses(column: pa.ChunkedArray) -> bool:
    if not is_text(column.type):
        return False
    looked_at = pc.drop_null(column.slice(0, LOOKED_AT))
    return len(looked_at) > 0 and pc.mean(pc.match_substring_regex(looked_at, ADDRESS)).as_py() >= MOSTLY


def _times(name: str, column: pa.ChunkedArray) -> Iterator[pd.Series[Any]]:
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        yield pd.to_datetime(column.to_pandas())
    elif TIME_NAME.search(name) and is_text(column.type):
        times = pd.to_datetime(column.to_pandas(), errors="coerce", format="ISO8601", utc=True)
        if times.notna().all():
            yield times
