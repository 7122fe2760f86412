"""Which columns show that rows belong together, and which show when they were collected."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.features.row_keys import RowKeys, find_row_keys
from phishcli.tables.memory import MemoryTable

ROWS = 60
HOSTS = [f"h{row % 20}.com" for row in range(ROWS)]


def keys(**columns: Any) -> RowKeys:
    found = dict(find_row_keys(MemoryTable(pa.table(columns)), "label"))
    return RowKeys(MemoryTable.of_columns({"twin": np.arange(ROWS), **found}, ROWS))


def groups_of(found: RowKeys) -> dict[str, np.ndarray]:
    return {name: found.group(name) for name in found.groups}


def times_of(found: RowKeys) -> dict[str, pd.Series]:
    return {name: found.time(name) for name in found.times}


def nothing(found: RowKeys) -> bool:
    return not found.groups and not found.times


@pytest.mark.parametrize(
    "name", ["domain", "Host", "hostname", "server_ip", "site.domain", "registered_domain", "campaign_id", "brands"]
)
def test_texts_named_like_a_host_group_rows(name: str) -> None:
    (column, codes), *others = groups_of(keys(**{name: HOSTS})).items()
    assert column == name
    assert codes.dtype == np.int64
    assert codes.tolist() == [row % 20 for row in range(ROWS)]
    assert not others


@pytest.mark.parametrize("name", ["ip", "domain_id", "host"])
def test_numbers_group_rows_under_such_a_name_alone(name: str) -> None:
    numbers = [row % 20 for row in range(ROWS)]
    assert list(groups_of(keys(**{name: numbers}))) == [name]
    measured = {f"{word}_{name}": numbers for word in ("length", "nb", "is")}
    assert nothing(keys(**measured, other=numbers))


def test_hosts_of_web_addresses_group_rows_whatever_their_column_is_called() -> None:
    beginnings = ["https://", "HTTP://", "https://user:secret@", "www.", " http://"]
    urls = [f"{beginnings[row % 5]}H{row % 12}.com:80/a?b=http://b.org/{row}" for row in range(ROWS)]
    (found,) = groups_of(keys(page=urls)).items()
    assert found[0] == "host of page"
    hosts = pd.Series([f"{'www.' if row % 5 == 3 else ''}h{row % 12}.com" for row in range(ROWS)])
    assert found[1].tolist() == pd.factorize(hosts)[0].tolist()


def test_numbered_addresses_are_hosts_too() -> None:
    urls = [f"http://[2001:db8::{row % 12}]:80/{row}" for row in range(ROWS)]
    (codes,) = groups_of(keys(page=urls)).values()
    assert len(set(codes)) == 12


def test_texts_that_are_dates_are_times_whatever_their_column_is_called() -> None:
    assert list(times_of(keys(anything=[f"{day.date()} 10:00:00" for day in DAYS]))) == ["anything"]
    assert not times_of(keys(anything=[f"{day.day}.{day.month}.{day.year}" for day in DAYS]))  # day or month first?
    assert not times_of(keys(anything=HOSTS))


def test_missing_values_are_no_group() -> None:
    (codes,) = groups_of(keys(host=[None, *HOSTS[1:]])).values()
    assert codes[0] == -1
    assert codes[1:].min() == 0


@pytest.mark.parametrize(
    "values",
    [
        [f"h{row}.com" for row in range(ROWS)],
        [f"h{row % 9}.com" for row in range(ROWS)],
        [f"h{row}.com" if row % 5 < 2 else "a.com" for row in range(ROWS)],
        [None] * ROWS,
        [0.5] * ROWS,
        [True, False] * (ROWS // 2),
    ],
    ids=["all different", "few", "one for most", "missing", "fractions", "yes or no"],
)
def test_values_that_are_all_different_few_or_mostly_one_group_nothing(values: list[Any]) -> None:
    assert nothing(keys(host=values))


def test_dictionaries_count_as_what_they_stand_for() -> None:
    encoded = pa.chunked_array([pa.array(HOSTS[:30]), pa.array(HOSTS[30:])]).dictionary_encode()
    assert groups_of(keys(host=encoded))["host"].tolist() == groups_of(keys(host=HOSTS))["host"].tolist()


def test_the_target_and_other_columns_are_no_keys() -> None:
    found = keys(label=HOSTS, words=HOSTS, numbers=list(range(ROWS)))
    assert nothing(found)
    assert found.twins.tolist() == list(range(ROWS))


DAYS = pd.date_range("2024-01-01", periods=ROWS, freq="D")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("anything", DAYS),
        ("anything", [day.date() for day in DAYS]),
        ("first_seen", DAYS.astype(str)),
        ("date", [day.isoformat() + "Z" for day in DAYS]),
        ("created_at", [int(day.timestamp()) for day in DAYS]),
        ("timestamp", [int(day.timestamp() * 1000) for day in DAYS]),
    ],
)
def test_times_order_rows(name: str, values: Any) -> None:
    ((column, times),) = times_of(keys(**{name: pa.array(values)})).items()
    assert column == name
    assert times.is_monotonic_increasing
    assert times.nunique() == ROWS


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("first_seen", ["soon", *DAYS[1:].astype(str)]),
        ("first_seen", [None, *DAYS[1:].astype(str)]),
        ("anything", [None, *[day.date() for day in DAYS[1:]]]),
        ("anything", [dt.date(2024, 1, 1)] * ROWS),
        ("response_time", list(range(ROWS))),
        ("time", [None] * ROWS),
        ("uptime", [10**9 + row for row in range(ROWS)]),
    ],
)
def test_what_is_incomplete_the_same_or_no_time_orders_nothing(name: str, values: list[Any]) -> None:
    assert not times_of(keys(**{name: pa.array(values)}))
