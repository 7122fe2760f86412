"""What is written is what is read, for every kind of file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from pyarrow import parquet

from phishcli.artifacts import Damaged, codecs
from phishcli.documents.base import Document

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def there_and_back(name: str, value: object) -> object:
    with TemporaryDirectory() as folder:
        codecs.write(Path(folder) / name, value)
        return codecs.read(Path(folder) / name)


@given(json_values)
def test_json_documents_survive(value: object) -> None:
    assert there_and_back("x.json", value) == value


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_texts_survive_with_their_line_ends(text: str) -> None:
    assert there_and_back("x.txt", text) == text


@given(
    st.lists(
        st.tuples(st.integers(-(2**63), 2**63 - 1), st.floats(width=32), st.sampled_from(["a ", "a", "", "é"])),
        min_size=1,
    ),
)
def test_tables_survive_with_their_types(rows: list) -> None:
    frame = pd.DataFrame(rows, columns=["int", "float", "text"]).astype(
        {"int": "int64", "float": "float32", "text": "category"}
    )
    assert_frame_equal(there_and_back("x.parquet", frame), frame)


def test_arrays_survive_pickling() -> None:
    assert np.array_equal(there_and_back("x.joblib", np.arange(5)), np.arange(5))


def test_tables_for_people_are_csv_without_row_numbers_and_with_line_feeds(tmp_path: Path) -> None:
    frame = pd.DataFrame({"model": ["SVM", "KNN"], "value": [0.5, 0.25]}, index=[7, 3])
    codecs.write(tmp_path / "x.csv", frame)
    assert (tmp_path / "x.csv").read_bytes() == b"model,value\nSVM,0.5\nKNN,0.25\n"
    assert_frame_equal(codecs.read(tmp_path / "x.csv"), frame.reset_index(drop=True))


def test_pictures_are_bytes() -> None:
    assert there_and_back("x.png", b"\x89PNG\r\n\x1a\n\x00") == b"\x89PNG\r\n\x1a\n\x00"


def test_json_is_written_for_people_with_a_line_for_each_value_and_letters_as_they_are(tmp_path: Path) -> None:
    codecs.write(tmp_path / "x.json", {"label": "légitime", "rows": [1]})
    text = (tmp_path / "x.json").read_bytes().decode("utf-8")
    assert text == '{\n  "label": "légitime",\n  "rows": [\n    1\n  ]\n}\n'


@pytest.mark.usefixtures("ascii_locale")
@pytest.mark.parametrize("name", ["x.json", "x.txt", "x.html", "x.csv"])
def test_texts_are_utf_8_whatever_the_locale(tmp_path: Path, name: str) -> None:
    codecs.write(tmp_path / name, pd.DataFrame({"label": ["légitime"]}) if name == "x.csv" else "légitime")
    assert "légitime" in (tmp_path / name).read_bytes().decode("utf-8")
    assert "légitime" in str(codecs.read(tmp_path / name))


def test_tables_are_compressed_and_hold_no_row_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=[7, 3])
    codecs.write(tmp_path / "x.parquet", frame)
    held = parquet.ParquetFile(tmp_path / "x.parquet")
    assert held.schema_arrow.names == ["a", "b"]
    assert {held.metadata.row_group(0).column(at).compression for at in (0, 1)} == {"ZSTD"}
    assert_frame_equal(codecs.read(tmp_path / "x.parquet"), frame.reset_index(drop=True))


def test_a_document_is_written_as_the_plain_values_that_it_is_read_from() -> None:
    class Note(Document):
        FORMAT = 1

        text: str
        rows: int = 3

    plain = there_and_back("x.json", Note(text="légitime"))
    assert plain == Note(text="légitime").to_plain()
    assert Note.of_plain(plain) == Note(text="légitime")


def test_nan_is_refused_in_json_rather_than_written_as_something_else() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        there_and_back("x.json", {"accuracy": float("nan")})


def test_a_path_is_copied_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "a.joblib").write_bytes(b"\x00\x01 as it is")
    codecs.write(tmp_path / "b.joblib", tmp_path / "a.joblib")
    assert (tmp_path / "b.joblib").read_bytes() == b"\x00\x01 as it is"


def test_a_file_to_copy_that_has_gone_is_damage_and_no_failure_to_write(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match=r"gone\.joblib is missing"):
        codecs.write(tmp_path / "b.joblib", tmp_path / "gone.joblib")
    (tmp_path / "a.joblib").touch()
    with pytest.raises(FileNotFoundError):
        codecs.write(tmp_path / "no folder" / "b.joblib", tmp_path / "a.joblib")
