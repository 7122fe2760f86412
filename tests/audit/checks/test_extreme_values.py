"""Values far outside of where nearly all others are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

LABEL = np.arange(400) % 2


def test_it_counts_the_values_and_names_the_farthest(found: Callable) -> None:
    width = np.arange(400) % 9 * 1.0  # quartiles 2 and 6, median 4
    width[[3, 7, 9]] = [404.5, -1_000_000, np.nan]
    (finding,) = found("extreme-values", {"width": width, "other": np.arange(400)}, LABEL)
    assert finding.severity == "note"
    assert finding.numbers == {"columns": {"width": {"rows": 2, "farthest": -1_000_000.0}}}
    assert finding.detail == (
        "Values more than 100 interquartile ranges from the median: width (2 rows, up to -1,000,000)."
    )


def test_many_columns_are_cut_short(found: Callable) -> None:
    columns = {f"a{number}": np.r_[np.arange(399), 10**9] for number in range(7)}
    assert found("extreme-values", columns, LABEL)[0].detail.endswith("a4 (1 row, up to 1,000,000,000) and 2 more.")


def test_heavy_tails_and_columns_of_mostly_one_value_are_no_finding(found: Callable) -> None:
    tails = np.exp(np.random.default_rng(0).normal(size=400))
    assert not found("extreme-values", {"tails": tails, "rare": np.r_[np.zeros(399), 1e9]}, LABEL)


def test_whole_numbers_of_any_size_are_told_apart(found: Callable) -> None:
    values = np.r_[np.full(200, 2**62), np.full(200, -(2**62))]
    assert not found("extreme-values", {"a": values}, LABEL)


def test_categories_are_nothing_to_look_at(applies: Callable) -> None:
    assert not applies("extreme-values", {"a": ["x", "y"]}, [0, 1])
