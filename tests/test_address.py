"""Addresses lose their passwords and tokens before anybody sees them, and nothing else does."""

from __future__ import annotations

import pickle

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


def test_no_error_tells_a_secret() -> None:
    address = "http://bob:pw@host/x?token=T"
    error = DataError(f"No {address}", where=address, hint=f"Try {address}")
    for said in (error, pickle.loads(pickle.dumps(error))):  # noqa: S301 (made on the line before)
        assert str(said) == "No http://host/x?...\nhttp://host/x?...\nTry http://host/x?..."
        assert said.args == ("No http://host/x?...",)
