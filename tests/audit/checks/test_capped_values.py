"""Values that pile up at one end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

ROWS = 2_000
LABEL = np.arange(ROWS) % 2
RANDOM = np.random.default_rng(0)


def test_a_cap_is_told_with_the_rows_at_it_and_next_to_it(found: Callable) -> None:
    values = np.minimum(RANDOM.gamma(2, 20, ROWS).round(), 72)
    (finding,) = found("capped-values", {"tenure": values}, LABEL)
    at, below = int((values == 72).sum()), int((values == 71).sum())
    assert finding.severity == "note"
    assert finding.numbers == {"value": 72.0, "rows": at, "next": 71.0, "rows_next": below}
    assert finding.detail.startswith(f"tenure is 72, its highest value, in {at} rows ({at / ROWS:.1%}), and the next")


def test_a_limit_of_detection_is_told_too(found: Callable) -> None:
    (finding,) = found("capped-values", {"lead": np.maximum(RANDOM.gamma(2, 20, ROWS), 8.5)}, LABEL)
    assert "its lowest value" in finding.detail
    assert finding.numbers["value"] == 8.5


@pytest.mark.parametrize(
    "values",
    [
        RANDOM.integers(0, 100, ROWS),
        RANDOM.choice([1, 2, 3, 4, 5], ROWS, p=[0.05, 0.05, 0.1, 0.2, 0.6]),
        2_015 - RANDOM.geometric(0.3, ROWS),
        RANDOM.geometric(0.2, ROWS) + 4,
        np.minimum(RANDOM.exponential(60, ROWS), 100),
        np.minimum(RANDOM.exponential(0.6, ROWS), 1),
        np.clip(RANDOM.normal(120, 150, ROWS), 0, 255).round(),
        np.where(RANDOM.random(ROWS) < 0.7, 0, RANDOM.exponential(9, ROWS)),
        np.where(RANDOM.random(ROWS) < 0.9, 500, RANDOM.integers(0, 500, ROWS)),
        np.where(RANDOM.random(ROWS) < 0.1, 999, RANDOM.integers(0, 60, ROWS)),
        RANDOM.normal(size=ROWS),
        np.full(ROWS, 3.0),
        np.full(ROWS, np.nan),
        RANDOM.poisson(8, ROWS),
    ],
    ids=str,
)
def test_natural_ends_scales_and_codes_are_no_finding(found: Callable, values: np.ndarray) -> None:
    assert not found("capped-values", {"a": values}, LABEL)


def test_categories_are_nothing_to_look_at(applies: Callable) -> None:
    assert not applies("capped-values", {"a": ["x", "y"]}, [0, 1])
