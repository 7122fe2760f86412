"""Whole sources become Arrow tables whose values are those of the source, or there is a word about it."""

from __future__ import annotations

import gzip
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from phishcli.config.schema import CsvConfig
from phishcli.errors import ConfigError, DataError
from phishcli.events import Event, Notice, Progress, ignore
from phishcli.sources import source
from phishcli.sources.file_source import FileSource
from phishcli.sources.locate import locate
from phishcli.sources.missing_words import MISSING_WORDS
from phishcli.sources.readers import csv_reader, parquet_reader, sqlite_adbc, sqlite_reader
from phishcli.sources.readers.csv_reader import read_csv
from phishcli.sources.readers.sqlite_reader import read_sqlite
from phishcli.sources.source import Batches, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REAL = Path(__file__).parents[3] / "../shared/data/phishing.db"
BIG = 2**53 + 1
Value = int | float | str | bytes | None


def database(path: Path, values: Sequence[Value], *, declared: str = "", table: str = "t") -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f'CREATE TABLE "{table}" (c {declared})')
        connection.executemany(f'INSERT INTO "{table}" VALUES (?)', [(value,) for value in values])  # noqa: S608 - names of this file
        connection.commit()
    return path


def statements(path: Path, *lines: str) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        for line in lines:
            connection.execute(line)
        connection.commit()
    return path


def local(path: Path, form: str) -> FileSource:
    return FileSource(path, form, "0" * 64, str(path))


def collected(read: Batches) -> pa.Table:
    return pa.Table.from_batches(list(read.batches), read.schema)


def read_parquet(path: Path, **how: Any) -> pa.Table:
    return collected(parquet_reader.read_parquet(path, **how))


def read_table(asked: FileSource, **how: Any) -> tuple[pa.Table, str | None]:
    on_event = how.pop("on_event", ignore)
    read = asked.read(Reading(**how), on_event=on_event)
    return collected(read), read.table


def notices(events: list[Event], level: str = "warning") -> list[str]:
    return [event.message for event in events if isinstance(event, Notice) and event.level == level]


