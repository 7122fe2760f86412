"""Numbers that probably stand for something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

ROWS = 2_000
LABEL = np.arange(ROWS) % 2
RANDOM = np.random.default_rng(0)


def planted(values: Any, code: int, share: float = 0.05) -> np.ndarray:
    return np.where(np.random.default_rng(1).random(ROWS) < share, code, values)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (RANDOM.integers(0, 4_000, ROWS), -1),
        (RANDOM.poisson(0.7, ROWS) * RANDOM.integers(0, 40, ROWS), -1),
        (RANDOM.random(ROWS), -1),
        (RANDOM.integers(1, 9, ROWS), -1),
        (RANDOM.integers(0, 60, ROWS), -99),
        (RANDOM.integers(0, 40, ROWS), 999),
        (RANDOM.normal(20, 3, ROWS), 99),
        (np.r_[RANDOM.integers(0, 300, ROWS - 5), [50_000] * 5], 9999),
        (np.r_[RANDOM.integers(0, 4_000, ROWS - 1), -2], -1),
        (np.where(RANDOM.random(ROWS) < 0.1, np.nan, RANDOM.integers(0, 50, ROWS)), 999),
    ],
)
def test_codes_are_found_and_counted(found: Callable, values: np.ndarray, code: int) -> None:
    column = planted(values, code)
    (finding,) = found("sentinel-values", {"a": column}, LABEL)
    rows = int((column == code).sum())
    assert finding.severity == "warning"
    assert finding.numbers == {"value": code, "rows": rows}
    where = "hardly ever negative" if code < 0 else "far from it"
    assert (
        finding.detail == f"a is {code:,} in {rows} rows and otherwise {where}: this looks like a code, not a number."
    )


def test_two_codes_are_two_findings(found: Callable) -> None:
    column = planted(planted(RANDOM.integers(0, 90, ROWS), -1), 999, 0.02)
    assert [each.numbers["value"] for each in found("sentinel-values", {"a": column}, LABEL)] == [-1, 999]


@pytest.mark.parametrize(
    "values",
    [
        RANDOM.integers(-1, 2, ROWS),
        RANDOM.choice([-1, 1], ROWS),
        RANDOM.choice([-1, 0, 1, 2], ROWS),
        RANDOM.choice([0, 99], ROWS),
        RANDOM.normal(0, 1, ROWS).clip(-1, 4),
        RANDOM.normal(3, 1.3, ROWS).round().clip(-1),
        RANDOM.normal(30, 15, ROWS).round(),
        RANDOM.integers(0, 100, ROWS),
        RANDOM.poisson(1, ROWS) - RANDOM.poisson(1, ROWS),
        np.r_[RANDOM.integers(0, 90, ROWS - 2), [-1, 999]],
        np.minimum(RANDOM.exponential(300, ROWS).round(), 999),
        np.full(ROWS, -1),
        np.full(ROWS, np.nan),
    ],
    ids=str,
)
def test_measurements_and_columns_of_codes_are_no_finding(found: Callable, values: np.ndarray) -> None:
    assert not found("sentinel-values", {"a": values}, LABEL)


def test_categories_are_nothing_to_look_at(applies: Callable) -> None:
    assert not applies("sentinel-values", {"a": ["-1", "999"]}, [0, 1])
