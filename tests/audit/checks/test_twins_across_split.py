"""Test rows whose features a model has seen in training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

ROWS = 400
LABEL = np.arange(ROWS) % 2
TEST = np.arange(ROWS) < 100


def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(size=ROWS)


@pytest.mark.parametrize(("twins", "severity"), [(1, "note"), (6, "warning"), (25, "error")])
def test_it_counts_test_rows_with_a_twin_in_training(found: Callable, twins: int, severity: str) -> None:
    a = noise()
    a[100 : 100 + twins] = a[:twins]
    a[98] = a[99]  # twins within the test do not count
    (finding,) = found("twins-across-split", {"a": a, "b": a}, LABEL, test=TEST)
    assert finding.severity == severity
    numbers = finding.numbers
    assert (numbers["rows"], numbers["of"], numbers["share"]) == (twins, 100, twins / 100)
    assert numbers["by_chance"] < 0.05
    has = "has" if twins == 1 else "have"
    assert finding.detail == (
        f"{twins} of 100 test rows ({twins}.0%) {has} a twin in the training part, a row with equal features."
    )


def test_twins_that_coarse_columns_make_by_chance_are_a_note(found: Callable) -> None:
    random = np.random.default_rng(0)
    columns = {f"has{number}": random.integers(0, 2, ROWS) for number in range(4)}
    (finding,) = found("twins-across-split", columns, LABEL, test=TEST)
    assert finding.severity == "note"
    assert finding.numbers["share"] == 1
    assert finding.detail.endswith("(about 100.0% would by chance, as columns hold few different values).")


def test_copies_in_a_coarse_table_are_more_than_chance(found: Callable) -> None:
    random = np.random.default_rng(0)
    columns = {f"has{number}": random.integers(0, 2, ROWS) for number in range(30)}
    columns = {
        name: np.where(np.arange(ROWS) < 200, values[-ROWS:], np.roll(values, 200)) for name, values in columns.items()
    }
    (finding,) = found("twins-across-split", columns, LABEL, test=TEST)
    assert finding.severity == "error"


def test_different_rows_are_no_finding(found: Callable) -> None:
    assert not found("twins-across-split", {"a": noise()}, LABEL, test=TEST)


def test_without_a_split_or_features_there_is_nothing_to_look_at(applies: Callable) -> None:
    assert not applies("twins-across-split", {"a": noise()}, LABEL)
    assert not applies("twins-across-split", {}, LABEL, test=TEST)
