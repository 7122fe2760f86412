"""Addresses lose their passwords and tokens before anybody sees them, and nothing else does."""

from __future__ import annotations

import pickle
import time

import pytest

from phishcli.address import shown, without_secrets
from phishcli.errors import DataError


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("http://bob:pw@host/x.csv?token=T", "http://host/x.csv?..."),
        ("https://bob@host:8080/a/x.csv", "https://host:8080/a/x.csv"),
        ("https://host?token=T", "https://host?..."),
        ("https://host/x.csv#token=T", "https://host/x.csv"),
        ("https://host/x.csv?a=b#T", "https://host/x.csv?..."),
        ("https://bob:p@w@host/x.csv", "https://host/x.csv"),
        ("https://bob:p/w@host/x.csv?token=T", "https://host/x.csv?..."),
        ("https://bob:p?w@host/x.csv?token=T", "https://host/x.csv?..."),
        ("https://bob:p w@host/x.csv", "https://host/x.csv"),
        ("ftp://bob:pw@host/x.csv", "ftp://host/x.csv"),
        ("http://[bad?token=T", "http://[bad?..."),
        ("https://host/data;token=T/x.csv", "https://host/data;.../x.csv"),
        ("https://host/x.csv;jsessionid=T?a=b", "https://host/x.csv;...?..."),
        ("https://host/a;v=1;token=T/b;sig=T", "https://host/a;.../b;..."),
        ("https://host/x.csv%3Btoken=T", "https://host/x.csv;..."),
        ("https://bob:pw@host/x.csv;token=T", "https://host/x.csv;..."),
        ("https://host/x.csv?X-Amz-Signature=T&Expires=1", "https://host/x.csv?..."),
    ],
)
def test_an_address_loses_user_password_query_and_fragment(source: str, expected: str) -> None:
    assert shown(source) == expected
    assert shown(expected) == expected


@pytest.mark.parametrize(
    "source",
    [
        "sample",
        "data/what?.csv",
        "me@home/x.csv",
        "/data/a#b.csv",
        "C:/x.csv",
        "",
        "http://host/x.csv",
        "https://cdn.host/npm/data@2.1/sites.csv",
        "https://host:8080/data@2.1/sites.csv",
        "http://[::1]:8080/data@2.1/x.csv",
        "file:///tmp/x@y.csv",
    ],
)
def test_a_path_and_an_address_without_secrets_stay_as_they_are(source: str) -> None:
    assert shown(source) == source


def test_every_address_in_a_text_loses_its_secrets() -> None:
    text = "from http://bob:pw@host/x.csv?token=T, then 'https://host/y'; me@home?"
    assert without_secrets(text) == "from http://host/x.csv?... then 'https://host/y'; me@home?"


def test_a_secret_behind_a_long_name_is_removed_too() -> None:
    assert "pw" not in without_secrets("a" * 100 + "http://bob:pw@host/x.csv")


@pytest.mark.parametrize("piece", ["a.", "a-", "ab", "a://", "a;b=", "a@", ":", "/"])
def test_the_time_grows_with_the_length_and_not_with_its_square(piece: str) -> None:
    def seconds(length: int) -> float:
        times = []
        for _ in range(3):
            begin = time.process_time()
            without_secrets(piece * length + " http://x")
            times.append(time.process_time() - begin)
        return min(times)

    assert seconds(40_000) < 40 * seconds(4_000) + 0.05  # the square would be 100 times


def test_no_error_tells_a_secret() -> None:
    address = "http://bob:pw@host/x?token=T"
    error = DataError(f"No {address}", where=address, hint=f"Try {address}")
    for said in (error, pickle.loads(pickle.dumps(error))):  # noqa: S301 (made on the line before)
        assert str(said) == "No http://host/x?...\nhttp://host/x?...\nTry http://host/x?..."
        assert said.args == ("No http://host/x?...",)
