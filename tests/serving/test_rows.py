"""Rows of any form are read as the table was that the model was trained on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.config.schema import CleanConfig, LoadConfig
from phishcli.documents.schema import Cleaning, Column, Schema
from phishcli.errors import DataError
from phishcli.features.loading import Loaded, load
from phishcli.serving.rows import Rows, columns_of, read_rows
from phishcli.tables.arrow import whole
from phishcli.tables.memory import MemoryTable
from tests.made import schema_of


def table() -> pa.Table:
    return pa.table(
        {
            "NoOfImage": pa.array([4, -1, 2, 9, None, 3, 1, 2]),
            "Secure": [True, False, True, True, False, False, True, True],
            "Ratio": pa.array([0.1, 0.2, 0.7, None, 0.4, 0.3, 0.9, 0.2], pa.float32()),
            "Industry": ["shop", "shop ", "bank", None, "bank", "shop", "bank", "shop"],
            "Port": ["80", "443", "80", "", "80", "80", "8080", "80"],
            "isPhishing": [0, 1, 0, 1, 0, 1, 0, 1],
        }
    )


CLEAN = CleanConfig(strip_categories=True, negative_counts=True)


@pytest.fixture(params=[CleanConfig(), CLEAN], ids=["raw", "clean"])
def loaded(request: pytest.FixtureRequest) -> Loaded:
    return load(LoadConfig(clean=request.param), MemoryTable(table()), name=None, origin="t", synthetic=False)


def check(rows: Rows, expected: pd.DataFrame) -> None:
    assert rows.n == len(expected)
    assert {*rows.numbers, *rows.categories} == set(expected)
    for name, numbers in rows.numbers.items():
        np.testing.assert_array_equal(numbers.floats, expected[name].to_numpy(np.float64))
    for name, found in rows.categories.items():
        assert found.names == tuple(expected[name].cat.categories)
        assert found.codes.tolist() == expected[name].cat.codes.tolist()


def in_chunks() -> pa.Table:
    chunked = pa.concat_tables([table().slice(0, 3), table().slice(3)])
    place = chunked.column_names.index("Industry")
    return chunked.set_column(place, "Industry", chunked["Industry"].dictionary_encode())


def columns() -> dict[str, list[Any]]:
    given: dict[str, list[Any]] = table().to_pydict()
    return given


FORMS: dict[str, Callable[[], Any]] = {
    "Arrow table": table,
    "Arrow table of chunks and dictionaries": in_chunks,
    "Arrow batch": lambda: table().to_batches()[0],
    "frame": lambda: table().to_pandas(),
    "frame of Arrow types": lambda: table().to_pandas(types_mapper=pd.ArrowDtype),
    "frame of nullable types": lambda: table().to_pandas().convert_dtypes(),
    "frame of categories": lambda: table().to_pandas().astype({"Industry": "category", "Port": "category"}),
    "frame of objects": lambda: table().to_pandas().astype(object),
    "dicts": lambda: table().to_pylist(),
    "generator of dicts": lambda: iter(table().to_pylist()),
    "lists": columns,
    "tuples": lambda: {name: tuple(values) for name, values in columns().items()},
    "arrays": lambda: {name: np.array(values, dtype=object) for name, values in columns().items()},
    "Series": lambda: dict(table().to_pandas().items()),
    "structured array": lambda: table().to_pandas().to_records(index=False),
}


@pytest.mark.parametrize("form", FORMS)
def test_rows_of_any_form_get_the_values_of_the_loaded_table(loaded: Loaded, form: str) -> None:
    check(read_rows(FORMS[form](), loaded.schema), whole(loaded.features))


def test_one_dict_is_one_row(loaded: Loaded) -> None:
    for position, row in enumerate(table().to_pylist()):
        found = read_rows(row, loaded.schema)
        assert found.n == 1
        for name, numbers in found.numbers.items():
            np.testing.assert_array_equal(numbers.floats, [whole(loaded.features)[name][position]])


def test_texts_of_a_web_form_are_read_alike(loaded: Loaded) -> None:
    rows = [
        {name: None if value is None else f" {value} " if name in NUMERIC else value for name, value in row.items()}
        for row in table().to_pylist()
    ]
    check(read_rows(rows, loaded.schema), whole(loaded.features))


NUMERIC = ("NoOfImage", "Secure", "Ratio")


def test_columns_may_come_in_any_order_and_others_are_ignored(loaded: Loaded) -> None:
    rows = table().to_pandas()[["isPhishing", "Port", "Industry", "Ratio", "Secure", "NoOfImage"]]
    check(read_rows(rows.assign(more=[object()] * len(rows)), loaded.schema), whole(loaded.features))


def test_what_was_found_is_counted_by_column() -> None:
    rows = read_rows(
        {
            "NoOfImage": [-2, np.inf],
            "Secure": [1, 0],
            "Ratio": [0, 1],
            "Industry": ["zoo ", None],
            "Port": ["80", 81],
        },
        load(LoadConfig(), MemoryTable(table()), name=None, origin="t", synthetic=False).schema,
    )
    assert rows.counts == {
        "NoOfImage": {"infinite": 1, "negative": 1},
        "Industry": {"blanks": 1, "unknown": 1},
    }


def test_an_indicator_may_mark_a_category() -> None:
    source = Column(name="Industry", role="categorical", dtype="string", categories=("bank",))
    marks = Column(name="Industry_Missing", role="numeric", dtype="int8", indicator_of="Industry")
    schema = schema_of(source, marks)
    assert read_rows({"Industry": ["bank", None]}, schema).numbers["Industry_Missing"].floats.tolist() == [0, 1]


@pytest.mark.parametrize(
    "rows",
    [
        {"a": 1, "c": 3},
        [{"a": 1, "b": 2}, {"a": 1, "c": 3}],
        {"a": [1], "c": [3]},
        pd.DataFrame({"a": [1], "c": [3]}),
        pa.table({"a": [1], "c": [3]}),
        np.array([(1, 3)], dtype=[("a", int), ("c", int)]),
    ],
)
def test_missing_columns_are_named(rows: Any) -> None:
    with pytest.raises(DataError, match=r"The rows lack 1 of 2 columns: b\.\n.*columns given: a, c\n") as caught:
        columns_of(rows, ["a", "b"])
    assert ("row 1" in str(caught.value)) == (isinstance(rows, list))


def test_doubled_columns_are_refused() -> None:
    doubled = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "b"])
    for rows in (doubled, pa.table([[1], [2], [3]], names=["a", "b", "b"])):
        with pytest.raises(DataError, match=r"columns of the same name: b\."):
            columns_of(rows, ["a", "b"])
        assert columns_of(rows, ["a"])[0] == 1


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(DataError, match=r"The columns differ in length: a \(2\), b \(1\)\."):
        columns_of({"a": [1, 2], "b": [1]}, ["a", "b"])
    with pytest.raises(DataError, match=r"Some columns hold one value and some hold several: b against"):
        columns_of({"a": [1, 2], "b": "text"}, ["a", "b"])


def test_what_is_no_row_is_refused() -> None:
    with pytest.raises(DataError, match=r"Row 1 is not a dict but list\."):
        columns_of([{"a": 1}, [1]], ["a"])


def test_no_rows_are_no_rows() -> None:
    assert columns_of([], ["a"]) == (0, {"a": []})
    assert columns_of(pd.DataFrame({"a": []}), ["a"])[0] == 0
    assert columns_of({"a": []}, ["a"])[0] == 0


def test_all_values_that_cannot_be_read_are_listed_by_column(loaded: Loaded) -> None:
    rows = table().to_pandas().astype(object)
    rows.loc[0, "NoOfImage"] = "many"
    rows.loc[[3, 5], "Ratio"] = ["half", "0,5"]
    rows.at[7, "Port"] = [80]  # noqa: PD008 (a list as a value)
    rows.loc[2, "Industry"] = pd.Timestamp("2024-01-31")
    with pytest.raises(DataError) as caught:
        read_rows(rows, loaded.schema)
    assert str(caught.value).splitlines() == [
        "4 columns hold values that cannot be read.",
        "column NoOfImage: expected numbers, found 'many' (row 0)",
        "column Ratio: expected numbers, found 'half' (row 3), '0,5' (row 5)",
        "column Port: expected numbers, found [80] (row 7)",
        "column Industry: expected texts, found Timestamp('2024-01-31 00:00:00') (row 2)",
        "Correct them, or leave them empty: an empty value counts as missing.",
    ]


def test_the_list_of_columns_is_cut_short() -> None:
    names = "abcdefgh"
    schema = schema_of(*(Column(name=name, role="numeric", dtype="double") for name in names))
    with pytest.raises(DataError, match=r"8 columns hold .*\n(column .*\n){5}and 3 more\nCorrect"):
        read_rows(dict.fromkeys(names, "?"), schema)


def places(*given: object) -> Rows:
    """Rows of a schema whose only column, a place, may be DE, FR or NA."""
    column = Column(name="Place", role="categorical", dtype="string", categories=("DE", "FR", "NA"))
    schema = Schema(
        synthetic=False,
        table=None,
        rows=1,
        target="t",
        positive_label=1,
        negative_label=0,
        label_counts={},
        columns=(column,),
        set_aside={},
        clean=Cleaning(),
    )
    return read_rows({"Place": list(given)}, schema)


def test_unknown_categories_are_told_with_their_number_and_examples() -> None:
    assert places("DE", "FR", "NA").seen.notices() == []
    (notice,) = places("DE", "IT", "ES", "IT").seen.notices()
    assert notice.startswith("Place: 3 of 4 rows with a category that was not in training ('ES', 'IT')")


def test_a_missing_value_where_its_name_is_a_category_is_told() -> None:
    (notice,) = places("DE", None, float("nan")).seen.notices()
    assert notice.startswith("Place: 2 of 3 rows without a value, while 'NA' is a category of this column.")


def test_a_column_of_which_no_value_is_known_is_refused() -> None:
    with pytest.raises(
        DataError, match=r"No value of 1 column is .*\n.*Place: found 'de', 'fr'; known are 'DE', 'FR', 'NA'"
    ):
        places("de", "fr", "fr", None, "de", "fr")
    assert places("de", "fr", "fr", None, "de").counts == {"Place": {"unknown": 4}}
    assert places(*["de"] * 20, "DE").counts == {"Place": {"unknown": 20}}


def with_dates(*given: object) -> Rows:
    days = [f"2024-{month:02}-{day:02}" for month in (3, 4) for day in range(1, 29)]
    seen = pa.table({"seen": days, "a": range(len(days)), "isPhishing": [0, 1] * (len(days) // 2)})
    schema = load(LoadConfig(), MemoryTable(seen), name=None, origin="t", synthetic=False).schema
    return read_rows({"seen": list(given), "a": [1] * len(given)}, schema)


def test_dates_that_cannot_be_read_count_as_missing_and_are_told() -> None:
    """5.6. may be May or June, and the table had the year first; 18.2. can only be February."""
    rows = with_dates("2024-04-02", "2024-02-31", "05.06.2024", "18.02.2024", None, 1708214400)
    assert np.isnan(rows.numbers["seen.days"].floats).tolist() == [False, True, True, False, True, True]
    what = "3 of 6 rows with a value that cannot be read as dates or times"
    assert rows.seen.notices() == [f"seen: {what} ('05.06.2024', '1708214400', '2024-02-31'); it counts as missing"]
    assert rows.seen.columns["seen"].missing == 1


def test_a_column_of_dates_of_which_none_can_be_read_is_refused() -> None:
    with pytest.raises(DataError, match=r"No value of 1 column can be read") as caught:
        with_dates(*[f"{day}/3/24" for day in range(1, 6)])
    assert str(caught.value.where).endswith("expected dates or times")
    twice = with_dates("1/3/24").seen + with_dates("2024-04-02", "x").seen
    twice.check()
    assert twice.notices()[0].startswith("seen: 2 of 3 rows")
