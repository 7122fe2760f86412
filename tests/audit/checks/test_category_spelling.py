"""Categories that differ only in case or blanks."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd


def test_it_names_the_spellings_with_their_rows(found: Callable) -> None:
    industry = ["eCommerce"] * 7 + ["eCommerce "] * 3 + ["ECOMMERCE"] + ["Banking"] * 5
    (finding,) = found("category-spelling", {"Industry": industry}, [0, 1] * 8)
    assert finding.severity == "warning"
    assert finding.column == "Industry"
    assert finding.numbers == {"groups": [["ECOMMERCE", "eCommerce", "eCommerce "]], "rows": [[1, 7, 3]]}
    assert finding.detail.startswith("Industry: 'ECOMMERCE' (1 row) and 'eCommerce' (7 rows) and 'eCommerce ' (3 rows)")


def test_blanks_within_a_name_count_and_many_groups_are_cut_short(found: Callable) -> None:
    names = [f"a{number}{blanks}b" for number in range(8) for blanks in (" ", "  ")]
    (finding,) = found("category-spelling", {"host": names}, [0, 1] * 8)
    assert len(finding.numbers["groups"]) == 8
    assert ", and 3 more differ" in finding.detail


def test_other_names_and_categories_without_rows_are_no_finding(found: Callable) -> None:
    left = pd.Categorical(["a", "b"] * 4, ["a", "A", "b"])
    assert not found("category-spelling", {"name": ["a", "b"] * 4, "left": left}, [0, 1] * 4)


def test_numbers_are_nothing_to_look_at(applies: Callable) -> None:
    assert applies("category-spelling", {"a": ["x", "y"]}, [0, 1])
    assert not applies("category-spelling", {"a": [1, 2]}, [0, 1])