@pytest.fixture(params=["sqlite3", "adbc"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Read in batches of four rows, with and without ADBC."""
    monkeypatch.setattr(sqlite_reader, "BATCH_ROWS", 4)
    monkeypatch.setattr(sqlite_adbc, "ADBC_BATCH_ROWS", 4)
    if request.param == "adbc":
        pytest.importorskip("adbc_driver_sqlite", reason="the adbc extra is not installed")
    monkeypatch.setattr(sqlite_reader, "ADBC_MIN_BYTES", 0 if request.param == "adbc" else sys.maxsize)
    return str(request.param)


INTEGERS = [*range(6)]


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("declared", "values", "kind"),
    [
        ("INTEGER", [*INTEGERS, None, -(2**63), 2**63 - 1], pa.int64()),
        ("INTEGER", [*INTEGERS, 1.5, None], pa.float64()),
        ("INTEGER", [1.5, *INTEGERS], pa.float64()),
        ("REAL", [0.1, 1, float("inf"), -1e308], pa.float64()),
        ("TEXT", [None, None, None, None, "é", ""], pa.string()),
        ("TEXT", ["007", "1.50", "nul\0inside"], pa.string()),
        ("INTEGER", [None] * 6, pa.float64()),
        ("INTEGER", [None] * 6 + [3], pa.int64()),
        ("", [None] * 6 + [0.5], pa.float64()),
        ("BOOLEAN", [1, 0, 1], pa.int64()),
    ],
)
def test_a_column_has_the_type_of_its_values_and_every_value(
    tmp_path: Path, declared: str, values: list[Value], kind: pa.DataType
) -> None:
    events: list[Event] = []
    table, name = read_sqlite(database(tmp_path / "a.db", values, declared=declared), on_event=events.append)
    assert name == "t"
    assert table.schema.types == [kind]
    assert table["c"].to_pylist() == values
    assert notices(events) == []


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    "values",
    [
        [*INTEGERS, "n/a", None, "x"],
        ["x", 1, 0.1 + 0.2],
        [*INTEGERS, "x", 1.5],
        [1.5, BIG, 2],
        [*INTEGERS, BIG, 7, 8, 1.5],
    ],
)
def test_mixed_content_becomes_text_digit_for_digit(tmp_path: Path, values: list[Value]) -> None:
    table, _ = read_sqlite(database(tmp_path / "a.db", values))
    assert table["c"].to_pylist() == [None if value is None else str(value) for value in values]


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    "values", [[b"x"], [*INTEGERS, b"x"], ["a", b"x"], ["a", "b", "c", "d", b"x"], [None, 1, b"x"]]
)
def test_binary_values_are_refused_with_their_column(tmp_path: Path, values: list[Value]) -> None:
    with pytest.raises(DataError, match=r"Column 'c' holds binary values[\s\S]*table t[\s\S]*load\.table=VIEW"):
        read_sqlite(database(tmp_path / "a.db", values))


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("before", [0, 6])
def test_text_that_is_not_utf8_is_refused(tmp_path: Path, before: int) -> None:
    path = database(tmp_path / "a.db", ["x"] * before)
    statements(path, "INSERT INTO t VALUES (CAST(x'e9' AS TEXT))")
    with pytest.raises(DataError, match=r"(?i)utf-8[\s\S]*a\.db[\s\S]*iconv"):
        read_sqlite(path)


VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-3, 3),
    st.floats(allow_nan=False),
    st.text(st.characters(codec="utf-8"), max_size=5),
)
COLUMNS = st.one_of(
    st.lists(VALUES, min_size=1, max_size=12),
    st.lists(st.one_of(st.none(), st.integers(-(2**54), 2**54)), min_size=1, max_size=12),
    st.lists(st.one_of(st.integers(-9, 9), st.floats(allow_nan=False)), min_size=1, max_size=12),
)


@pytest.mark.usefixtures("reader")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=COLUMNS, declared=st.sampled_from(["", "INTEGER", "REAL", "TEXT", "NUMERIC"]))
def test_no_value_of_any_column_is_changed(values: list[Value], declared: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = database(Path(folder) / "a.db", values, declared=declared)
        with closing(sqlite3.connect(path)) as connection:
            stored = [value for (value,) in connection.execute("SELECT c FROM t")]
        read = read_sqlite(path)[0]["c"]
    as_read = [str(v) if v is not None and read.type == pa.string() else v for v in stored]
    assert read.to_pylist() == as_read


def test_adbc_and_sqlite3_give_the_same_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("adbc_driver_sqlite", reason="the adbc extra is not installed")
    path = statements(
        tmp_path / "a.db",
        "CREATE TABLE t (a INTEGER, b REAL, c TEXT, d)",
        "INSERT INTO t VALUES (1, 0.5, 'x', NULL), (NULL, NULL, NULL, NULL)",
    )
    slow, _ = read_sqlite(path)
    monkeypatch.setattr(sqlite_reader, "ADBC_MIN_BYTES", 0)
    monkeypatch.setattr(sqlite_reader, "_objects", None)
    fast, _ = read_sqlite(path)
    assert fast.equals(slow)


def test_a_large_database_is_read_without_adbc_where_it_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_reader, "ADBC_MIN_BYTES", 0)
    monkeypatch.setitem(sys.modules, "adbc_driver_sqlite", None)
    assert read_sqlite(database(tmp_path / "a.db", [1, 2]))[0]["c"].to_pylist() == [1, 2]


@pytest.mark.usefixtures("reader")
def test_progress_counts_the_rows(tmp_path: Path) -> None:
    events: list[Event] = []
    read_sqlite(database(tmp_path / "a.db", [*range(10)]), on_event=events.append)
    assert events[-1] == Progress("read t", 10, 10, "rows")


@pytest.mark.usefixtures("reader")
def test_names_that_need_quoting_are_read(tmp_path: Path) -> None:
    path = statements(
        tmp_path / "a #1?.db",
        'CREATE TABLE "or""der; by" ("Unnamed: 0" INTEGER, "a ""b""" TEXT)',
        'INSERT INTO "or""der; by" VALUES (0, \'x\')',
    )
    table, name = read_sqlite(path)
    assert name == 'or"der; by'
    assert table.to_pylist() == [{"Unnamed: 0": 0, 'a "b"': "x"}]


