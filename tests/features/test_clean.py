"""Values in their final form: numbers, categories, cleaning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from phishcli.documents.schema import Cleaning
from phishcli.errors import DataError
from phishcli.features.clean import blank_rows, clean_column, to_categories, to_numbers, unused

OFF = Cleaning()
ON = Cleaning(strip_categories=True, negative_counts=True, drop_duplicates=True)


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        (pd.Series([True, False]), "int8", [1, 0]),
        (pd.Series([True, None], dtype="boolean"), "float64", [1, np.nan]),
        (pd.Series([True, None, 2], dtype=object), "float64", [1, np.nan, 2]),
        (pd.Series([1, None], dtype="Int64"), "float64", [1, np.nan]),
        (pd.Series([1, 2]), "int64", [1, 2]),
        (pd.Series([1, 2], dtype="float16"), "float64", [1, 2]),
        (pd.Series(["1", " 2.5 ", "", None]), "float64", [1, 2.5, np.nan, np.nan]),
        (pd.Series(["1", "2"]).astype("category"), "int64", [1, 2]),
        (pd.Series([None, None], dtype=object), "float64", [np.nan, np.nan]),
    ],
)
def test_numbers_come_from_what_holds_numbers(values: Any, dtype: str, expected: Any) -> None:
    numbers = to_numbers(values)
    assert numbers.dtype == dtype
    np.testing.assert_array_equal(numbers, expected)


def test_what_is_not_a_number_is_refused_with_examples() -> None:
    with pytest.raises(
        DataError,
        match=r"2 values cannot be read as numbers: .* found 'many' \(row 1\), \[1\] \(row 2\)\.\ncolumn Links",
    ):
        to_numbers(pd.Series([1, "many", [1], ""], name="Links"))


@pytest.mark.parametrize("values", [pd.to_datetime(["2024-01-01"]), pd.to_timedelta(["1D"])])
def test_dates_are_not_numbers(values: Any) -> None:
    with pytest.raises(DataError, match="dates or times"):
        to_numbers(pd.Series(values))


def test_categories_are_sorted_texts() -> None:
    found = to_categories(pd.Series(["b", None, "a", "b"], name="Industry"))
    assert list(found.cat.categories) == ["a", "b"]
    assert found.name == "Industry"
    assert found[[0, 2, 3]].tolist() == ["b", "a", "b"]
    assert pd.isna(found[1])


def test_unused_categories_are_forgotten() -> None:
    assert list(to_categories(pd.Series(pd.Categorical(["a"], ["b", "a"]))).cat.categories) == ["a"]


@pytest.mark.parametrize(
    "values", [pd.Series([1, 2, None]), pd.Series([1, 2, None], dtype="Int64"), pd.Series(["1", 2, None], dtype=object)]
)
def test_number_categories_are_written_alike_whatever_their_type(values: Any) -> None:
    assert list(to_categories(values).cat.categories) == ["1", "2"]


def test_lists_are_no_categories() -> None:
    with pytest.raises(DataError, match=r"lists or objects.*\ncolumn tags"):
        to_categories(pd.Series([["a"], ["b"]], name="tags"))


def test_blanks_are_counted_and_stay_when_cleaning_is_off() -> None:
    values, found = clean_column(pd.Series(["shop", "shop ", " shop", None]), "categorical", OFF)
    assert found == {"blanks": 2}
    assert list(values.cat.categories) == [" shop", "shop", "shop "]
    assert blank_rows(values) == 2


def test_blanks_are_removed_when_cleaning_is_on() -> None:
    values, found = clean_column(pd.Series(["shop", "shop ", " shop", None]), "categorical", ON)
    assert found == {"blanks": 2}
    assert list(values.cat.categories) == ["shop"]
    assert values.isna().tolist() == [False, False, False, True]


def test_negative_counts_are_counted_and_stay_when_cleaning_is_off() -> None:
    values, found = clean_column(pd.Series([3, -1], name="NoOfImage"), "numeric", OFF)
    assert found == {"negative": 1}
    assert values.tolist() == [3, -1]


def test_negative_counts_become_missing_when_cleaning_is_on() -> None:
    values, found = clean_column(pd.Series([3, -1, 0], name="NoOfImage"), "numeric", ON)
    assert found == {"negative": 1}
    np.testing.assert_array_equal(values, [3, np.nan, 0])


def test_a_column_that_counts_nothing_may_be_negative() -> None:
    values, found = clean_column(pd.Series([3, -1], name="balance"), "numeric", ON)
    assert found == {}
    assert values.tolist() == [3, -1]


def test_infinite_values_become_missing_in_any_case() -> None:
    values, found = clean_column(pd.Series([np.inf, 1.0, -np.inf], name="ratio"), "numeric", OFF)
    assert found == {"infinite": 2}
    np.testing.assert_array_equal(values, [np.nan, 1, np.nan])


def test_an_unused_name_is_kept_and_a_taken_one_is_numbered() -> None:
    assert unused("a", ["b"]) == "a"
    assert unused("a", ["a", "a_2"]) == "a_3"
