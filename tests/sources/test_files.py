"""Many files as one table."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from phishcli import Project
from phishcli.errors import DataError
from phishcli.sources.locate import locate, locate_offline
from phishcli.sources.source import Reading
from phishcli.sources.streamed import streamed


def read(source: Path | str, tmp_path: Path) -> pa.Table:
    rows = locate(str(source), cache=tmp_path / "copies").read()
    return pa.Table.from_batches(list(rows.batches), rows.schema)


def parts(folder: Path, *columns: dict[str, Any], kind: str = "parquet") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, each in enumerate(columns):
        frame = pd.DataFrame(each)
        path = folder / f"part-{number}.{kind}"
        frame.to_parquet(path) if kind == "parquet" else frame.to_csv(path, index=False)
    return folder


def test_a_pattern_and_a_folder_give_the_rows_in_the_order_of_the_names(tmp_path: Path) -> None:
    folder = parts(tmp_path / "data", {"a": [1, 2]}, {"a": [3]}, {"a": [4, 5]})
    (folder / "_SUCCESS").touch()
    (folder / ".hidden").write_text("x")
    for source in (folder, folder / "*.parquet", folder / "part-[0-2].parquet"):
        assert read(source, tmp_path).column("a").to_pylist() == [1, 2, 3, 4, 5]


def test_text_gets_its_types_by_the_values_of_all_files(tmp_path: Path) -> None:
    folder = parts(
        tmp_path / "data", {"a": ["1", "2"], "b": ["7", "8"]}, {"a": ["3.5", ""], "b": ["007", "NA"]}, kind="csv"
    )
    found = read(folder / "*.csv", tmp_path)
    assert found.column("a").to_pylist() == [1.0, 2.0, 3.5, None]
    assert found.column("b").to_pylist() == ["7", "8", "007", None]


def test_text_is_read_as_one_file_would_be(tmp_path: Path) -> None:
    values = ['say "hi"', "line\nbreak", " padded ", "1,5", ";", "ä", "true"]
    folder = parts(
        tmp_path / "data", {"a": values[:3], "n": [1, 2, 3]}, {"a": values[3:], "n": [4, 5, 6, 7]}, kind="csv"
    )
    one = parts(tmp_path / "one", {"a": values, "n": range(1, 8)}, kind="csv")
    assert read(folder, tmp_path).to_pydict() == read(one / "part-0.csv", tmp_path).to_pydict()


def test_whole_numbers_beside_fractions_become_fractions(tmp_path: Path) -> None:
    folder = parts(tmp_path / "data", {"a": [1, 2]}, {"a": [0.5]})
    assert read(folder, tmp_path).column("a").to_pylist() == [1.0, 2.0, 0.5]


def test_partitions_are_columns(tmp_path: Path) -> None:
    for day in ("2026-01-02", "2026-01-01", "__HIVE_DEFAULT_PARTITION__"):
        parts(tmp_path / "data" / f"day={day}" / "country=de", {"a": [day]})
    found = read(tmp_path / "data", tmp_path)
    assert found.column("day").to_pylist() == ["2026-01-01", "2026-01-02", None]
    assert found.column("country").to_pylist() == ["de"] * 3
    assert read(tmp_path / "data/day=2026*/*/part-*.parquet", tmp_path).column("day").to_pylist() == [
        "2026-01-01",
        "2026-01-02",
    ]


def test_a_partition_can_order_the_split(tmp_path: Path) -> None:
    for day in range(1, 11):
        parts(tmp_path / "data" / f"day=2026-01-{day:02d}", {"x": range(40), "label": [0, 1] * 20})
    settings = {
        "load.source": str(tmp_path / "data"),
        "load.target": "label",
        "load.positive_label": 1,
        "preprocess.split.time": "day",
        "run.cache_dir": str(tmp_path / "cache"),
        "run.results_dir": str(tmp_path / "results"),
    }
    split = Project.of(settings).run("preprocess").read("preprocess", "split.parquet")
    assert set(split.loc[split["part"] == "test", "row"]) == set(range(320, 400))


def test_the_hash_follows_content_and_names(tmp_path: Path) -> None:
    folder = parts(tmp_path / "data", {"a": [1]}, {"a": [2]})
    before = locate(str(folder), cache=tmp_path).sha256
    assert locate(str(folder / "*"), cache=tmp_path).sha256 == before
    offline = locate_offline(str(folder), cache=tmp_path)
    assert offline is not None
    assert offline.sha256 == before
    (folder / "part-1.parquet").rename(folder / "part-2.parquet")
    renamed = locate(str(folder), cache=tmp_path).sha256
    parquet.write_table(pa.table({"a": [3]}), folder / "part-2.parquet")
    assert len({before, renamed, locate(str(folder), cache=tmp_path).sha256}) == 3
    with pytest.raises(DataError, match=r"not the one that load\.sha256 promises"):
        locate(str(folder), cache=tmp_path, sha256="a" * 64)


def test_prediction_streams_them(tmp_path: Path) -> None:
    folder = parts(tmp_path / "data", {"a": [1, 2]}, {"a": [3]}, kind="csv")
    with streamed(locate(str(folder), cache=tmp_path), Reading(typed=False)) as rows:
        assert [value for batch in rows.batches for value in batch.column("a").to_pylist()] == ["1", "2", "3"]


def test_a_name_with_the_signs_of_a_pattern_is_a_file_where_there_is_one(tmp_path: Path) -> None:
    path = tmp_path / "data[1].csv"
    path.write_text("a\n1\n2\n")
    assert read(path, tmp_path).num_rows == 2


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ({"b": [1]}, r"different columns:\n  - a \(int64\)\n  \+ b \(int64\)"),
        ({"a": [1], "b": [1]}, r"different columns:\n  \+ b \(int64\)"),
        ({"a": [["list"]]}, r"column 'a'|no model can use"),
    ],
)
def test_files_of_other_tables_are_refused(tmp_path: Path, second: Any, message: str) -> None:
    folder = parts(tmp_path / "data", {"a": [1]}, second)
    with pytest.raises(DataError, match=message):
        read(folder, tmp_path)


def test_several_formats_nothing_and_a_pattern_of_nothing_are_said(tmp_path: Path) -> None:
    folder = parts(tmp_path / "data", {"a": [1]})
    parts(folder, {"a": [1]}, kind="csv")
    with pytest.raises(DataError, match=r"names of the files in the folder end differently: \.csv, \.parquet"):
        read(folder, tmp_path)
    with pytest.raises(DataError, match=r"several formats: 1 file of \w+, 1 file of \w+"):
        read(folder / "*", tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="The folder holds no file"):
        read(tmp_path / "empty", tmp_path)
    with pytest.raises(DataError, match="No file matches that pattern"):
        read(tmp_path / "no*.csv", tmp_path)


def test_text_in_any_encoding_and_packed_is_read_and_streamed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    for number, text in enumerate(("a;b\nnäh;1,5\n", "a;b\nö;2,5\n")):
        (folder / f"{number}.csv.gz").write_bytes(gzip.compress(text.encode("latin-1")))
    assert read(folder, tmp_path).to_pydict() == {"a": ["näh", "ö"], "b": ["1,5", "2,5"]}
    with streamed(locate(str(folder), cache=tmp_path / "copies"), Reading()) as rows:
        assert [value for batch in rows.batches for value in batch.column("a").to_pylist()] == ["näh", "ö"]
    assert not list((tmp_path / "copies").glob("*"))


@pytest.mark.parametrize("empty_first", [True, False])
def test_a_file_without_any_value_in_a_column_says_nothing_about_its_type(tmp_path: Path, empty_first: bool) -> None:
    columns: list[dict[str, Any]] = [{"a": [None, None]}, {"a": ["x", "y"]}]
    folder = parts(tmp_path / "data", *(columns if empty_first else reversed(columns)))
    assert sorted(map(str, read(folder, tmp_path).column("a").to_pylist())) == ["None", "None", "x", "y"]


def test_whole_numbers_that_fractions_cannot_hold_are_refused(tmp_path: Path) -> None:
    folder = parts(tmp_path / "data", {"a": [2**60 + 1]}, {"a": [0.5]})
    with pytest.raises(DataError, match=r"Column 'a' holds int64, which double(.|\n)*part-0\.parquet"):
        read(folder, tmp_path)


def test_values_of_partitions_are_decoded_and_whole_numbers_are_numbers(tmp_path: Path) -> None:
    for month, at in (("2", "S%C3%A3o%20Paulo"), ("10", "a%2Fb")):
        parts(tmp_path / "data" / f"month={month}" / f"at={at}" / "code=007", {"a": [1]})
    found = read(tmp_path / "data", tmp_path).to_pydict()
    assert found == {"a": [1, 1], "month": [10, 2], "at": ["a/b", "São Paulo"], "code": ["007", "007"]}


def test_partitions_of_text_are_typed_with_it(tmp_path: Path) -> None:
    for month in ("2", "10", "__HIVE_DEFAULT_PARTITION__"):
        parts(tmp_path / "data" / f"month={month}", {"a": [1, 2]}, kind="csv")
    assert read(tmp_path / "data", tmp_path).column("month").to_pylist() == [10, 10, 2, 2, None, None]


def test_a_partition_replaces_a_column_of_its_name_and_says_so(tmp_path: Path) -> None:
    parts(tmp_path / "data" / "day=7", {"a": [1], "day": [3]})
    events: list[Any] = []
    rows = locate(str(tmp_path / "data"), cache=tmp_path).read(on_event=events.append)
    assert [batch.to_pydict() for batch in rows.batches] == [{"a": [1], "day": [7]}]
    assert any("day: the values in the names of the folders" in str(event) for event in events)


def test_marks_that_other_programs_leave_are_no_data_unless_they_are_named(tmp_path: Path) -> None:
    folder = parts(tmp_path / "data", {"a": [1]})
    (folder / "_SUCCESS").touch()
    parts(folder / "_temporary", {"a": [2]})
    assert read(folder / "**" / "*", tmp_path).column("a").to_pylist() == [1]
    assert read(folder / "_temporary" / "*", tmp_path).column("a").to_pylist() == [2]
    assert read(folder / "_t*" / "*", tmp_path).column("a").to_pylist() == [2]


def test_the_difference_between_files_is_shown(tmp_path: Path) -> None:
    folder = parts(tmp_path / "data", {"a": [1], "c": [1]}, {"a": [1], "b": ["x"]})
    with pytest.raises(DataError, match=r"- c \(int64\)\n  \+ b \((large_)?string\)") as caught:
        read(folder, tmp_path)
    assert caught.value.where == "part-1.parquet (+), against part-0.parquet (-)"
    other = parts(tmp_path / "other", {"a": [1]}, {"a": ["x"]})
    with pytest.raises(DataError, match=r"- a \(int64\)\n  \+ a \((large_)?string\)"):
        read(other, tmp_path)
