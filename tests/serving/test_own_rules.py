"""Rules of one's own match values and domains as people mean them, and files that are no rules are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from phishcli.documents.verdicts import OwnRule, OwnRules
from phishcli.errors import ConfigError
from phishcli.serving.own_rules import Matcher, host_of, read_rules

PARTNERS = OwnRule(
    name="partners", column="URL", values=("shop.example", "Bank.EXAMPLE"), verdict="allow", match="domain"
)
CODES = OwnRule(name="codes", column="Code", values=(7, "A"), verdict="block")


def name_of(row: dict[str, object]) -> str | None:
    found = Matcher(OwnRules(rules=(PARTNERS, CODES))).of(row)
    return found and found.name


@pytest.mark.parametrize(
    "url",
    [
        "shop.example",
        "https://shop.example",
        "http://www.Shop.EXAMPLE:8080/path?x=1#y",
        "shop.example.",
        "login.bank.example/account",
        "//shop.example/x",
        "https://user:secret@shop.example/",
        " https://sh\top.example ",
    ],
)
def test_a_domain_and_those_below_it_fit(url: str) -> None:
    assert name_of({"URL": url}) == "partners"


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example@evil.test/",
        "https://evil.test\\@shop.example/",
        "https://shop.example.evil.test/",
        "https://notshop.example/",
        "https://evil.test/shop.example",
        "https://evil.test?shop.example",
        "https://evil.test#@shop.example",
        "com",
        "",
        "https://[::1",
        None,
        7,
    ],
)
def test_what_only_looks_like_it_does_not(url: object) -> None:
    assert name_of({"URL": url}) is None


def test_values_fit_by_their_text_and_missing_ones_and_columns_never() -> None:
    assert [name_of({"Code": value}) for value in (7, 7.0, "7", "A", "a", None, True)] == [
        "codes",
        "codes",
        "codes",
        "codes",
        None,
        None,
        None,
    ]
    assert name_of({}) is None


def test_the_first_rule_that_fits_decides() -> None:
    row = {"URL": "shop.example", "Code": 7}
    assert name_of(row) == "partners"
    matcher = Matcher(OwnRules(rules=(PARTNERS, CODES)))
    assert matcher.of_columns({"URL": ["shop.example", "x"], "Code": [7, 7]}, 2) == [PARTNERS, CODES]


def test_a_host_is_none_where_there_is_none() -> None:
    assert [host_of(text) for text in ("", "/", "https://", None, b"x")] == [None] * 5


def test_rules_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        "- {name: partners, column: URL, match: domain, values: [shop.example], verdict: allow, why: known}\n"
        "- name: codes\n  column: Code\n  values: [7, A, 1.5, true]\n  verdict: review\n"
    )
    partners, codes = read_rules(path).rules
    assert (partners.match, partners.why) == ("domain", "known")
    assert codes.values == (7, "A", 1.5, True)
    (tmp_path / "none.yaml").write_text("")
    assert read_rules(tmp_path / "none.yaml").rules == ()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"partners: allow", "are not as expected"),
        (b"- {name: a, column: b, values: [c], verdict: unknown}", "Invalid enum value 'unknown'"),
        (b"- {name: a, column: b, values: [c], verdict: allow, colour: red}", "unknown field `colour`"),
        (b"- {name: a, column: b, values: c, verdict: allow}", "Expected `array`"),
        (b"- {name: a, column: b, values: [c], verdict: allow}\n" * 2, "Two rules have the name 'a'"),
        (b"- [", "rules.yaml"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"x: !!python/object/apply:os.system [id]", "rules.yaml"),
        (b"[" * 10_000, "rules.yaml"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_rules(path)
    assert says in str(caught.value)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="The rules cannot be read"):
        read_rules(tmp_path / "rules.yaml")
