"""Columns that say which rows belong together (hosts, domains) and when they were taken, as the audit needs them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.features.roles import ADDRESS, DATE, decoded, is_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUP_NAME = re.compile(
    r"(^|[_.\- ])(domain|host|hostname|host_?name|fqdn|ip|ip_?addr(ess)?|netloc|registered_?domain|server_?ip|"
    r"campaign|kit|brand)s?([_.\- ]?(name|id))?$",
    flags=re.IGNORECASE,
)
"""Names of columns whose values belong together; whole numbers must have such a name from its beginning on, since
``length_hostname`` and ``domain_in_ip`` are measurements."""
TIME_NAME = re.compile(
    r"(^|[_.\- ])(date|time|timestamp|(first|last)_?seen|seen_?at|(created|collected|crawled|fetched|scanned|submitted)"
    r"(_?(at|on))?)$",
    flags=re.IGNORECASE,
)
"""Names of columns that say when a row was taken."""
HOST_OF = "host of "
"""How the group is called that is made of web addresses."""
HOST = r"^\s*(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/@?#]*@)?(?P<host>\[[^\]]*\]|[^/:?#\s]+)"
MOSTLY = 0.9
LEAST_GROUPS = 10
"""A column of fewer different values is a category; rows of one value are not one of a kind."""
ALL_DIFFERENT = 0.98
"""A column with more distinct values than this share of its rows groups nothing."""
ONE_FOR_ALL = 0.5
"""Nor does one with a value that more than this share of its rows has."""
THIS_CENTURY = 946_684_800
"""Seconds from 1970 to 2000."""
LOOKED_AT = 1_000
"""Values that are looked at to tell whether a column holds web addresses, or dates."""


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
    return {name: values.to_numpy() for name, values in _named(keys, "group.")}


def times_of(keys: pd.DataFrame) -> Mapping[str, pd.Series[Any]]:
    """The times among what `row_keys` found, by the name of their column."""
    return dict(_named(keys, "time."))


def _named(keys: pd.DataFrame, prefix: str) -> Iterator[tuple[str, pd.Series[Any]]]:
    for name in map(str, keys):
        if name.startswith(prefix):
            yield name.removeprefix(prefix), keys[name]


def _groups(name: str, column: pa.ChunkedArray) -> Iterator[tuple[str, NDArray[np.int64]]]:
    if is_text(column.type) and _holds(column, ADDRESS):
        hosts = pc.struct_field(pc.extract_regex(column, HOST), "host")
        column, name = pc.utf8_lower(hosts), f"{HOST_OF}{name}"
    elif not (
        (is_text(column.type) and GROUP_NAME.search(name))
        or (pa.types.is_integer(column.type) and GROUP_NAME.match(name))
    ):
        return
    codes = pd.factorize(column.to_pandas())[0].astype(np.int64)
    rows = np.bincount(codes[codes >= 0])
    if LEAST_GROUPS <= len(rows) < ALL_DIFFERENT * len(codes) and rows.max() <= ONE_FOR_ALL * len(codes):
        yield name, codes


def _holds(column: pa.ChunkedArray, pattern: str) -> bool:
    looked_at = pc.drop_null(column.slice(0, LOOKED_AT))
    return len(looked_at) > 0 and pc.mean(pc.match_substring_regex(looked_at, pattern)).as_py() >= MOSTLY


def _times(name: str, column: pa.ChunkedArray) -> Iterator[pd.Series[Any]]:
    times: pd.Series[Any]
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        times = pd.to_datetime(column.to_pandas())
    elif is_text(column.type) and (TIME_NAME.search(name) or _holds(column, DATE)):
        times = pd.to_datetime(column.to_pandas(), errors="coerce", format="ISO8601", utc=True)
    elif TIME_NAME.search(name) and pa.types.is_integer(column.type) and _since_1970(column):
        times = column.to_pandas()
    else:
        return
    if times.notna().all() and times.min() < times.max():
        yield times


def _since_1970(column: pa.ChunkedArray) -> bool:
    """Whether whole numbers are seconds, or parts of seconds, since 1970: none is before this century."""
    least = pc.min(column).as_py()
    return least is not None and least >= THIS_CENTURY
