"""What is read off web addresses, texts, dates and the like; every value here was found by hand."""

from __future__ import annotations

import math
from typing import Any, get_args

import pytest

from phishcli.config.schema import RoleName
from phishcli.features.column_decision import DATE_FORMS
from phishcli.features.derive import parts_of
from phishcli.features.kinds import registry
from phishcli.features.kinds.brands import imitates
from phishcli.features.kinds.host import is_address, split_host

BETWEEN = "https://user:pw@sub.docs.example.com:8080/a/b1/page.PHP?id=1&x=%20#top"


ODD = ["", " ", "\x00", "http://", "://", "a@", "@b", "....", "\u0663", "\ud800", "x" * 20_000, "http://[::1", "%"]
ODD += ["xn--\u00fc", "1.2.3.4:99999999999999", "a" * 300 + ".com", "\n\n", "2024-99-99", "::::", "1.2.3.4/99"]


def one(kind: str, text: str, form: str | None = None) -> dict[str, Any]:
    return {part: values[0] for part, values in parts_of(kind, [text], form).items()}


def test_every_kind_can_be_asked_for() -> None:
    assert set(get_args(RoleName)) == {*registry(), *DATE_FORMS, "numeric", "categorical", "high_cardinality"}


@pytest.mark.parametrize("kind", registry().values(), ids=lambda kind: kind.name)
def test_any_text_has_all_parts_and_no_text_has_none(kind: Any) -> None:
    found = parts_of(kind.name, [*ODD, None], "day first")
    assert list(found) == [part.name for part in kind.parts]
    for part in kind.parts:
        values = found[part.name]
        assert len(values) == len(ODD) + 1
        if part.role == "numeric":
            assert math.isnan(values[-1])
            assert not any(map(math.isinf, values))
        else:
            assert values[-1] is None
            assert all(value is None or isinstance(value, str) for value in values)


def test_an_address_is_taken_apart() -> None:
    found = one("url", BETWEEN)
    expected = {
        "length": len(BETWEEN),
        "scheme": "https",
        "port": 1,
        "user": 1,
        "host.length": len("sub.docs.example.com"),
        "host.labels": 4,
        "host.subdomains": 2,
        "host.longest": 7,
        "host.digits": 0,
        "host.ip": 0,
        "suffix": "com",
        "tenant": "example.com",
        "path.length": len("a/b1/page.PHP"),
        "path.depth": 3,
        "path.digits": 1 / 13,
        "path.longest": 8,
        "path.file": "php",
        "query.length": len("id=1&x=%20"),
        "query.parameters": 2,
        "fragment": 1,
        "escapes": 1,
    }
    assert {name: found[name] for name in expected} == expected


def test_entropy_of_a_host_is_in_bits_a_character() -> None:
    assert one("domain", "aabb.aabb")["host.entropy"] == pytest.approx(
        -(4 / 9 * math.log2(4 / 9)) * 2 - 1 / 9 * math.log2(1 / 9), abs=1e-6
    )
    assert one("domain", "aaaa")["host.entropy"] == 0


@pytest.mark.parametrize(
    ("host", "tenant", "shared"),
    [
        ("www.example.com", "example.com", False),
        ("a.b.example.co.uk", "example.co.uk", False),
        ("alice.github.io", "alice.github.io", True),
        ("login.bob.blogspot.com", "bob.blogspot.com", True),
        ("localhost", "localhost", False),
        ("192.0.2.1", "192.0.2.1", False),
    ],
)
def test_the_tenant_is_the_registered_domain_or_below_a_shared_suffix(host: str, tenant: str, shared: bool) -> None:
    found = one("url", f"http://{host}/x")
    assert (found["tenant"], found["host.shared"]) == (tenant, shared)
    assert split_host(host).shared is shared


@pytest.mark.parametrize("host", ["192.0.2.1", "0xc0000201", "3221225985", "0300.0.2.1", "::1", "[2001:db8::1]"])
def test_an_address_in_any_spelling_is_one(host: str) -> None:
    assert is_address(host)


@pytest.mark.parametrize("host", ["example.com", "1.2.3", "a.1.2.3", "12345"])
def test_a_name_is_no_address(host: str) -> None:
    assert not is_address(host)


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("paypal", False),
        ("paypa1", True),
        ("paypall", True),
        ("papyal", True),
        ("rnicrosoft", True),
        ("amaz0n", True),
        ("microsfot", True),
        ("garden", False),
        ("apples", True),
        ("ebay1", False),
        ("travel", False),
    ],
)
def test_words_that_nearly_are_a_brand(token: str, expected: bool) -> None:
    assert imitates(token) is expected


