"""Columns that number the rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

SORTED = np.arange(400) >= 200
SHUFFLED = np.random.default_rng(0).permutation(SORTED)


def test_a_number_of_the_row_that_knows_the_label_is_an_error(found: Callable) -> None:
    (finding,) = found("identifier", {"id": np.arange(400) * 3 + 5}, SORTED)
    assert finding.severity == "error"
    assert finding.numbers == {"auc": 1.0, "used": True}
    assert finding.detail == (
        "id rises or falls from row to row, all values different, and alone has an AUC of 1.0000; it is used as a "
        "feature."
    )
    assert finding.advice.startswith("Leave it out with --drop id")


def test_one_that_knows_nothing_is_a_warning(found: Callable) -> None:
    (finding,) = found("identifier", {"id": -np.arange(400)}, SHUFFLED)
    assert finding.severity == "warning"


def test_fractions_that_rise_may_be_a_measurement_by_which_the_table_is_sorted(found: Callable) -> None:
    (finding,) = found("identifier", {"score": np.arange(400) / 7}, SORTED)
    assert finding.severity == "warning"


def test_numbers_in_another_order_are_found_too(found: Callable) -> None:
    random = np.random.default_rng(0)
    numbers = random.permutation(400) + 1
    (finding,) = found("identifier", {"id": numbers}, numbers > 200)
    assert finding.severity == "error"
    assert finding.detail.startswith("id holds the numbers from 1 to 400 in another order, all values different")


@pytest.mark.parametrize("kind", ["int", "float"])
def test_one_that_is_set_aside_is_a_note_if_it_tells(found: Callable, kind: str) -> None:
    raw = {"seen": np.arange(400).astype(kind), "url": ["x"] * 400}
    (finding,) = found("identifier", {}, SORTED, raw=raw)
    assert finding.severity == "note"
    assert finding.numbers == {"auc": 1.0, "used": False}
    assert finding.advice == "Keep it set aside."
    assert not found("identifier", {}, SHUFFLED, raw=raw)


def test_other_numbers_are_no_finding(found: Callable) -> None:
    numbers = np.arange(400)
    columns = {
        "repeats": np.r_[0, numbers[:-1]],
        "falls once": np.r_[numbers[:-2], 399, 398] * 2,
        "gap": np.where(numbers == 17, np.nan, numbers),
        "same range": np.r_[0, 0, numbers[2:]],
        "huge": np.r_[np.iinfo(np.int64).min, np.iinfo(np.int64).max, numbers[2:]],
    }
    assert not found("identifier", columns, SORTED)


def test_a_few_rows_rise_by_chance(applies: Callable) -> None:
    assert not applies("identifier", {"a": np.arange(19)}, np.arange(19) % 2)
