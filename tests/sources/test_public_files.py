"""Files of every format, as people publish them, hold after loading what their writer put into each cell."""

from __future__ import annotations

import importlib.util
import io
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from phishcli.config.schema import CsvConfig, LoadConfig
from phishcli.errors import DataError
from phishcli.events import Event, Notice
from phishcli.features.loading import Loaded, load
from phishcli.sources import unpacked
from phishcli.sources.locate import locate, locate_offline
from phishcli.sources.source import Reading
from phishcli.tables.memory import MemoryTable

SPEC = importlib.util.spec_from_file_location("public_files", Path(__file__).with_name("public_files.py"))
assert SPEC is not None
assert SPEC.loader is not None
public_files = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(public_files)

TABLE = public_files.rows()
OTHERS = ("parquet.csv", "table.arrows", "table.db", "table.feather", "table.parquet", "table.xlsx")
FILES = sorted([*public_files.texts(TABLE), *OTHERS])
LABEL = LoadConfig(target="label", positive_label="bad")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    public_files.write_all(made, TABLE)
    return made


def loaded(path: str, cache: Path, settings: LoadConfig = LABEL, events: list[Event] | None = None) -> Loaded:
    listen = (events if events is not None else []).append
    rows = locate(path, cache=cache, on_event=listen).read(Reading.of(settings, settings.limits), on_event=listen)
    table = MemoryTable.of_batches(rows.schema, rows.batches)
    return load(
        settings,
        table,
        name=rows.table,
        origin=path,
        synthetic=False,
        missing_words=rows.missing_words,
        on_event=listen,
    )


def cells(found: Loaded) -> list[tuple[object, ...]]:
    features = found.features
    columns = [features.column(name).to_pylist() for name in ("length", "ratio", "host")]
    return list(zip(*columns, found.target["label"].tolist(), strict=True))


@pytest.mark.parametrize("name", FILES)
def test_every_cell_of_every_file_is_what_was_written(folder: Path, tmp_path: Path, name: str) -> None:
    assert cells(loaded(str(folder / name), tmp_path / "cache")) == TABLE


def test_there_are_twenty_files_and_more(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert len(FILES) >= 20


def test_a_file_without_names_is_told_and_takes_those_that_are_given(tmp_path: Path) -> None:
    path = tmp_path / "sites.data"
    path.write_bytes(public_files.headless(TABLE))
    events: list[Event] = []
    unnamed = LABEL.model_copy(update={"target": "column_4"})
    found = loaded(str(path), tmp_path / "cache", unnamed, events)
    assert [column.name for column in found.schema.columns][:3] == ["column_1", "column_2", "column_3"]
    told = [event.message for event in events if isinstance(event, Notice)]
    assert any("no header line" in message and "column_1 to column_4" in message for message in told)
    named = LABEL.model_copy(update={"csv": CsvConfig(names=public_files.NAMES)})
    assert cells(loaded(str(path), tmp_path / "cache", named)) == TABLE


def test_the_standard_input_is_read_and_can_be_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.BytesIO(public_files.texts(TABLE)["packed.csv.gz"])
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=content, isatty=lambda: False))
    assert cells(loaded("-", tmp_path)) == TABLE
    again = locate_offline("-", cache=tmp_path)
    assert again is not None
    assert again.sha256 == locate("-", cache=tmp_path).sha256


def test_an_empty_standard_input_says_how_to_fill_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(), isatty=lambda: False))
    with pytest.raises(DataError, match=r"nothing in the standard input[\s\S]*--source -"):
        locate("-", cache=tmp_path)


def lengths(path: Path, content: str, cache: Path, settings: LoadConfig = LABEL) -> list[object]:
    """The column ``length`` of a text file after loading."""
    path.write_text(content, encoding="utf-8")
    found: list[object] = loaded(str(path), cache, settings).features.column("length").to_pylist()
    return found


GERMAN = "length;ratio;label\n" + "2.556;{};bad\n312;2,25;good\n1.000;7,5;bad\n4;3,5;good\n" * 3


def test_points_group_digits_where_another_column_has_decimal_commas(tmp_path: Path) -> None:
    content = GERMAN.replace("{}", "1,5")
    assert lengths(tmp_path / "a.csv", content, tmp_path) == [2556, 312, 1000, 4] * 3


def test_points_are_decimal_marks_where_no_column_shows_otherwise(tmp_path: Path) -> None:
    content = GERMAN.replace("{}", "1,5").replace(",", ".")
    assert lengths(tmp_path / "a.csv", content, tmp_path) == [2.556, 312, 1, 4] * 3


def test_points_stay_decimal_marks_where_a_value_cannot_group(tmp_path: Path) -> None:
    content = GERMAN.replace("{}", "1,5").replace("\n312;", "\n31.2;")
    assert lengths(tmp_path / "a.csv", content, tmp_path) == [2.556, 31.2, 1, 4] * 3


def test_a_comma_that_may_be_either_follows_the_other_columns(tmp_path: Path) -> None:
    rows = "2,556;1,234.5;bad\n312;99.25;good\n1,000;7.5;bad\n"
    assert lengths(tmp_path / "a.csv", "length;ratio;label\n" + rows * 4, tmp_path) == [2556, 312, 1000] * 4
    other = "2,556;1.234,5;bad\n312;99,25;good\n1,000;7,5;bad\n"
    assert lengths(tmp_path / "b.csv", "length;ratio;label\n" + other * 4, tmp_path) == [2.556, 312, 1] * 4


def test_columns_that_contradict_each_other_are_asked_about(tmp_path: Path) -> None:
    rows = "2,556;1,234.5;1.234,5;bad\n312;99.25;7,5;good\n1,000;7.5;8,25;bad\n"
    with pytest.raises(DataError, match="read in two ways"):
        lengths(tmp_path / "a.csv", "length;us;eu;label\n" + rows * 4, tmp_path)
    without = LABEL.model_copy(update={"drop": ("length",)})
    path = tmp_path / "a.csv"
    assert loaded(str(path), tmp_path, without).features.column("us").to_pylist()[0] == 1234.5


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("9" * 5_000, r"a number of more than 4,300 digits"),
        (r'"\ud800"', r"half of a character: \\ud800"),
        ("[" * 100_000, r"nested too deeply"),
    ],
)
def test_json_that_python_gives_up_on_is_an_error_of_the_file(tmp_path: Path, value: str, says: str) -> None:
    (tmp_path / "t.json").write_text(f'[{{"a": 1, "label": "bad"}}, {{"a": {value}, "label": "ok"}}]')
    with pytest.raises(DataError, match=says):
        loaded(str(tmp_path / "t.json"), tmp_path)


def test_a_spreadsheet_is_held_to_the_limits_of_packed_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked, "HARMLESS_BYTES", 1_000_000)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", bytes(2_000_000))
    with pytest.raises(DataError, match="unpacks to more than 250 times its size"):
        loaded(str(tmp_path / "bomb.xlsx"), tmp_path)
