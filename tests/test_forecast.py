"""What a run on a large table is said to need."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from phishcli import forecast as module
from phishcli.config import Config
from phishcli.forecast import Size, forecast, size_of


def config(**run: object) -> Config:
    return Config.model_validate({"run": run, "train": {"models": ["LogisticRegression", "SVM"]}})


@pytest.fixture(autouse=True)
def nothing_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL", 0)


def test_the_size_of_a_table_is_known_without_reading_it(tmp_path: Path) -> None:
    table = pa.table({"a": range(1_000), "b": ["x"] * 1_000, "c": [1.5] * 1_000})
    parquet.write_table(table, tmp_path / "t.parquet")
    assert size_of([tmp_path / "t.parquet"]) == Size(1_000, 3, exact=True)
    assert size_of([tmp_path / "t.parquet"] * 2) == Size(2_000, 3, exact=True)
    (tmp_path / "t.csv").write_text("a;b;c\n" + "1;2;3,5\n" * 999)
    assert size_of([tmp_path / "t.csv"]) == Size(1_000, 3)
    with closing(sqlite3.connect(tmp_path / "t.db")) as database:
        database.execute('CREATE TABLE "odd ""name" (a, b)')
        database.execute("CREATE TABLE other (a INTEGER PRIMARY KEY) WITHOUT ROWID")
        database.executemany('INSERT INTO "odd ""name" VALUES (?, ?)', [(1, 2)] * 50)
        database.execute("CREATE TABLE small (a, b, c)")
        database.execute("INSERT INTO small VALUES (1, 2, 3)")
        database.commit()
    assert size_of([tmp_path / "t.db"]) == Size(50, 2)
    assert size_of([tmp_path / "t.db"], "small") == Size(1, 3)
    (tmp_path / "t.gz").write_bytes(b"\x1f\x8b\0\0")
    assert size_of([tmp_path / "t.gz"]) is None
    assert size_of([tmp_path / "missing"]) is None


def test_what_does_not_fit_is_said_with_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "size_of", lambda *_: Size(10_000_000, 16, exact=True))
    told = [notice.message for notice in forecast(config(memory="4GB"), [])]
    # 10 million rows of 35 features are 1.4 GB, six times of which are 8.4 GB; 10,000 bytes a row of half of 4 GB.
    sentence = "10,000,000 rows need about 8.7 GB of memory and the run has 4.0 GB: they are streamed from disk"
    assert told[0].startswith(sentence)
    assert told[1:] == ["SVM will be trained on 200,000 of about 8,000,000 rows: run.memory allows no more."]
    (disk,) = [notice for notice in forecast(config(memory="100GB"), [], free=10**9) if notice.level == "warning"]
    assert "need about 9.8 GB of disk" in disk.message
    assert "1.0 GB are free" in disk.message


def test_nothing_is_said_of_what_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "size_of", lambda *_: Size(100_000, 16))
    assert list(forecast(config(memory="4GB"), [], free=10**9)) == []
