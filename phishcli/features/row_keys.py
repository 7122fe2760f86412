"""Columns that show which rows belong together (hosts, domains) and when they were collected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.features.identifiers import named_identifier
from phishcli.tables.arrow import codes_of, decoded, is_text, series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.tables.table import Table

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
"""Names of columns that say when a row was collected."""
DATE = r"^\s*(\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4})([ T]\d{1,2}:\d{2}.*)?\s*$"
ADDRESS = r"(?i)^\s*([a-z][a-z0-9+.-]*://|www\.)"
HOST_OF = "host of "
"""How the name of a group begins that is made of web addresses."""
TWIN, GROUP, TIME = "twin", "group.", "time."
"""Columns of the keys: the number of equal feature vectors, and how names of groups and of times begin."""
HOST = r"^\s*(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/@?#]*@)?(?P<host>\[[^\]]*\]|[^/:?#\s]+)"
MOSTLY = 0.9
LEAST_GROUPS = 10
"""A column of fewer different values is a category, not a group."""
ALL_DIFFERENT = 0.98
"""A column with more distinct values than this share of its rows groups nothing."""
SMOOTH = 0.7
"""The correlation between the frequencies of neighboring numbers that makes them a count."""
ONE_FOR_ALL = 0.5
"""Nor does one with a value that more than this share of its rows has."""
THIS_CENTURY = 946_684_800
"""Seconds from 1970 to 2000."""
LOOKED_AT = 1_000
"""Values by which a column is recognized as web addresses or dates."""


def find_row_keys(table: Table, leave_out: str) -> Iterator[tuple[str, Any]]:
    """Find the columns by which rows could be split other than at random.

    Parameters
    ----------
    table
        The source, n rows; its columns are read one at a time.
    leave_out
        The target.

    Yields
    ------
    tuple
        A name and n values: ``group.<column>`` (int64 codes, -1 where missing) for each column that groups rows, and
        ``time.<column>`` (numbers or timestamps) for each that orders them.
    """
    for name in table.schema.names:
        if name != leave_out:
            column = decoded(table.column(name))
            yield from ((f"{GROUP}{group}", codes) for group, codes in _groups(name, column))
            yield from ((f"{TIME}{name}", times) for times in _times(name, column))


@dataclass(frozen=True)
class RowKeys:
    """``keys.parquet``: which rows have equal features, which belong together, and when they were collected."""

    table: Table

    @property
    def twins(self) -> NDArray[np.int64]:
        """Shape (n,): equal numbers for rows whose features are all equal."""
        numbers: NDArray[np.int64] = self.table.column(TWIN).to_numpy()
        return numbers

    @property
    def groups(self) -> list[str]:
        """The columns that group rows."""
        return self._named(GROUP)

    def group(self, name: str) -> NDArray[np.int64]:
        """Shape (n,): the group of each row as a code, -1 where it is missing."""
        codes: NDArray[np.int64] = self.table.column(f"{GROUP}{name}").to_numpy()
        return codes

    @property
    def times(self) -> list[str]:
        """The columns that order rows in time."""
        return self._named(TIME)

    def time(self, name: str) -> pd.Series[Any]:
        """The time of each row."""
        return series(self.table.column(f"{TIME}{name}"), name)

    def _named(self, prefix: str) -> list[str]:
        return [name.removeprefix(prefix) for name in self.table.schema.names if name.startswith(prefix)]


def _groups(name: str, column: pa.ChunkedArray) -> Iterator[tuple[str, NDArray[np.int64]]]:
    if is_text(column.type) and _holds(column, ADDRESS):
        hosts = pc.struct_field(pc.extract_regex(column, HOST), "host")
        column, name = pc.utf8_lower(hosts), f"{HOST_OF}{name}"
    elif not (
        (is_text(column.type) and GROUP_NAME.search(name))
        or (pa.types.is_integer(column.type) and GROUP_NAME.match(name) and not _counts(name, column))
    ):
        return
    codes = codes_of(column)
    rows = np.bincount(codes[codes >= 0])
    if LEAST_GROUPS <= len(rows) < ALL_DIFFERENT * len(codes) and rows.max() <= ONE_FOR_ALL * len(codes):
        yield name, codes


def _counts(name: str, column: pa.ChunkedArray) -> bool:
    """Whether whole numbers count something: they begin at 0 or 1, and their frequencies follow a curve.

    Numbers of groups are given out, so that neighbors among them are not equally frequent. A name with ``id`` decides.
    """
    values, rows = np.unique(pc.drop_null(column).to_numpy(), return_counts=True)
    if named_identifier(name) or len(values) < LEAST_GROUPS or values[0] not in {0, 1}:
        return False
    varied = len(np.unique(rows[1:])) > 1 < len(np.unique(rows[:-1]))
    return bool(varied and np.corrcoef(np.log(rows[1:]), np.log(rows[:-1]))[0, 1] >= SMOOTH)


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
