"""Categories with very many values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

LABEL = np.arange(400) % 2


def test_it_counts_categories_and_rare_ones(found: Callable) -> None:
    names = [f"rare {row // 4}" for row in range(100)] + [f"often {row % 6}" for row in range(300)]
    (finding,) = found("high-cardinality", {"Provider": names}, LABEL)
    assert finding.severity == "note"
    assert finding.numbers == {"categories": 31, "rare": 25}
    assert finding.detail == "Provider has 31 categories, 25 of them in fewer than 5 rows."
    assert finding.advice.endswith("--drop Provider.")


def test_columns_set_aside_for_it_are_named(found: Callable) -> None:
    many = "77 different values in 90 rows hardly repeat (names or codes)"
    aside = {"Title": "every value is different (free text)", "City": many, "url": "it holds web addresses"}
    findings = found("high-cardinality", {}, LABEL, set_aside=aside)
    assert [each.column for each in findings] == ["Title", "City"]
    assert findings[1].detail == f"City is set aside: {many}."


def test_many_frequent_and_few_rare_categories_are_no_finding(found: Callable) -> None:
    columns = {"often": [f"{row % 40}x" for row in range(400)], "few": ["a", "b"] + ["c"] * 398}
    assert not found("high-cardinality", columns, LABEL)


def test_numbers_are_no_categories(found: Callable) -> None:
    assert not found("high-cardinality", {"a": np.arange(400)}, LABEL)
