"""Findings in a row: their order, which are ignored, which are heard."""

from __future__ import annotations

from typing import Any

import pytest

from phishcli.audit import codes
from phishcli.audit.check import heard, ignoring, ordered


def finding(code: str, severity: str = "note", column: str | None = None, **more: Any) -> dict[str, Any]:
    return {"code": code, "severity": severity, "column": column, **more}


def test_the_gravest_come_first_then_by_code_and_ignored_ones_last() -> None:
    findings = [
        finding("b"),
        finding("c", "error", ignored="known"),
        finding("z", "warning", "second"),
        finding("z", "warning", "first"),
        finding("a"),
        finding("y", "error"),
    ]
    assert [(each["code"], each["column"]) for each in ordered(findings)] == [
        ("y", None),
        ("z", "second"),
        ("z", "first"),
        ("a", None),
        ("b", None),
        ("c", None),
    ]


def test_a_finding_is_ignored_by_its_code_or_by_code_and_column() -> None:
    findings = [finding("a", column="x"), finding("a", column="y:z"), finding("b"), finding("c")]
    marked = ignoring(findings, {"a:y:z": "measured so", "b": "few rows", "c:None": "no", "a:q": "no"})
    reasons = {(each["code"], each["column"]): each.get("ignored") for each in marked}
    assert reasons == {("a", "x"): None, ("a", "y:z"): "measured so", ("b", None): "few rows", ("c", None): None}
    assert all("ignored" not in each for each in findings)


def test_what_is_ignored_stays_so_with_other_reasons_away() -> None:
    once = ignoring([finding("a")], {"a": "known"})
    assert ignoring(once, {}) == once


@pytest.mark.parametrize(("least", "expected"), [("error", "a"), ("warning", "ab"), ("note", "abc")])
def test_what_is_heard_is_grave_enough_and_not_ignored(least: Any, expected: str) -> None:
    findings = [finding("a", "error"), finding("b", "warning"), finding("c"), finding("d", "error", ignored="known")]
    assert "".join(each["code"] for each in heard(findings, least)) == expected


def test_codes_are_known_without_loading_a_check() -> None:
    assert "missing-in-one-class" in codes()
