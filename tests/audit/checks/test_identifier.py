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


@pytest.mark.parametrize(
    "numbers",
    [
        np.r_[0, np.arange(399)],
        np.r_[np.arange(398), 399, 398] * 2,
        np.where(np.arange(400) == 17, np.nan, np.arange(400)),
        np.r_[0, 0, np.arange(2, 400)],
        np.random.default_rng(0).choice(3_000, 400, replace=False),
    ],
    ids=["one repeated", "falls once", "gap", "same range", "with holes"],
)
def test_whole_numbers_that_avoid_each_other_were_given_out(found: Callable, numbers: np.ndarray) -> None:
    (finding,) = found("identifier", {"badge": numbers}, SHUFFLED)
    assert finding.severity == "warning"
    assert "where a measurement would repeat about" in finding.detail


def test_the_repetitions_to_expect_are_those_of_drawing_with_replacement(found: Callable) -> None:
    numbers = np.random.default_rng(0).choice(3_000, 400, replace=False)
    (finding,) = found("identifier", {"badge": numbers}, SHUFFLED)
    expected = int(finding.detail.split(" times")[0].split()[-1])
    assert expected == pytest.approx(400 * 399 / 2 / 3_000, rel=0.25)


def test_long_numbers_of_equal_length_without_a_repetition_are_a_warning(found: Callable) -> None:
    random = np.random.default_rng(0)
    (finding,) = found("identifier", {"reg": random.integers(10**8, 10**9, 400)}, SHUFFLED)
    assert finding.severity == "warning"
    assert finding.detail.startswith(
        "reg holds a different number of 9 digits in each row, so it most likely identifies"
    )


def test_other_numbers_are_no_finding(found: Callable) -> None:
    random = np.random.default_rng(0)
    columns = {
        "population": np.exp(random.normal(11, 1.5, 400)).round(),
        "drawn": random.integers(0, 3_000, 400),
        "drawn from many": random.integers(0, 10**9, 400),
        "prices": random.choice(8_000, 400, replace=False) * 50 + random.choice([0, 50], 400),
        "huge": np.r_[np.iinfo(np.int64).min, np.iinfo(np.int64).max, np.zeros(398, dtype=np.int64)],
        "fractions": random.random(400),
    }
    assert not found("identifier", columns, SORTED)


def test_the_name_of_an_identifier_alone_is_a_warning_for_groups_and_a_note_for_kinds(found: Callable) -> None:
    patients = np.random.default_rng(0).integers(0, 90, 400)
    groups, kinds = found("identifier", {"patient_nbr": patients, "store_id": patients % 7}, SHUFFLED)
    assert (groups.severity, groups.column, groups.numbers["different"]) == ("warning", "patient_nbr", 90)
    assert groups.detail == (
        "patient_nbr is named like an identifier and used as a number; it has 90 different values in 400 rows, so it "
        "names groups of rows."
    )
    assert "--set preprocess.split.group=patient_nbr" in groups.advice
    assert (kinds.severity, kinds.column) == ("note", "store_id")


def test_one_that_name_and_values_gave_away_is_told_as_set_aside(found: Callable) -> None:
    reason = "it identifies rows: 400 different whole numbers in 400 rows, under the name of an identifier"
    (finding,) = found("identifier", {}, SHUFFLED, set_aside={"CustomerId": reason})
    assert (finding.severity, finding.detail) == ("note", f"CustomerId is set aside: {reason}.")


def test_a_few_rows_rise_by_chance(applies: Callable) -> None:
    assert not applies("identifier", {"a": np.arange(19)}, np.arange(19) % 2)