def test_several_tables_are_listed_with_the_option_that_chooses(tmp_path: Path) -> None:
    path = statements(
        tmp_path / "a.db", "CREATE TABLE sites (a)", "CREATE TABLE pages (b)", "INSERT INTO pages VALUES (1)"
    )
    with pytest.raises(DataError, match=r"2 tables: pages, sites[\s\S]*--set load\.table=pages"):
        read_sqlite(path)
    assert read_sqlite(path, Reading(table="Pages"))[1] == "pages"


def test_an_unknown_table_is_answered_with_the_nearest(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db", [1], table="phishing_data")
    with pytest.raises(DataError, match=r"no table 'phising_data'[\s\S]*load\.table=phishing_data\?"):
        read_sqlite(path, Reading(table="phising_data"))
    with pytest.raises(DataError, match=r"no table 'zzz'; it holds phishing_data[\s\S]*leave it out"):
        read_sqlite(path, Reading(table="zzz"))


def test_a_view_counts_where_there_is_no_table_and_where_it_is_named(tmp_path: Path) -> None:
    only = statements(tmp_path / "a.db", "CREATE VIEW v AS SELECT 1 AS a")
    assert read_sqlite(only)[1] == "v"
    beside = statements(database(tmp_path / "b.db", [1, b"x"]), "CREATE VIEW v AS SELECT 1 AS a FROM t")
    assert read_sqlite(beside, Reading(table="v"))[0].to_pylist() == [{"a": 1}, {"a": 1}]


def test_internal_tables_do_not_count(tmp_path: Path) -> None:
    path = statements(
        tmp_path / "a.db",
        "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)",
        "INSERT INTO t VALUES (1)",
    )
    assert read_sqlite(path)[1] == "t"


def test_a_database_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no table"):
        read_sqlite(statements(tmp_path / "a.db", "PRAGMA user_version=1"))


def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db", ["x" * 500] * 100)
    path.write_bytes(path.read_bytes()[:5000] + b"z" * 3000)
    with pytest.raises(DataError, match=r"cannot be read: .*malformed[\s\S]*integrity_check"):
        read_sqlite(path)
    path.write_bytes(b"SQLite format 3\0" + b"z" * 500)
    with pytest.raises(DataError, match="not a database"):
        read_sqlite(path)


def test_a_locked_database_is_told_from_a_damaged_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = database(tmp_path / "a.db", [1])
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **kwargs: connect(*args, **kwargs, timeout=0))
    with closing(connect(path)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DataError, match=r"locked[\s\S]*Another program"):
            read_sqlite(path)


