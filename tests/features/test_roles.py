"""Roles by values."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.features.column_decision import ColumnDecision
from phishcli.features.roles import as_series, decide_role

MIDNIGHT = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


def decided(values: Any, name: str = "x") -> ColumnDecision:
    return decide_role(name, pa.chunked_array([pa.array(values)]), max_categories=5)


@pytest.mark.parametrize(
    "values",
    [
        [3, 1, 4],
        [0.5, None, 2],
        [True, False, None],
        [decimal.Decimal("1.5"), decimal.Decimal(2)],
        pa.array(np.array([1, 2.5, 3], dtype="float16")),
        [1, None, None],
    ],
)
def test_numbers_and_booleans_are_numeric(values: Any) -> None:
    found = decided(values)
    assert (found.role, found.set_aside, found.warning) == ("numeric", None, None)


def test_texts_of_few_values_are_categorical() -> None:
    found = decided(["a", "b", "a", None])
    assert (found.role, found.set_aside) == ("categorical", None)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_all_kinds_of_texts_are_categorical(kind: pa.DataType) -> None:
    column = pa.array(["a", "b", "a", None], kind)
    assert decided(column).set_aside is None
    assert as_series(pa.chunked_array([column]), "x", "categorical").dtype == "category"


def test_dictionaries_are_what_their_texts_are() -> None:
    assert decided(pa.array(["a", "b", "a"]).dictionary_encode()).set_aside is None
    assert decided(pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 0]), ["a", None, "b"])).set_aside is None
    assert "different" in decided(pa.array(["a", "b", "c"]).dictionary_encode()).set_aside


def test_a_dictionary_of_numbers_was_meant_as_categories() -> None:
    found = decided(pa.array([1, 2, 1]).dictionary_encode())
    assert (found.role, found.set_aside) == ("categorical", None)


@pytest.mark.parametrize(
    ("values", "role", "reason"),
    [
        ([None, None], "numeric", "it holds no value at all"),
        ([float("nan"), None], "numeric", "it holds no value at all"),
        ([7, 7, 7], "numeric", "every row has the same value, 7"),
        ([True, True], "numeric", "every row has the same value, True"),
        (["a", "a"], "categorical", "every row has the same value, 'a'"),
        ([5, 6, 7, 8], "numeric", "it numbers the rows"),
        (["p", "q", "r", None], "categorical", r"every value is different \(names or codes\)"),
        ([*"abcdef", "a"], "high_cardinality", r"6 different values in 7 rows hardly repeat \(names or codes\)"),
        (["1.2.2024", "3.4.2024", "3.4.2024"], None, "it holds dates or times that can be read in two ways; say which"),
        ([dt.date(2024, 1, 1)] * 2, None, "every row has the same value, 2024-01-01"),
        ([b"a", b"b"], None, "it holds values of type binary"),
        ([[1], [2]], None, "it holds values of type list"),
    ],
)
def test_columns_that_teach_nothing_are_set_aside_with_a_reason(values: Any, role: str | None, reason: str) -> None:
    found = decided(values)
    assert found.role == role
    assert pd.Series([found.set_aside]).str.match(reason).all()


@pytest.mark.parametrize(
    ("values", "role", "kind", "form"),
    [
        (["https://a.com/x", "https://a.com/y", "http://b.org"], "text", "url", None),
        (["www.a.com/index.html", "a.com", "b.org/?q=1"], "text", "url", None),
        (["a.com", "b.org", "c.net"], "text", "domain", None),
        (["a@a.com", "Ann <ann@b.org>", "c.d@c.net"], "text", "email", None),
        (["10.0.0.1", "192.168.1.1", "8.8.8.8"], "source", "ip", None),
        (["2001:db8::1", "::1", "fe80::2"], "source", "ip", None),
        (["call me at once", "you have won a prize", "see you at noon"], "text", "text", None),
        ([letter * 50 for letter in "abcdefa"], "text", "text", None),
        (["2024-01-31", "2024-01-31", "2024-02-01 10:15"], "source", "date", "year first"),
        (["31.12.2024", "31.12.2024", "1.2.2025"], "source", "date", "day first"),
        (["12/31/2024", "12/31/2024", "1/2/2025"], "source", "date", "month first"),
        ([dt.date(2024, 1, 1), dt.date(2024, 1, 2)], "source", "date", "year first"),
        (
            [dt.datetime(2024, 1, 1, 5, tzinfo=dt.UTC), None, dt.datetime(2025, 1, 1, tzinfo=dt.UTC)],
            "source",
            "date",
            "year first",
        ),
        (["one", "two", *"cdef"] * 2, "high_cardinality", None, None),
    ],
)
def test_the_kind_of_texts_is_seen_from_their_values(
    values: Any, role: str, kind: str | None, form: str | None
) -> None:
    found = decided(values)
    assert (found.role, found.kind, found.form, found.set_aside) == (role, kind, form, None)
    assert found.level == "info"


@pytest.mark.parametrize("values", [["a.com", "b.org"] * 9, ["see you soon", "call me now"] * 9])
def test_few_texts_that_repeat_are_categories_whatever_they_look_like(values: Any) -> None:
    assert decided(values).role == "categorical"


@pytest.mark.parametrize("name", ["Unnamed: 0", "index", "Index", "__index_level_0__", ""])
def test_an_index_column_may_be_shuffled_or_filtered(name: str) -> None:
    assert decided([9, 2, 5], name).set_aside == "it numbers the rows"
    assert decided([9, 2, 5], "size").set_aside is None


def test_a_column_named_like_an_index_that_is_none_is_used_with_a_warning() -> None:
    found = decided([2, 2, 5], "index")
    assert found.set_aside is None
    assert found.warning == "it is named like an index, but does not number the rows"


def test_a_constant_value_with_gaps_is_kept_for_its_gaps() -> None:
    assert decided([1.0, float("nan"), 1.0]).set_aside is None
    assert decided(["a", None, "a"]).set_aside is None


@pytest.mark.parametrize("values", [["1", "2", "1"], ["1.5", "-2e3", ""], [" 7", "+.5", None]])
def test_texts_that_are_all_numbers_are_read_as_numbers_and_said(values: Any) -> None:
    found = decided(values)
    assert (found.role, found.set_aside) == ("numeric", None)
    assert "holds numbers only" in found.warning


@pytest.mark.parametrize(
    "values", [["007", "010", "007"], ["1", "x", "1"], ["1" * 20, "2" * 20, "1" * 20], ["", " ", ""]]
)
def test_codes_that_a_number_would_change_stay_texts(values: Any) -> None:
    assert decided(values).role == "categorical"


def test_series_of_texts_are_categories_and_of_numbers_keep_their_dtype() -> None:
    assert as_series(pa.chunked_array([["a", None], ["b"]]), "x", "categorical").dtype == "category"
    assert as_series(pa.chunked_array([[1, 2]]), "x", "numeric").dtype == "int64"
    assert as_series(pa.chunked_array([[True, False]]), "x", "numeric").dtype == "int8"
    assert as_series(pa.chunked_array([[decimal.Decimal("1.5")]]), "x", "numeric").tolist() == [1.5]
    assert as_series(pa.chunked_array([pa.nulls(2)]), "x", "numeric").dtype == "float64"