def test_a_brand_counts_outside_of_its_own_domain_only() -> None:
    assert one("url", "https://www.paypal.com/")["host.brand"] == 0
    assert one("url", "https://paypal.com.evil.net/")["host.brand"] == 1
    assert one("url", "https://paypal-login.net/")["host.brand"] == 1
    assert one("url", "https://evil.net/paypal")["path.brand"] == 1


def test_punycode_and_mixed_alphabets_are_seen() -> None:
    cyrillic = "p\u0430ypal.com"  # a Cyrillic a
    encoded = cyrillic.encode("idna").decode()
    assert one("domain", encoded)["host.punycode"] == 1
    assert one("domain", encoded)["host.scripts"] == one("domain", cyrillic)["host.scripts"] == 2
    assert one("domain", "paypal.com")["host.scripts"] == 1


def test_an_address_without_a_scheme_has_none() -> None:
    found = one("url", "www.example.com/login?next=http://a.com")
    assert (found["scheme"], found["tenant"], found["path.length"], found["path.lures"]) == (None, "example.com", 5, 1)


def test_mail_addresses_have_a_name_and_a_host() -> None:
    found = one("email", "Support <sup.port_1@mail.example.com>")
    assert (found["name.length"], found["name.digits"], found["name.marks"], found["display"]) == (10, 0.1, 2, 1)
    assert (found["tenant"], found["host.subdomains"]) == ("example.com", 1)
    assert one("email", "a@example.com")["display"] == 0


def test_ip_addresses_say_what_they_are_for() -> None:
    found = one("ip", "10.1.2.3")
    assert (found["version"], found["private"], found["special"]) == (4, 1, 0)
    assert (found["network"], found["block"]) == ("10.1.0.0/16", "10.1.2.0/24")
    assert found["number"] == pytest.approx((10 * 2**24 + 1 * 2**16 + 2 * 2**8 + 3) / 2**32)
    assert one("ip", "127.0.0.1")["special"] == 1
    assert one("ip", "2001:db8::1")["version"] == 6


def test_texts_are_measured() -> None:
    found = one("text", "URGENT! Call 0800 123 456 now: https://a.com Pay $5!\nBye")
    expected = {"words": 10, "lines": 2, "exclamations": 2, "links": 1, "phones": 1, "money": 1, "mails": 0}
    assert {name: found[name] for name in expected} == expected
    assert found["shouting"] == pytest.approx(1 / 10)
    assert found["digits"] == pytest.approx(11 / len("URGENT! Call 0800 123 456 now: https://a.com Pay $5!\nBye"))


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("2024-02-29", "year first", (2024, 2, 29, 3, 0)),
        ("29.02.2024 18:30", "day first", (2024, 2, 29, 3, 18)),
        ("02/29/2024 18:30:59", "month first", (2024, 2, 29, 3, 18)),
        ("2024-03-01T01:30:00+02:00", "year first", (2024, 2, 29, 3, 23)),
        ("2024-02-29 23:00:00Z", "year first", (2024, 2, 29, 3, 23)),
    ],
)
def test_dates_have_their_parts_in_utc(text: str, form: str, expected: tuple[int, ...]) -> None:
    found = one("date", text, form)
    assert tuple(found[name] for name in ("year", "month", "day", "weekday", "hour")) == expected


def test_hours_stand_on_a_circle_and_days_count_from_1970() -> None:
    found = one("date", "1970-01-02 06:00", "year first")
    assert found["days"] == 1.25
    assert (found["hour.sin"], found["hour.cos"]) == (pytest.approx(1), pytest.approx(0, abs=1e-12))
    before, after = one("date", "2024-01-01 23:59", "year first"), one("date", "2024-01-01 00:01", "year first")
    assert math.hypot(before["hour.sin"] - after["hour.sin"], before["hour.cos"] - after["hour.cos"]) < 0.01


def test_equal_places_on_a_circle_are_equal_numbers() -> None:
    """Tuesday and Sunday are as far from Monday: seven days have four cosines, twelve months seven."""
    days = [one("date", f"2024-01-0{day}", "year first") for day in range(1, 8)]
    months = [one("date", f"2024-{month:02}-01", "year first") for month in range(1, 13)]
    assert len({each["weekday.cos"] for each in days}) == 4
    assert [len({each[name] for each in months}) for name in ("month.sin", "month.cos")] == [7, 7]
    assert math.copysign(1, one("date", "2024-07-01", "year first")["month.sin"]) == 1


@pytest.mark.parametrize("text", ["2024-13-01", "2023-02-29", "no date", "0000-01-01", "2024-01-01 25:00"])
def test_what_is_no_date_has_no_parts(text: str) -> None:
    assert all(math.isnan(value) for value in one("date", text, "year first").values())
