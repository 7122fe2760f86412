"""Zeros far from all other values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

ROWS = 1_000
LABEL = np.arange(ROWS) % 2
RANDOM = np.random.default_rng(0)


def zero(values: np.ndarray, share: float) -> np.ndarray:
    return np.where(np.random.default_rng(1).random(ROWS) < share, 0, values)


PRESSURE = RANDOM.normal(72, 12, ROWS).clip(30).round()


def test_zeros_are_counted_and_the_next_value_is_told(found: Callable) -> None:
    values = zero(PRESSURE, 0.05)
    (finding,) = found("impossible-zeros", {"BloodPressure": values}, LABEL)
    zeros, least = int((values == 0).sum()), int(values[values > 0].min())
    assert finding.severity == "warning"
    assert finding.numbers == {"rows": zeros, "next": least}
    assert finding.detail == (
        f"BloodPressure is 0 in {zeros} rows ({zeros / ROWS:.1%}), and the next value is {least}: 0 most likely means "
        "'not measured' or 'none'."
    )


@pytest.mark.parametrize(
    "values",
    [
        zero(PRESSURE, 0.45),
        zero(-PRESSURE, 0.05),
        zero(RANDOM.normal(32, 6, ROWS).clip(18.2).round(1), 0.01),
        zero(RANDOM.integers(1_934, 2_016, ROWS), 0.95),
        np.where(RANDOM.random(ROWS) < 0.1, np.nan, zero(PRESSURE, 0.05)),
    ],
    ids=["many", "below zero", "few", "years", "gaps"],
)
def test_zeros_that_stand_apart_are_found(found: Callable, values: np.ndarray) -> None:
    (finding,) = found("impossible-zeros", {"a": values}, LABEL)
    assert finding.numbers["rows"] == (values == 0).sum()


def test_amounts_may_be_none(found: Callable) -> None:
    (finding,) = found("impossible-zeros", {"Balance": zero(RANDOM.normal(120_000, 20_000, ROWS), 0.3)}, LABEL)
    assert finding.severity == "note"


@pytest.mark.parametrize(
    "values",
    [
        RANDOM.poisson(5, ROWS),
        RANDOM.integers(0, 12, ROWS) * 50,
        zero(RANDOM.exponential(9, ROWS), 0.5),
        zero(PRESSURE, 0.7),
        zero(np.exp(RANDOM.normal(8, 1.2, ROWS)), 0.3),
        zero(RANDOM.choice([120, 140, 160], ROWS), 0.2),
        zero(RANDOM.normal(size=ROWS), 0.3),
        PRESSURE,
        np.zeros(ROWS),
        np.full(ROWS, np.nan),
    ],
    ids=str,
)
def test_zeros_that_belong_to_the_rest_are_no_finding(found: Callable, values: np.ndarray) -> None:
    assert not found("impossible-zeros", {"a": values}, LABEL)


def test_categories_are_nothing_to_look_at(applies: Callable) -> None:
    assert not applies("impossible-zeros", {"a": ["0", "70"]}, [0, 1])
