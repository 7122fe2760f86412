"""Texts of numbers with more digits than float64 holds."""

from __future__ import annotations

from collections.abc import Callable


def test_it_counts_them(found: Callable) -> None:
    first, second = found("rounded-numbers", {"a": [1.0, 2.0]}, [0, 1], counts={"a": {"merged": 2}, "b": {"merged": 1}})
    assert (first.column, first.severity, first.numbers) == ("a", "warning", {"values": 2})
    assert "2 values have too many digits and become equal to another one" in first.detail
    assert "1 value has too many digits and becomes equal to another one" in second.detail


def test_other_counts_are_no_finding(found: Callable) -> None:
    assert not found("rounded-numbers", {"a": [1.0, 2.0]}, [0, 1], counts={"a": {"infinite": 2}})
