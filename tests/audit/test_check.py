"""Findings in a row: their order, which are ignored, which reasons are not needed."""

from __future__ import annotations

from phishcli.audit import codes
from phishcli.audit.check import ordered
from phishcli.audit.ignoring import mark_ignored, unused_reasons
from phishcli.documents.findings import Finding, Findings, Severity


def finding(code: str, severity: Severity = "note", column: str | None = None, ignored: str | None = None) -> Finding:
    return Finding(
        code=code, title="t", severity=severity, column=column, detail="d", advice="a", numbers={}, ignored=ignored
    )


def findings(*each: Finding) -> Findings:
    return Findings(findings=each)


def test_the_most_severe_come_first_then_by_code_and_ignored_ones_last() -> None:
    made = [
        finding("b"),
        finding("c", "error", ignored="known"),
        finding("z", "warning", "second"),
        finding("z", "warning", "first"),
        finding("a"),
        finding("y", "error"),
    ]
    assert [(each.code, each.column) for each in ordered(made).findings] == [
        ("y", None),
        ("z", "second"),
        ("z", "first"),
        ("a", None),
        ("b", None),
        ("c", None),
    ]


def test_a_finding_is_ignored_by_its_code_or_by_code_and_column() -> None:
    made = findings(finding("a", column="x"), finding("a", column="y:z"), finding("b"), finding("c"))
    marked = mark_ignored(made, {"a:y:z": "measured so", "b": "few rows", "c:None": "no", "a:q": "no"})
    reasons = {(each.code, each.column): each.ignored for each in marked.findings}
    assert reasons == {("a", "x"): None, ("a", "y:z"): "measured so", ("b", None): "few rows", ("c", None): None}
    assert not made.ignored()


def test_the_name_with_the_column_comes_before_the_code_alone() -> None:
    marked = mark_ignored(findings(finding("a", column="x"), finding("a")), {"a": "all", "a:x": "this one"})
    assert [each.ignored for each in marked.findings] == ["this one", "all"]


def test_what_is_ignored_stays_so_without_its_reason() -> None:
    once = mark_ignored(findings(finding("a")), {"a": "known"})
    assert mark_ignored(once, {}) == once


def test_reasons_that_no_finding_needs_are_named() -> None:
    made = findings(finding("a", column="x"), finding("b"))
    assert unused_reasons(made, {"a": "1", "a:x": "2", "a:y": "3", "b:x": "4", "c": "5"}) == ["a:y", "b:x", "c"]


def test_codes_are_known_without_loading_a_check() -> None:
    assert "missing-in-one-class" in codes()
