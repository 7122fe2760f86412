"""Raw values: numbers and categories by one code, whatever holds them."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phishcli.documents.schema import Cleaning
from phishcli.features.clean import clean_column
from phishcli.features.values import is_count, read_categories, read_numbers


@pytest.mark.parametrize(
    "name",
    [
        "NoOfImage",
        "NoOfiFrame",
        "noofimages",
        "no_of_links",
        "NumDots",
        "num_dots",
        "numberOfLinks",
        "nb_links",
        "n_forms",
        "qty_dot",
        "LinkCount",
        "link_count",
    ],
)
def test_a_name_that_counts_is_known(name: str) -> None:
    assert is_count(name)


@pytest.mark.parametrize(
    "name", ["country", "account", "discount", "Robots", "NoHttps", "LineOfCode", "temperature", "normal", "numeric"]
)
def test_other_names_do_not_count(name: str) -> None:
    assert not is_count(name)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3.0),
        (True, 1.0),
        (2**60 + 1, float(2**60)),
        (-0.0, -0.0),
        (5e-324, 5e-324),
        (np.int8(-4), -4.0),
        (np.float32(0.1), 0.10000000149011612),
        (np.bool_(True), 1.0),
        (decimal.Decimal("1.50"), 1.5),
        ("7", 7.0),
        (" 2.50\n", 2.5),
        ("-.5e-3", -0.0005),
        ("+1.", 1.0),
        ("007", 7.0),
        ("5e31", 5e31),
        (np.str_("4"), 4.0),
    ],
)
def test_numbers_come_from_what_holds_numbers(value: Any, expected: float) -> None:
    found = read_numbers([value], name="x").floats
    assert found.dtype == np.float64
    assert math.copysign(1, found[0]) == math.copysign(1, expected)
    assert found[0] == expected


@pytest.mark.parametrize(
    "value",
    [None, math.nan, "", "  ", pd.NA, pd.NaT, np.float32("nan"), decimal.Decimal("NaN"), decimal.Decimal("sNaN")],
)
def test_a_missing_value_is_nan_and_no_mistake(value: Any) -> None:
    found = read_numbers([value], name="x")
    assert np.isnan(found.floats[0])
    assert found.missing.tolist() == [True]
    assert (found.refused, found.counts) == (None, {})


@pytest.mark.parametrize(
    "value", [math.inf, -math.inf, "inf", "-Infinity", "1e400", 10**400, decimal.Decimal("-Infinity")]
)
def test_an_infinite_value_becomes_missing_and_is_counted(value: Any) -> None:
    found = read_numbers([value, 1], name="x")
    assert np.isnan(found.floats[0])
    assert found.counts == {"infinite": 1}


@pytest.mark.parametrize(
    "value",
    [
        *("many", "1,5", "1_000", "0x1A", "nan", "1 2", "--1", "1e", "٣", "true"),
        *([1], {}, b"1", 1j, dt.date(2024, 1, 1), pd.Timestamp("2024-01-01"), np.timedelta64(1, "s"), np.array([1.0])),
    ],
)
def test_what_is_no_number_is_refused_with_its_row(value: Any) -> None:
    found = read_numbers([1, value], name="x")
    assert found.refused is not None
    assert str(found.refused).startswith("expected numbers, found ")
    assert str(found.refused).endswith("(row 1)")


@pytest.mark.parametrize(
    "values",
    [np.array(["2024-01-01"], "datetime64[ns]"), np.array([5], "timedelta64[ns]"), np.array([1j]), np.array([b"1"])],
)
def test_an_array_of_dates_or_bytes_is_not_taken_for_numbers(values: Any) -> None:
    found = read_numbers(values, name="x").refused
    assert found is not None
    assert found.number == 1


def test_truth_words_count_where_the_table_held_booleans_only() -> None:
    assert read_numbers(["true", " FALSE ", True, "1", None], name="x", dtype="bool").floats[:4].tolist() == [
        1,
        0,
        1,
        1,
    ]
    assert read_numbers(["yes"], name="x", dtype="bool").refused is not None
    assert read_numbers(["true"], name="x", dtype="int64").refused is not None


def test_a_long_list_of_mistakes_is_cut_short() -> None:
    refused = read_numbers(["x" * 100, 1, *"abcdef"], name="x").refused
    assert str(refused) == f"expected numbers, found '{'x' * 39}... (row 0), 'a' (row 2), 'b' (row 3) and 4 more values"
    assert str(read_numbers([*"abcd"], name="x").refused).endswith("and 1 more value")


def test_a_value_is_rounded_to_what_its_column_could_hold() -> None:
    assert read_numbers([0.1, 1e300], name="x", dtype="float").floats[0] == float(np.float32(0.1))
    assert read_numbers([0.1, 1e300], name="x", dtype="float").counts == {"infinite": 1}
    assert read_numbers([0.1], name="x", dtype="halffloat").floats[0] == float(np.float16(0.1))
    assert read_numbers([0.1], name="x", dtype="double").floats[0] == 0.1


@pytest.mark.parametrize(("on", "expected"), [(False, [3, -1, 0]), (True, [3, math.nan, 0])])
def test_negative_counts_are_counted_and_become_missing_when_asked(on: bool, expected: list[float]) -> None:
    found = read_numbers([3, -1, 0], name="NoOfImage", negative_counts=on)
    np.testing.assert_array_equal(found.floats, expected)
    assert found.counts == {"negative": 1}
    assert read_numbers([3, -1], name="balance", negative_counts=on).counts == {}


def test_an_array_that_was_given_is_left_as_it_was() -> None:
    given_ = np.array([1.0, np.inf, -1.0])
    read_numbers(given_, name="NoOfImage", negative_counts=True)
    assert given_.tolist() == [1, math.inf, -1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("bank", "bank"),
        (" bank", " bank"),
        ("", ""),
        ("007", "007"),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (2**60 + 1, str(2**60 + 1)),
        (np.int64(2**60 + 1), str(2**60 + 1)),
        (np.float32(2), "2"),
        (decimal.Decimal("1.0"), "1"),
        (True, "True"),
        (math.inf, "inf"),
        (np.str_("a"), "a"),
    ],
)
def test_a_category_is_a_text_and_a_number_is_written_alike_whatever_its_type(value: Any, text: str) -> None:
    found = read_categories([value])
    assert found.names == (text,)
    assert found.codes.tolist() == [0]


@pytest.mark.parametrize("value", [None, math.nan, pd.NA, pd.NaT, np.float32("nan"), decimal.Decimal("NaN")])
def test_a_missing_category_has_no_code(value: Any) -> None:
    found = read_categories(["a", value])
    assert found.codes.tolist() == [0, -1]
    assert found.missing.tolist() == [False, True]
    assert found.names == ("a",)
    assert found.refused is None


def test_known_categories_come_first_and_others_are_counted() -> None:
    found = read_categories(["zoo", "shop", "ark", None, "zoo"], known=("shop", "bank"))
    assert found.names == ("shop", "bank", "ark", "zoo")
    assert found.codes.tolist() == [3, 0, 2, -1, 3]
    assert found.counts == {"unknown": 3}


@pytest.mark.parametrize(
    ("value", "known", "text"),
    [
        (7, ("007", "012"), "007"),
        (np.int64(12), ("007", "012"), "012"),
        (7.0, ("007", "unknown"), "007"),
        (2.0, ("1.0", "2.0", "unknown"), "2.0"),
        (2, ("1.0", "2.0", "unknown"), "2.0"),
        (decimal.Decimal("2.0"), ("1.0", "2.0"), "2.0"),
        (0.1, ("0.10", "x"), "0.10"),
        (0.30000000000000004, ("0.3", "x"), "0.3"),
        (1000.0, ("1e3", "big"), "1e3"),
        (12345678901234567890, ("12345678901234567890", "12345678901234567891"), "12345678901234567890"),
        (True, ("true", "maybe"), "true"),
        (np.bool_(False), ("FALSE", "1"), "FALSE"),
        (True, ("1", "0"), "True"),
        (1, ("true", "maybe"), "1"),
        (math.inf, ("inf", "x"), "inf"),
        ("7", ("007", "012"), "7"),
    ],
)
def test_a_number_is_the_known_category_that_reads_as_it(value: Any, known: tuple[str, ...], text: str) -> None:
    found = read_categories([value], known=known)
    assert found.names[found.codes[0]] == text
    assert found.counts == ({} if text in known else {"unknown": 1})
    assert found.unknown == (() if text in known else (text,))


def test_a_number_that_may_be_several_categories_is_refused() -> None:
    found = read_categories(["007", 8, 7, 7.0], known=("007", "08", "7"))
    assert found.refused is not None
    assert str(found.refused) == (
        "expected texts, as the number may stand for '007' or '7', found 7 (row 2), 7.0 (row 3)"
    )


def test_words_that_the_source_took_as_missing_are_missing() -> None:
    assert read_categories(["a", "NA", " NA"], missing_words=("NA",)).codes.tolist() == [1, -1, 0]
    numbers = read_numbers(["1", "NA", " NA "], name="n", missing_words=("NA",))
    assert numbers.missing.tolist() == [False, True, True]
    assert numbers.refused is None
    assert read_numbers(["1", "NA"], name="n").refused is not None


def test_blanks_are_counted_and_removed_when_asked() -> None:
    values = ["shop", "shop ", " shop", None]
    assert read_categories(values).counts == {"blanks": 2}
    assert read_categories(values).names == (" shop", "shop", "shop ")
    stripped = read_categories(values, strip=True, known=("shop",))
    assert stripped.counts == {"blanks": 2}
    assert stripped.codes.tolist() == [0, 0, 0, -1]


@pytest.mark.parametrize("value", [["a"], {"a": 1}, b"a", dt.date(2024, 1, 1), np.datetime64("2024-01-01"), object])
def test_what_is_no_text_is_refused_with_its_row(value: Any) -> None:
    found = read_categories(["", None, value])
    assert found.refused is not None
    assert [row for row, _ in found.refused.examples] == [2]


PLAIN_NUMBERS = st.one_of(st.none(), st.floats(), st.booleans(), st.integers(-(2**63), 2**63 - 1))
PLAIN_TEXTS = st.one_of(st.none(), st.text("ab 1é", max_size=3))


@given(st.lists(PLAIN_NUMBERS), st.sampled_from(["NoOfImage", "balance"]), st.booleans())
def test_numbers_are_read_as_the_table_was_loaded(values: list[Any], name: str, clean: bool) -> None:
    ours = read_numbers(values, name=name, negative_counts=clean)
    settings = Cleaning(negative_counts=clean)
    theirs, counts = clean_column(pd.Series(values, dtype=object, name=name), "numeric", settings)
    np.testing.assert_array_equal(ours.floats, theirs.to_numpy(np.float64))
    assert ours.counts == counts


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e22, max_value=1e22)))
def test_texts_of_numbers_are_read_as_the_table_was_loaded(values: list[float]) -> None:
    texts = [repr(value) for value in values]
    theirs, _ = clean_column(pd.Series(texts, dtype=object, name="x"), "numeric", Cleaning())
    ours = read_numbers(texts, name="x").floats
    assert ours.tolist() == values
    np.testing.assert_allclose(ours, theirs.to_numpy(np.float64), rtol=1e-15)


@given(st.lists(PLAIN_TEXTS), st.booleans())
def test_categories_are_read_as_the_table_was_loaded(values: list[Any], strip: bool) -> None:
    ours = read_categories(values, strip=strip)
    settings = Cleaning(strip_categories=strip)
    theirs, counts = clean_column(pd.Series(values, dtype=object, name="x"), "categorical", settings)
    assert ours.names == tuple(theirs.cat.categories)
    assert ours.codes.tolist() == theirs.cat.codes.tolist()
    assert ours.counts == counts


def test_reading_values_needs_numpy_only() -> None:
    program = (
        "import sys; from phishcli.features.values import read_numbers; read_numbers(['1', None], name='x')\n"
        "print([name for name in ('pandas', 'pyarrow', 'scipy', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
