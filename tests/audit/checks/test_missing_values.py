"""How many values are missing."""

from __future__ import annotations

from collections.abc import Callable


def test_it_counts_them_column_by_column_the_emptiest_first(found: Callable) -> None:
    columns = {"a": [1.0, None, 3.0, 4.0], "b": [None, None, 3.0, 4.0], "c": [1, 2, 3, 4]}
    (finding,) = found("missing-values", columns, [0, 1, 0, 1])
    assert finding.severity == "note"
    assert finding.numbers == {"missing": {"a": 1, "b": 2}}
    assert finding.detail == "Missing values in 4 rows: b 2 (50.0%), a 1 (25.0%)."


def test_many_columns_are_cut_short(found: Callable) -> None:
    columns = {f"a{number}": [None, 1.0] for number in range(12)}
    assert found("missing-values", columns, [0, 1])[0].detail.endswith("a9 1 (50.0%) and 2 more.")


def test_a_complete_table_is_no_finding(found: Callable) -> None:
    assert not found("missing-values", {"a": [1, 2], "b": ["x", "y"]}, [0, 1])