def test_reading_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db", [1])
    before = path.read_bytes(), path.stat().st_mtime_ns
    read_sqlite(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [*tmp_path.iterdir()] == [path]


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """Give a folder in which, from the test's first call of ``shut`` on, nothing can be written."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)
        if os.getuid() == 0:
            os.seteuid(0)
        Path(name).chmod(0o755)


def shut(folder: Path) -> None:
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    if os.getuid() == 0:
        os.seteuid(65534)


def test_a_write_ahead_database_is_read_in_a_read_only_folder(closed_folder: Path) -> None:
    path = statements(database(closed_folder / "a.db", [1, 2]), "PRAGMA journal_mode=wal")
    assert [*closed_folder.iterdir()] == [path]
    shut(closed_folder)
    assert read_sqlite(path)[0]["c"].to_pylist() == [1, 2]


def test_a_write_ahead_log_in_a_read_only_folder_is_not_passed_over(closed_folder: Path) -> None:
    path = closed_folder / "a.db"
    with closing(sqlite3.connect(path)) as writer:
        for line in ("PRAGMA journal_mode=wal", "CREATE TABLE t (c)", "INSERT INTO t VALUES (1)"):
            writer.execute(line)
        writer.commit()
        copies = {name: (closed_folder / name).read_bytes() for name in ("a.db", "a.db-wal")}
    for name, content in copies.items():
        (closed_folder / name).write_bytes(content)
    assert {file.name for file in closed_folder.iterdir()} == set(copies)
    shut(closed_folder)
    with pytest.raises(DataError, match=r"cannot be read: [\s\S]*write-ahead log"):
        read_sqlite(path)


def text(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def column(path: Path, values: Sequence[str], events: list[Event] | None = None) -> pa.ChunkedArray:
    content = "a,c\n" + "".join(f"x,{value}\n" for value in values)
    return read_csv(text(path, content), on_event=(events if events is not None else []).append)["c"]


@pytest.fixture(params=[1 << 22, 40])
def _blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in one block, and in blocks of a few lines."""
    monkeypatch.setattr(csv_reader, "BLOCK_BYTES", request.param)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize(
    ("values", "expected", "kind"),
    [
        (["1"] * 20 + ["-2", ""], [1] * 20 + [-2, None], pa.int64()),
        (["1"] * 20 + ["1.5"], [1.0] * 20 + [1.5], pa.float64()),
        (["1"] * 20 + ["x"], ["1"] * 20 + ["x"], pa.string()),
        (["true", "FALSE", "NA"], [True, False, None], pa.bool_()),
        (["true"] * 20 + ["0"], ["true"] * 20 + ["0"], pa.string()),
        (["0"] * 20 + ["true"], ["0"] * 20 + ["true"], pa.string()),
        (["1"] * 20 + ["007"], ["1"] * 20 + ["007"], pa.string()),
        (["-0", "0", "0.5", "00.5"], ["-0", "0", "0.5", "00.5"], pa.string()),
        (["0", "0.5", "-0.25"], [0.0, 0.5, -0.25], pa.float64()),
        (["1", "0x1F"], ["1", "0x1F"], pa.string()),
        ([str(2**63 - 1), "0"], [2**63 - 1, 0], pa.int64()),
        ([str(2**63)], [2.0**63], pa.float64()),
        ([str(2**63 + 1)], [str(2**63 + 1)], pa.string()),
        (["1"] * 20 + [str(10**22 + 1)], ["1"] * 20 + [str(10**22 + 1)], pa.string()),
        ([str(BIG)] * 9 + ["1.5"] * 9, [str(BIG)] * 9 + ["1.5"] * 9, pa.string()),
        ([str(2**53), "1.5", "1e300"], [2.0**53, 1.5, 1e300], pa.float64()),
        (["1e400"], ["1e400"], pa.string()),
        (["inf", "-Infinity", "1"], [float("inf"), float("-inf"), 1.0], pa.float64()),
        ([" 1", "2 ", " NA", ""], [1, 2, None, None], pa.int64()),
        (["eCommerce", "eCommerce ", " "], ["eCommerce", "eCommerce ", " "], pa.string()),
        ([" "], [" "], pa.string()),
        (["2026-11-02", "2026-11-03"], ["2026-11-02", "2026-11-03"], pa.string()),
        ([*MISSING_WORDS, "1"], [None] * len(MISSING_WORDS) + [1], pa.int64()),
        (["", "NaN"], [None, None], pa.float64()),
        (['"a,b"', '"say ""hi"""', '"two\nlines"'], ["a,b", 'say "hi"', "two\nlines"], pa.string()),
    ],
)
def test_a_csv_column_keeps_every_value_as_it_is_written(
    tmp_path: Path, values: list[str], expected: list[Any], kind: pa.DataType
) -> None:
    read = column(tmp_path / "a.csv", values)
    assert read.type == kind
    assert read.to_pylist() == expected


@given(values=st.lists(st.one_of(st.integers(), st.floats(allow_nan=False)).map(repr), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_numbers_written_to_csv_come_back_equal(values: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read = column(Path(folder) / "a.csv", values)
    for written, value in zip(values, read.to_pylist(), strict=True):
        whole = written.lstrip("-").isdigit()
        assert value == (written if isinstance(value, str) else int(written) if whole else float(written))


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_delimiter_is_found_and_a_byte_order_mark_is_no_part_of_a_name(
    tmp_path: Path, mark: str, start: bytes, end: str
) -> None:
    content = f'"first, last"{mark}b{end}x{mark}1{end}'
    assert read_csv(text(tmp_path / "a.csv", start + content.encode())).to_pylist() == [{"first, last": "x", "b": 1}]


def test_a_column_without_a_name_is_called_unnamed(tmp_path: Path) -> None:
    assert read_csv(text(tmp_path / "a.csv", ",b,\n0,1,2\n")).schema.names == ["Unnamed: 0", "b", "Unnamed: 2"]


def test_numbered_columns_are_names_and_other_numbers_are_not(tmp_path: Path) -> None:
    assert read_csv(text(tmp_path / "a.csv", ",0,1\n0,5,7\n")).num_rows == 1
    path = text(tmp_path / "a.csv", "2019,2020,2021\n4,3,1\n")
    with pytest.raises(
        DataError, match=r"numbers instead of column names: 2019,2020,2021[\s\S]*load\.csv\.header=True"
    ):
        read_csv(path)
    assert read_csv(path, Reading(csv=CsvConfig(header=True))).schema.names == ["2019", "2020", "2021"]
    assert read_csv(path, Reading(csv=CsvConfig(header=False))).num_rows == 2
    assert read_csv(text(tmp_path / "b.csv", "5.1,3.5,0\n4.9,3,1\n")).schema.names == [
        "column_1",
        "column_2",
        "column_3",
    ]


def test_columns_of_the_same_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="same name: a, b"):
        read_csv(text(tmp_path / "a.csv", "a,b,a,b,c\n1,2,3,4,5\n"))


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("a,b\n1,2\n3\n4,5\n", 3, "1 values where the header has 2"),
        ("a,b\n" + "1,2\n" * 30 + "1,2,3\n", 32, "3 values where the header has 2"),
        ('a,b\n"two\nlines",2\n\n3,4,5\n', 5, "3 values"),
        ('a,b\n1,2\n"3,4\n5,6\n', 3, "a quote that is not closed"),
    ],
)
@pytest.mark.usefixtures("_blocks")
def test_a_row_of_another_width_is_refused_with_its_line(tmp_path: Path, content: str, line: int, message: str) -> None:
    with pytest.raises(DataError, match=rf"{message}[\s\S]*a\.csv, line {line}\b"):
        read_csv(text(tmp_path / "a.csv", content))


def test_a_gzipped_file_is_read_whatever_its_name_and_a_damaged_one_refused(tmp_path: Path) -> None:
    whole = gzip.compress(b"a,b\n" + os.urandom(20_000).hex(" ", 2).replace(" ", ",1\n").encode() + b",1\n")
    assert collected(locate(str(text(tmp_path / "a.csv", whole)), cache=tmp_path / "c").read()).num_rows == 10_000
    for broken in (whole[:-30], whole[:9000] + b"z" * 500 + whole[9500:]):
        with pytest.raises(DataError, match=r"damaged or cut short[\s\S]*again"):
            locate(str(text(tmp_path / "a.csv.gz", broken)), cache=tmp_path / "c").read()


def test_what_cannot_be_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no text"):
        read_csv(text(tmp_path / "a.csv", "\n\n"))
    with pytest.raises(DataError, match=r"longer than 2,097,152 characters[\s\S]*load\.limits\.field="):
        read_csv(text(tmp_path / "a.csv", "a,b\n" + "x" * 9_000_000 + ",1\n"))


def test_progress_counts_csv_rows(tmp_path: Path) -> None:
    events: list[Event] = []
    column(tmp_path / "a.csv", ["1"] * 5, events)
    assert events == [Progress("read a.csv", 5, None, "rows")]


def test_a_parquet_file_comes_in_one_layer(tmp_path: Path) -> None:
    given = pa.table(
        {
            "number": pa.array([1, None], pa.int32()),
            "word": pa.array(["a", None]).dictionary_encode(),
            "price": pa.array([Decimal("1.10"), None]),
            "nothing": pa.nulls(2),
        }
    )
    parquet.write_table(given, tmp_path / "a.parquet")
    events: list[Event] = []
    read = read_parquet(tmp_path / "a.parquet", on_event=events.append)
    assert read.schema.types == [pa.int32(), pa.string(), pa.float64(), pa.float64()]
    assert read.to_pylist()[0] == {"number": 1, "word": "a", "price": 1.1, "nothing": None}
    assert "'price' holds decimals" in notices(events, "info")[0]
    assert events[-1] == Progress("read a.parquet", 2, 2, "rows")


def test_an_index_of_pandas_stays_a_column(tmp_path: Path) -> None:
    frame = pa.table({"a": [5, 6, 7]}).to_pandas().iloc[[2, 0, 1]]
    frame.to_parquet(tmp_path / "a.parquet")
    read, _ = read_table(local(tmp_path / "a.parquet", "parquet"))
    assert read.schema.metadata is None
    assert read.to_pandas().columns.tolist() == ["a", "__index_level_0__"]


@pytest.mark.parametrize("values", [[[1], [2]], [{"a": 1}, {"a": 2}], [b"x", b"y"]])
def test_parquet_columns_of_several_layers_or_bytes_are_refused(tmp_path: Path, values: list[Any]) -> None:
    parquet.write_table(pa.table({"odd": values}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match=r"'odd' has the type .* no model can use"):
        read_parquet(tmp_path / "a.parquet")


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"a": [*range(1000)]}), path)
    content = path.read_bytes()
    for broken in (content[:-20], content[:20] + b"z" * 200 + content[220:], b"PAR1"):
        path.write_bytes(broken)
        with pytest.raises(DataError, match=r"damaged or cut short[\s\S]*a\.parquet"):
            read_parquet(path)


