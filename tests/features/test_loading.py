"""Load: what becomes a feature, what is set aside, what is cleaned, what is said, and what is refused."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.audit.table_audit import audit_table
from phishcli.config.schema import CsvConfig, LoadConfig
from phishcli.documents.findings import Finding
from phishcli.documents.schema import Cleaning, Schema
from phishcli.errors import DataError
from phishcli.events import Event, Notice
from phishcli.features.loading import Loaded, load
from phishcli.serving.rows import read_rows
from phishcli.tables.arrow import whole
from phishcli.tables.disk import Disk
from phishcli.tables.memory import MemoryTable

ROWS = 200
EVERYTHING = {"strip_categories": True, "negative_counts": True, "drop_duplicates": True}


def columns(**more: Any) -> dict[str, Any]:
    random = np.random.default_rng(0)
    lines = random.exponential(500, ROWS).round()
    return {
        "Unnamed: 0": np.arange(ROWS),
        "LineOfCode": pa.array(lines, mask=np.arange(ROWS) % 4 == 1),
        "NoOfImage": random.integers(-300, 9_000, ROWS),
        "Industry": random.choice(["shop", "shop ", "bank"], ROWS),
        "isPhishing": np.arange(ROWS) % 2,
        **more,
    }


def loaded(
    table: Any = None, *, on_event: Any = None, split_by: dict[str, str] | None = None, **settings: Any
) -> Loaded:
    table = table if isinstance(table, pa.Table) else pa.table(table or columns())
    events = [] if on_event is None else on_event
    return load(
        LoadConfig.model_validate(settings),
        MemoryTable(table),
        name="t",
        origin="o",
        synthetic=True,
        split_by=split_by,
        on_event=events.append,
    )


def features(found: Loaded) -> pd.DataFrame:
    return whole(found.features)


def audited(found: Loaded, events: list[Any] | None = None) -> Sequence[Finding]:
    return audit_table({}, found, on_event=([] if events is None else events).append).findings


def notices(**arguments: Any) -> dict[str, str]:
    """What loading and auditing a table report."""
    events: list[Any] = []
    audited(loaded(on_event=events, **arguments), events)
    assert all(isinstance(event, Notice) for event in events)
    return {event.message: event.level for event in events}


def found_by(found: Loaded, code: str) -> str:
    """What a check said; nothing if it found nothing."""
    return " ".join(finding.detail for finding in audited(found) if finding.code == code)


def real_table(path: Path) -> pa.Table:
    with closing(sqlite3.connect(path)) as connection:
        return pa.Table.from_pandas(pd.read_sql("select * from phishing_data", connection), preserve_index=False)


def test_the_real_table_has_15_features_and_its_known_flaws(real: Path) -> None:
    found = loaded(real_table(real), target="label", positive_label=0)
    assert features(found).shape == (10_500, 15)
    assert found.schema.label_counts == {"0": 4_721, "1": 5_779}
    assert found.target["target"].sum() == 4_721
    assert {column.name: column.missing for column in found.schema.columns if column.missing} == {"LineOfCode": 2_355}
    assert found.schema.columns[-1].indicator_of == "LineOfCode"
    assert dict(found.schema.set_aside) == {"Unnamed: 0": "it numbers the rows"}
    assert [len(column.categories) for column in found.schema.columns if column.role == "categorical"] == [11, 13]
    details = " ".join(finding.detail for finding in audited(found))
    for flaw in (
        "All 2,355 rows without LineOfCode have the label 0",
        "377 values are negative",
        "'eCommerce' (2,521 rows) and 'eCommerce ' (444 rows)",
        "85 rows (0.8%) repeat",
    ):
        assert flaw in details
    assert not [finding for finding in audited(found) if finding.severity == "error"]


def test_cleaning_the_real_table_counts_what_it_did(real: Path) -> None:
    found = loaded(real_table(real), target="label", positive_label=0, clean=EVERYTHING)
    assert found.schema.cleaned["strip_categories"] == 444
    assert found.schema.cleaned["negative_counts"] == 377
    assert found.schema.rows == found.features.rows == len(found.target)
    assert found.schema.cleaned["drop_duplicates"] == 10_500 - found.schema.rows == 85
    assert sum(found.schema.label_counts.values()) == found.schema.rows


def test_features_keep_numbers_and_make_categories_of_texts() -> None:
    made = features(loaded())
    assert made.dtypes.astype(str).to_dict() == {
        "LineOfCode": "float64",
        "NoOfImage": "int64",
        "Industry": "category",
        "LineOfCode_Missing": "int8",
    }
    assert made["LineOfCode_Missing"].tolist() == [0, 1, 0, 0] * 50


def test_the_schema_tells_what_was_found_and_survives_json() -> None:
    schema = loaded().schema
    assert (schema.table, schema.synthetic, schema.rows, schema.target) == ("t", True, 200, "isPhishing")
    assert (schema.positive_label, schema.negative_label) == (1, 0)
    assert schema.names("numeric") == ["LineOfCode", "NoOfImage", "LineOfCode_Missing"]
    assert [column.dtype for column in schema.columns] == ["double", "int64", "string", "int8"]
    assert schema.columns[2].categories == ("bank", "shop", "shop ")
    assert Schema.of_plain(json.loads(json.dumps(schema.to_plain()))) == schema


def test_features_do_not_depend_on_the_label() -> None:
    flipped = columns()
    flipped["isPhishing"] = 1 - flipped["isPhishing"]
    pd.testing.assert_frame_equal(features(loaded()), features(loaded(flipped)))


def test_chunks_and_dictionaries_change_nothing() -> None:
    table = pa.table(columns())
    encoded = table.set_column(3, "Industry", table["Industry"].dictionary_encode())
    chunked = pa.concat_tables([encoded.slice(0, 70), encoded.slice(70)])
    assert loaded(chunked).schema == loaded(table).schema
    pd.testing.assert_frame_equal(features(loaded(chunked)), features(loaded(table)))


def test_everything_counted_is_reported() -> None:
    said = notices()
    hint = "(--keep 'Unnamed: 0' uses it, --drop 'Unnamed: 0' hides this note)"
    index = f"Unnamed: 0 is set aside: it numbers the rows {hint}."
    negative = int((columns()["NoOfImage"] < 0).sum())
    count = columns()["Industry"].tolist().count
    shops = " and ".join(f"{name!r} ({count(name)} rows)" for name in ("shop", "shop "))
    assert said == {
        index: "info",
        "Missing values in 200 rows: LineOfCode 50 (25.0%).": "info",
        "All 50 rows without LineOfCode have the label 1, against 50.0% of all rows. "
        "This may come from how the data were collected.": "warning",
        f"NoOfImage is a count, but {negative} values are negative and are used unchanged.": "warning",
        f"Industry: {shops} differ only in case or blanks.": "warning",
        "Target isPhishing, positive class 1 (100 rows); features: 3 numeric, 1 categorical.": "info",
    }


def test_rows_with_equal_features_share_the_number_of_their_twin() -> None:
    table = {"code": [*"abcdef"], "a": [1, 2, 1, 3, 2, 1], "label": [0, 1, 0, 1, 0, 1]}
    twins = loaded(table, positive_label=1).keys.column("twin").to_pandas()
    assert twins.groupby([1, 2, 1, 3, 2, 1]).nunique().tolist() == [1, 1, 1]
    assert twins.nunique() == 3


def test_columns_by_which_rows_could_be_split_come_beside_the_features() -> None:
    hosts = [f"h{row % 20}.com" for row in range(ROWS)]
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=row) for row in range(ROWS)]
    keys = loaded(columns(host=hosts, seen=days)).keys
    assert keys.schema.names == ["twin", "group.host", "time.seen"]
    assert len(keys.column("group.host").unique()) == 20
    assert keys.rows == ROWS


def test_values_missing_in_one_class_by_mere_chance_are_no_finding() -> None:
    few = pa.array(np.arange(ROWS) * 0.5, mask=np.isin(np.arange(ROWS), [0, 2, 4]))
    assert "missing-in-one-class" not in [each.code for each in audited(loaded(columns(LineOfCode=few)))]


def test_values_missing_among_legitimate_rows_name_their_label() -> None:
    even = pa.array(np.arange(ROWS) * 0.5, mask=np.arange(ROWS) % 2 == 0)
    assert "rows without LineOfCode have the label 0" in " ".join(notices(table=columns(LineOfCode=even)))


def test_infinite_values_count_as_missing_and_are_warned_of() -> None:
    ratio = np.where(np.arange(ROWS) % 3 == 0, np.inf, np.arange(ROWS) / 7)
    said = notices(table=columns(ratio=ratio))
    assert said["ratio holds 67 infinite values; they count as missing."] == "warning"
    assert features(loaded(columns(ratio=ratio)))["ratio_Missing"].sum() == 67


def test_texts_that_are_numbers_are_read_as_such_with_a_warning() -> None:
    table = columns(port=["80", "443", "80", "80"] * 50)
    assert features(loaded(table))["port"].dtype == "int64"
    said = notices(table=table)
    assert said["port: it is stored as text but holds numbers only, and is read as numbers."] == "warning"


def test_cleaning_changes_values_and_says_so() -> None:
    found = loaded(clean=EVERYTHING)
    assert list(features(found)["Industry"].cat.categories) == ["bank", "shop"]
    assert features(found)["NoOfImage"].min() >= 0
    assert set(found.schema.cleaned) == set(EVERYTHING)
    assert found.schema.clean == Cleaning(**EVERYTHING)
    assert any("are negative and count as missing" in message for message in notices(clean=EVERYTHING))


def test_nothing_is_cleaned_unless_asked() -> None:
    assert loaded().schema.cleaned == {}


def test_duplicates_are_dropped_when_all_but_the_row_number_repeats() -> None:
    table = {"index": range(6), "a": [1, 1, 2, 2, 1, 3], "label": [0, 0, 0, 1, 0, 1]}
    arguments: dict[str, Any] = {"positive_label": 1}
    assert loaded(table, **arguments).schema.rows == 6
    found = loaded(table, clean={"drop_duplicates": True}, **arguments)
    assert features(found)["a"].tolist() == [1, 2, 2, 3]
    assert found.target["label"].tolist() == [0, 0, 1, 1]
    assert features(found).index.tolist() == [0, 1, 2, 3]
    assert found.schema.label_counts == {"0": 2, "1": 2}
    assert found.schema.cleaned == {"drop_duplicates": 2}
    assert any(message.startswith("2 rows (33.3%) repeat an earlier") for message in notices(table=table, **arguments))


@pytest.mark.parametrize("how", [{}, {"drop": ["index"]}, {"drop": ["a"]}])
def test_columns_that_are_left_out_count_when_rows_are_compared_unless_they_number_the_rows(how: Any) -> None:
    table = {
        "index": [5, 3, 4, 9, 8, 7],
        "page": ["x", "x", "y", "y", "z", "w"],
        "a": [1, 1, 2, 2, 3, 4],
        "b": [1, 1, 2, 3, 3, 3],
        "label": [0, 0, 1, 1, 0, 1],
    }
    how = {**how, "drop": [*how.get("drop", ()), "page"]}
    found = loaded(table, clean={"drop_duplicates": True}, positive_label=1, **how)
    assert "page" in found.schema.set_aside
    assert found.schema.cleaned == {"drop_duplicates": 1}
    assert features(found)["b"].tolist() == [1, 2, 3, 3, 3]
    assert found_by(found, "duplicate-rows") == (
        "1 row (16.7%) repeats an earlier row in every column but row numbers; it was dropped."
    )


@pytest.mark.parametrize("word", ["group", "time"])
def test_rows_of_another_group_or_time_are_no_duplicates(word: str) -> None:
    table = {"seen": [1, 2, 3, 4, 4, 4], "a": [7] * 3 + [8] * 3, "label": [0, 0, 0, 1, 1, 1]}
    found = loaded(table, clean={"drop_duplicates": True}, positive_label=1, split_by={word: "seen"})
    assert found.target[word].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("how", [{"split_by": {"time": "number"}}, {"keep": ["number"]}])
def test_a_row_number_that_is_used_distinguishes_rows(how: Any) -> None:
    table = {"number": range(4), "a": [1, 1, 2, 2], "label": [0, 0, 1, 1]}
    assert found_by(loaded(table, positive_label=1), "duplicate-rows")
    assert not found_by(loaded(table, positive_label=1, **how), "duplicate-rows")


def test_rows_that_only_cleaning_makes_alike_are_no_duplicates() -> None:
    table = {"Industry": ["shop", "shop ", "bank", "bank"], "label": [0, 0, 1, 1]}
    found = loaded(table, clean=EVERYTHING, positive_label=1)
    assert features(found)["Industry"].tolist() == ["shop", "shop", "bank"]


def test_indicators_may_be_off_or_chosen() -> None:
    assert "LineOfCode_Missing" not in features(loaded(indicators="none"))
    found = loaded(indicators=["Industry", "NoOfImage", "Industry"])
    assert found.schema.names()[-2:] == ["Industry_Missing", "NoOfImage_Missing"]


def test_few_missing_values_get_no_indicator_of_their_own() -> None:
    rare = pa.array(np.arange(ROWS) * 0.5, mask=np.arange(ROWS) == 3)
    assert "rare_Missing" not in features(loaded(columns(rare=rare)))


def test_an_indicator_does_not_hide_a_column_of_its_name() -> None:
    found = loaded(columns(LineOfCode_Missing=np.arange(ROWS) % 7))
    assert features(found)["LineOfCode_Missing"].max() == 6
    assert found.schema.columns[-1].name == "LineOfCode_Missing_2"
    assert found.schema.columns[-1].indicator_of == "LineOfCode"


def addresses() -> dict[str, Any]:
    return columns(code=[f"site{row}" for row in range(ROWS)], seen=[dt.time(row % 24) for row in range(ROWS)])


def test_columns_set_aside_are_named_with_their_reason() -> None:
    found = loaded(addresses())
    assert found.schema.set_aside["code"] == "every value is different (names or codes)"
    assert found.schema.set_aside["seen"] == "it holds values of type time64[us]"
    hint = "(--keep code uses it, --drop code hides this note)"
    told = f"code is set aside: every value is different (names or codes) {hint}."
    assert told in notices(table=addresses())


def test_kept_columns_are_used_anyway() -> None:
    found = loaded(addresses(), keep=["code", "Unnamed: 0"])
    assert features(found)["code"].dtype == "category"
    assert features(found)["Unnamed: 0"].dtype == "int64"


def test_dropped_columns_go_in_silence() -> None:
    said = notices(table=addresses(), drop=["code", "seen", "NoOfImage"])
    assert not any(name in message for message in said for name in ("code", "seen", "NoOfImage"))
    assert loaded(addresses(), drop=["code"]).schema.set_aside["code"] == "it was dropped on request"


def test_times_of_day_cannot_be_kept() -> None:
    with pytest.raises(
        DataError, match=r"'seen' cannot be kept: it holds values of type time64.*\n--keep.*\nTurn it into a number"
    ):
        loaded(addresses(), keep=["seen"])


@pytest.mark.parametrize("copy", [np.arange(ROWS) % 2, ["no", "yes"] * 100, [None, 1] * 100])
def test_a_second_target_that_repeats_the_first_is_set_aside(copy: Any) -> None:
    assert loaded(columns(label=copy)).schema.set_aside["label"] == "it repeats the target"


@pytest.mark.parametrize("other", [np.arange(ROWS) % 3 % 2, [200, 404, 500, 503] * 50, [None, 1, None, None] * 50])
def test_a_second_target_that_says_something_else_is_a_feature(other: Any) -> None:
    assert "status" in features(loaded(columns(status=other)))


def test_all_columns_may_be_set_aside() -> None:
    found = loaded({"isPhishing": [0, 1, 0], "same": [1, 1, 1]})
    assert features(found).shape == (3, 0)
    assert found.schema.columns == ()


@pytest.mark.parametrize("setting", ["drop", "keep", "indicators"])
def test_a_column_that_is_not_there_names_the_nearest(setting: Any) -> None:
    with pytest.raises(DataError, match=rf"no column 'LinesOfCode'\.\n.*{setting}.*\nDid you mean 'LineOfCode'"):
        loaded(**{setting: ["LinesOfCode"]})


@pytest.mark.parametrize("setting", ["drop", "keep", "indicators"])
def test_the_target_is_no_feature(setting: Any) -> None:
    with pytest.raises(DataError, match=r"'isPhishing' is the target"):
        loaded(**{setting: ["isPhishing"]})


def test_dropping_and_keeping_contradict_each_other() -> None:
    with pytest.raises(DataError, match=r"Industry cannot be both dropped and kept"):
        loaded(drop=["Industry"], keep=["Industry"])


def test_an_indicator_of_a_column_that_is_set_aside_is_refused() -> None:
    with pytest.raises(
        DataError, match=r"'Unnamed: 0' is not used as a feature\.\nload\.indicators\nAdd --keep 'Unnamed: 0'"
    ):
        loaded(indicators=["Unnamed: 0"])


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(DataError, match=r"The table has no rows\.\no"):
        loaded(pa.table(columns()).slice(0, 0))


def test_doubled_columns_are_refused() -> None:
    with pytest.raises(DataError, match=r"Several columns have the same name: a"):
        loaded(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]))


def test_the_columns_of_the_split_come_with_the_target_and_are_no_features() -> None:
    table = columns(site=["a", "b", "c", "d"] * 50, year=[2023, 2024] * 100)
    found = loaded(table, split_by={"group": "site", "time": "year"})
    assert list(found.target) == ["label", "target", "group", "time"]
    assert found.target["group"].tolist()[:4] == ["a", "b", "c", "d"]
    assert found.target["time"].tolist()[:2] == [2023, 2024]
    assert found.schema.set_aside["site"] == "it is the group of the split"
    assert found.schema.set_aside["year"] == "it orders the rows of the split in time"


def test_a_column_of_the_split_may_be_kept_as_a_feature_or_be_dropped() -> None:
    table = columns(site=["a", "b", "c", "d"] * 50)
    kept, dropped = (loaded(table, split_by={"group": "site"}, **{how: ["site"]}) for how in ("keep", "drop"))
    assert "site" in features(kept)
    assert "site" not in features(dropped)
    assert dropped.target["group"].tolist() == kept.target["group"].tolist() == ["a", "b", "c", "d"] * 50


def test_texts_order_rows_in_time_when_they_are_dates() -> None:
    table = columns(seen=pa.array(["2024-10-01", "2024-09-30T23:00:00+00:00"] * 100).dictionary_encode())
    times = loaded(table, split_by={"time": "seen"}).target["time"]
    assert times[1] < times[0]
    assert times[0] == pd.Timestamp("2024-10-01", tz="UTC")


def test_other_texts_do_not_order_rows_in_time() -> None:
    with pytest.raises(DataError, match=r"texts in 'seen' are not dates in ISO 8601\.\npreprocess\.split\.time"):
        loaded(columns(seen=["1/2/2024", "soon"] * 100), split_by={"time": "seen"})


def test_a_column_of_the_split_must_be_complete() -> None:
    with pytest.raises(DataError, match=r"50 rows without a value in 'LineOfCode'\.\npreprocess\.split\.group"):
        loaded(split_by={"group": "LineOfCode"})


def test_a_column_of_the_split_must_be_there() -> None:
    with pytest.raises(
        DataError,
        match=r"no column 'industri'\.\npreprocess\.split\.group[\s\S]*Use --set preprocess\.split\.group=Industry\.",
    ):
        loaded(split_by={"group": "industri"})


def test_a_second_column_named_like_a_label_is_used_with_a_warning_about_the_leak() -> None:
    table = pa.table({"Robots": [0, 1, 0, 1], "isPhishing": [0, 1, 1, 1], "a": [1, 2, 3, 4]})
    events: list[object] = []
    settings = LoadConfig(target="Robots", positive_label=1)
    load(settings, MemoryTable(table), name=None, origin="t", synthetic=False, on_event=events.append)
    told = [event.message for event in events if isinstance(event, Notice) and event.level == "warning"]
    assert any("isPhishing: it is named like a label and used as a feature" in message for message in told)


def test_numbers_in_several_spellings_are_set_aside_with_the_reason_and_not_taken_for_names() -> None:
    table = pa.table({"label": [0, 1, 0, 1], "a": [1, 2, 2, 1], "odd": ["1%", "2.5%", "3,5 %", "4%"]})
    schema = load(
        LoadConfig(target="label", positive_label=1), MemoryTable(table), name=None, origin="t", synthetic=False
    ).schema
    assert "numbers written like" in schema.set_aside["odd"]


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["0,5", "1,5", "2,25", "0,5"], [0.5, 1.5, 2.25, 0.5]),
        (["1.649,39", "2,5", "3,1", "4,0"], [1649.39, 2.5, 3.1, 4.0]),
        (["12,345,678", "1,000", "7", "-2,500"], [12345678, 1000, 7, -2500]),
        (["1%", "2.5 %", "0%", "4%"], [1, 2.5, 0, 4]),
        (["1", " ?", "2.5", "-"], [1, None, 2.5, None]),
        (["1.#QNAN", "3", "-1.#IND", "4"], [None, 3, None, 4]),
        (["1.#INF", "3", "5", "4"], [None, 3, 5, 4]),
        (["12 345", "7", "1 000 000", "8"], [12345, 7, 1000000, 8]),
    ],
)
def test_numbers_in_another_spelling_are_read_alike_in_training_and_prediction(
    values: list[str], numbers: list[float | None]
) -> None:
    table = pa.table({"label": [0, 1, 0, 1], "a": [1, 2, 2, 1], "odd": values})
    events: list[Event] = []
    loaded = load(
        LoadConfig(target="label", positive_label=1),
        MemoryTable(table),
        name=None,
        origin="t",
        synthetic=False,
        on_event=events.append,
    )
    assert loaded.features.column("odd").to_pylist() == numbers
    assert any("odd: it is read as numbers" in event.message for event in events if isinstance(event, Notice))
    served = read_rows({"a": [1, 2, 2, 1], "odd": values}, loaded.schema).numbers["odd"].floats
    assert [None if value != value else value for value in served.tolist()] == numbers  # noqa: PLR0124 (NaN)
    given = read_rows({"a": [1, 2], "odd": [3.5, None]}, loaded.schema).numbers["odd"].floats
    assert given[0] == 3.5
    assert given[1] != given[1]


def test_a_point_is_refused_where_training_had_decimal_commas() -> None:
    table = pa.table({"label": [0, 1, 0, 1], "odd": ["0,5", "1,5", "2,25", "0,5"]})
    settings = LoadConfig(target="label", positive_label=1)
    schema = load(settings, MemoryTable(table), name=None, origin="t", synthetic=False).schema
    with pytest.raises(DataError, match=r"odd: expected numbers, found '1\.5'"):
        read_rows({"odd": ["1.5"]}, schema)


def test_a_comma_that_may_be_either_mark_is_asked_about() -> None:
    table = pa.table({"label": [0, 1, 0, 1], "price": ["1,234", "2,345", "3,456", "7"]})
    asked = LoadConfig(target="label", positive_label=1)
    with pytest.raises(DataError, match=r"two ways[\s\S]*load\.csv\.decimal=[\s\S]*load\.csv\.thousands="):
        load(asked, MemoryTable(table), name=None, origin="t", synthetic=False)
    for key, numbers in (("decimal", [1.234, 2.345, 3.456, 7]), ("thousands", [1234, 2345, 3456, 7])):
        said = asked.model_copy(update={"csv": CsvConfig(**{key: ","})})
        loaded = load(said, MemoryTable(table), name=None, origin="t", synthetic=False)
        assert loaded.features.column("price").to_pylist() == numbers


def test_a_word_among_numbers_is_told_with_the_setting_that_makes_it_missing() -> None:
    values = [*map(str, range(100)), "unknown", "unknown"]
    table = pa.table({"label": [0, 1] * 51, "size": values})
    events: list[Event] = []
    settings = LoadConfig(target="label", positive_label=1, keep=("size",))
    load(settings, MemoryTable(table), name=None, origin="t", synthetic=False, on_event=events.append)
    told = [event.message for event in events if isinstance(event, Notice) and event.level == "warning"]
    assert any("2 text values (for example 'unknown') among 100 numbers" in message for message in told)
    assert any("--set 'load.csv.missing=[unknown]'" in message for message in told)


LARGE = 2**60 + 1
IDENTIFIERS = [*range(LARGE, LARGE + ROWS - 1), None]


@pytest.mark.parametrize("kind", [pa.int64(), pa.uint64()])
def test_large_integers_beside_a_missing_one_stay_what_they_are(kind: pa.DataType) -> None:
    table = pa.table(columns()).append_column("request", pa.array(IDENTIFIERS, kind))
    found = loaded(table.select(["request", "isPhishing"]), keep=["request"])
    assert found.features.column("request").to_pylist() == IDENTIFIERS
    twins = found.keys.column("twin").to_pylist()
    assert len(set(twins)) == ROWS  # in float64, all would be equal


def test_a_large_count_stays_what_it_is_where_another_one_is_cleaned() -> None:
    counts = [LARGE, LARGE + 1, -5, *range(ROWS - 3)]
    found = loaded(columns(NoOfBytes=counts), clean={"negative_counts": True})
    assert found.features.column("NoOfBytes").to_pylist() == [LARGE, LARGE + 1, None, *range(ROWS - 3)]


def test_hosts_named_by_large_integers_are_groups_of_their_own() -> None:
    hosts = [None, *(LARGE + row // 2 for row in range(ROWS - 1))]
    codes = loaded(columns(host=hosts)).keys.column("group.host").to_pylist()
    assert codes == [-1, *(row // 2 for row in range(ROWS - 1))]


def test_a_column_of_large_integers_is_no_second_target_unless_it_repeats_the_first() -> None:
    other = [None if row == 0 else LARGE + row % 3 for row in range(ROWS)]
    assert "label" not in loaded(columns(label=other), target="isPhishing").schema.set_aside


def test_texts_of_more_digits_than_a_number_holds_are_told_of() -> None:
    texts = [f"0.12345678901234567{row % 10}{row // 10:02}" for row in range(ROWS)]
    exact, read = len(set(texts)), len({float(text) for text in texts})
    assert (exact, read < exact) == (ROWS, True)
    found = loaded(columns(ratio=texts))
    assert found.counts["ratio"]["merged"] == exact - read
    assert (
        f"ratio is stored as text or decimals and read as numbers; {exact - read} values have too many digits"
        in found_by(found, "rounded-numbers")
    )


def test_texts_of_one_number_are_not_taken_for_lost_digits() -> None:
    texts = [["1.5", " 1.50", "15e-1", "1.500000000000000000000"][row % 4] for row in range(ROWS - 1)]
    assert "merged" not in loaded(columns(ratio=[*texts, "2"])).counts["ratio"]


def test_whole_decimals_stay_what_they_are_and_wider_ones_are_told_of() -> None:
    ids = [Decimal(10**17 + row) for row in range(ROWS)]
    found = loaded(columns(request=pa.array(ids[::-1], pa.decimal128(20, 0))), keep=["request"])
    assert found.features.column("request").to_pylist() == [10**17 + row for row in range(ROWS)][::-1]
    wide = [Decimal(10**20 + row) for row in range(ROWS)]
    found = loaded(columns(request=pa.array(wide[::-1], pa.decimal128(30, 0))), keep=["request"])
    assert found.counts["request"]["merged"] == ROWS - len({float(each) for each in wide})


@pytest.mark.parametrize("clean", [False, True])
def test_columns_that_wait_on_disk_change_nothing(tmp_path: Path, *, clean: bool) -> None:
    rng = np.random.default_rng(0)
    rows = 400
    columns = {
        "lines": np.where(rng.random(rows) < 0.2, np.nan, rng.integers(-3, 9, rows)),
        "kind": rng.choice(["a", "a ", "b", None], rows),
        "url": [f"https://{rng.choice(['x', 'y'])}{n % 37}.example/{n}" for n in range(rows)],
        "seen": pd.date_range("2026-01-01", periods=rows, freq="h"),
        "large": pa.array([2**60 + n % 5 if n % 7 else None for n in range(rows)]),
        "isPhishing": rng.integers(0, 2, rows),
    }
    table = pa.table(columns)
    table = pa.concat_tables([table, table.slice(10, 30)])
    settings = LoadConfig.model_validate({"clean": {"drop_duplicates": clean, "strip_categories": clean}})
    given: dict[str, Any] = {"name": None, "origin": "o", "synthetic": False}
    expected = load(settings, MemoryTable(table), **given)
    disk = Disk(0, lambda: Path(mkdtemp(dir=tmp_path)))
    found = load(settings, disk.collected(table.schema, table.to_batches(100)), disk=disk, **given)
    assert (found.schema, found.counts, found.repeats) == (expected.schema, expected.counts, expected.repeats)
    assert found.repeats == 30
    pd.testing.assert_frame_equal(found.target, expected.target)
    for part in ("features", "keys", "aside"):
        pd.testing.assert_frame_equal(whole(getattr(found, part)), whole(getattr(expected, part)))
        assert getattr(found, part).schema.equals(getattr(expected, part).schema)
    assert len(list(tmp_path.iterdir())) >= 3
