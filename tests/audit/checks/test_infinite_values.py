"""Infinite values, which count as missing."""

from __future__ import annotations

from collections.abc import Callable


def test_it_counts_them(found: Callable) -> None:
    counts = {"ratio": {"infinite": 2_000}, "other": {"infinite": 1, "negative": 3}, "third": {"negative": 4}}
    first, second = found("infinite-values", {"ratio": [1.0, None]}, [0, 1], counts=counts)
    assert first.severity == "warning"
    assert first.column == "ratio"
    assert first.numbers == {"rows": 2_000}
    assert first.detail == "ratio holds 2,000 infinite values; they count as missing."
    assert second.detail == "other holds 1 infinite value; it counts as missing."


def test_finite_values_are_no_finding(found: Callable) -> None:
    assert not found("infinite-values", {"a": [1.0, None]}, [0, 1], counts={"a": {"negative": 1}})


def test_categories_are_nothing_to_look_at(applies: Callable) -> None:
    assert not applies("infinite-values", {"a": ["x", "y"]}, [0, 1])