def test_every_format_gives_the_same_table(tmp_path: Path) -> None:
    values = [1, 2, None]
    table = pa.table({"c": values})
    parquet.write_table(table, tmp_path / "a.parquet")
    sources = [
        local(database(tmp_path / "a.db", values), "sqlite"),
        local(text(tmp_path / "a.csv", "c\n1\n2\nNA\n"), "csv"),
        local(tmp_path / "a.parquet", "parquet"),
    ]
    assert all(read_table(each)[0].equals(table) for each in sources)
    assert [read_table(each)[1] for each in sources] == ["t", None, None]


def test_every_format_comes_in_batches_of_bounded_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "BATCH_ROWS", 4)
    monkeypatch.setattr(parquet_reader, "BATCH_ROWS", 4)
    values = [*range(10)]
    parquet.write_table(pa.table({"c": values}), tmp_path / "a.parquet")
    for each in (
        local(database(tmp_path / "a.db", values), "sqlite"),
        local(text(tmp_path / "a.csv", "c\n" + "\n".join(map(str, values)) + "\n"), "csv"),
        local(tmp_path / "a.parquet", "parquet"),
    ):
        batches = list(each.read().batches)
        assert [batch.num_rows for batch in batches] == [4, 4, 2]
        assert [value for batch in batches for value in batch.column(0).to_pylist()] == values


