"""Patterns name a URL, a domain or an address, and nothing breaks out of their quotes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from phishcli.serving.stix import Stix, pattern_of


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("https://a.example/x", "[url:value = 'https://a.example/x']"),
        ("a.example", "[domain-name:value = 'a.example']"),
        ("A.EXAMPLE.", "[domain-name:value = 'a.example']"),
        ("192.0.2.7", "[ipv4-addr:value = '192.0.2.7']"),
        ("[2001:db8::1]:80", "[ipv6-addr:value = '2001:db8::1']"),
        ("https://a.example/']OR[x", "[url:value = 'https://a.example/\\']OR[x']"),
        ("https://a.example/\\", "[url:value = 'https://a.example/\\\\']"),
        ("a'b.example", None),
        ("two words", None),
        ("https://a.example/\n", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_what_a_value_is(value: object, pattern: str | None) -> None:
    assert pattern_of(value) == pattern


def test_an_indicator_has_the_same_id_for_the_same_site_model_and_time_only() -> None:
    now = datetime(2026, 1, 31, 23, 59, 59, 999_999, UTC)
    one = Stix("URL", "A v1", now).indicator("[x]", "block", 0.987)
    assert (one["created"], one["valid_until"], one["confidence"]) == (
        "2026-01-31T23:59:59.999Z",
        "2026-02-01T23:59:59.999Z",
        99,
    )
    assert Stix("URL", "A v1", now).indicator("[x]", "block", 0.5)["id"] == one["id"]
    assert Stix("URL", "A v2", now).indicator("[x]", "block", 0.5)["id"] != one["id"]