def test_a_parquet_file_is_read_as_far_as_batches_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_reader, "BATCH_ROWS", 4)
    parquet.write_table(pa.table({"c": [*range(10)]}), tmp_path / "a.parquet")
    events: list[Event] = []
    read = local(tmp_path / "a.parquet", "parquet").read(on_event=events.append)
    assert not events
    next(read.batches)
    next(read.batches)
    assert events == [Progress("read a.parquet", 4, 10, "rows")]


def test_a_table_without_rows_keeps_its_columns_in_every_format(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"c": pa.array([], pa.int64())}), tmp_path / "a.parquet")
    sources = [
        local(database(tmp_path / "a.db", []), "sqlite"),
        local(text(tmp_path / "a.csv", "c\n"), "csv"),
        local(tmp_path / "a.parquet", "parquet"),
    ]
    for each in sources:
        assert (read_table(each)[0].num_rows, read_table(each)[0].column_names) == (0, ["c"])


def test_columns_of_the_same_name_are_both_given(tmp_path: Path) -> None:
    parquet.write_table(pa.table([[1], [2]], names=["a", "a"]), tmp_path / "a.parquet")
    assert read_table(local(tmp_path / "a.parquet", "parquet"))[0].column_names == ["a", "a"]


def test_a_table_name_for_a_file_without_tables_is_an_error_of_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"load\.table is set to 't'.* CSV file"):
        read_table(local(text(tmp_path / "a.csv", "a\n1\n"), "csv"), table="t")


@pytest.mark.skipif(not REAL.is_file(), reason="the real database is not here")
def test_the_real_database_is_read_as_it_is() -> None:
    events: list[Event] = []
    table, name = read_table(local(REAL, "sqlite"), on_event=events.append)
    assert (name, table.num_rows, table.num_columns) == ("phishing_data", 10_500, 16)
    assert table["LineOfCode"].null_count == 2_355
    assert notices(events) == []
