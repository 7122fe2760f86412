"""A ledger gives back what was put in, says what is damaged, and loses nothing to a kill or to another writer."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phishcli.artifacts import ledgers as module
from phishcli.artifacts.ledger_file import digest_of, line_of, remove_ledger
from phishcli.artifacts.ledger_maintenance import (
    alone,
    count_fits,
    damaged_lines,
    is_unused,
    ledger_size,
    ledgers,
    remove_unused,
    written_last,
)
from phishcli.artifacts.ledgers import Ledger, ledger_path, ledger_print
from phishcli.documents.fit_record import FitRecord

RECORD = FitRecord(
    '{"C": 1.0}',
    fold=2,
    seconds=0.25,
    probability=np.array([0.125, 0.5, 1 / 3]),
    warnings=("did not converge",),
    scoring="accuracy",
    score=0.875,
)
PARTS = {
    "version": 1,
    "config.seed": 42,
    "input.load/features.parquet": "a" * 64,
    "input.preprocess/split.parquet": "b" * 64,
    "library.scikit-learn": "1.8.0",
}
BEGINNING = """
import sys
from pathlib import Path
from phishcli.artifacts.ledgers import Ledger
from phishcli.documents.fit_record import FitRecord
ledger = Ledger(Path(sys.argv[1]), print)
"""
WRITING = "for n in range(100): ledger.put({f'{sys.argv[2]} {n}': FitRecord('{}', n, 1.0)})"
KILLED = """
import os
ledger.put({key: FitRecord("{}", 0, 1.0, error="too large") for key in "ab"})
os.kill(os.getpid(), 9)
"""
HELD = "ledger.get('a'); print('open', flush=True); sys.stdin.read()"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return ledger_path(tmp_path / ".cache", "XGBoost", "abc")


@pytest.fixture
def said() -> list[str]:
    return []


Open = Callable[..., Ledger]


@pytest.fixture
def opened(path: Path, said: list[str]) -> Iterator[Open]:
    """Open the ledger, and close it at the end of the test."""
    found: list[Ledger] = []

    def open_(*, reads: bool = True) -> Ledger:
        found.append(Ledger(path, said.append, reads=reads))
        return found[-1]

    yield open_
    for ledger in found:
        ledger.close()


def filled(path: Path, records: dict[str, FitRecord]) -> Path:
    """A ledger that was written and closed."""
    with closing(Ledger(path, pytest.fail)) as ledger:
        ledger.put(records)
    return path


def many(count: int = 50) -> dict[str, FitRecord]:
    rng = np.random.default_rng(0)
    return {f"key {n}": replace(RECORD, fold=n, probability=rng.random(48)) for n in range(count)}


def same(one: FitRecord | None, other: FitRecord) -> bool:
    """Whether two records say the same, to the last bit and in the same types."""
    assert one is not None
    told, mine, theirs = replace(one, probability=None), one.probability, other.probability
    if told != replace(other, probability=None) or mine is None or theirs is None:
        return told == other and mine is None
    return mine.dtype == theirs.dtype and mine.tobytes() == theirs.tobytes()


def flip(path: Path, inside: bytes) -> None:
    """Flip a bit in the middle of some bytes, wherever they stand in a file."""
    content = bytearray(path.read_bytes())
    where = content.index(inside) + len(inside) // 2
    content[where] ^= 1
    path.write_bytes(content)


def run(program: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BEGINNING + program, *map(str, arguments)]
    return subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.floats(allow_nan=False)
probabilities = st.none() | st.builds(
    lambda values, dtype: np.array(values, dtype=dtype),
    st.lists(st.floats(0, 1, width=32), max_size=6),
    st.sampled_from([np.float32, np.float64]),
)
fit_records = st.builds(
    FitRecord,
    params=texts,
    fold=st.integers(0, 50),
    seconds=numbers | st.integers(0, 9),
    probability=probabilities,
    stopped=st.integers(0, 10**6),
    error=st.none() | texts,
    warnings=st.lists(st.text(max_size=12), max_size=3).map(tuple),
    scoring=texts,
    score=st.none() | numbers,
)


@given(st.dictionaries(texts, fit_records, max_size=4))
@settings(deadline=None)
def test_whatever_is_put_is_found_again_to_the_last_bit(records: dict[str, FitRecord]) -> None:
    with TemporaryDirectory() as folder:
        path = filled(Path(folder) / "x.sqlite", records)
        assert damaged_lines(path) == 0
        with closing(Ledger(path, pytest.fail)) as ledger:
            assert all(same(ledger.get(key), record) for key, record in records.items())
            assert ledger.get("another key, longer than any of these") is None


def test_what_sqlite_cannot_hold_becomes_what_it_can(opened: Open, said: list[str]) -> None:
    ledger = opened()
    ledger.put({"key": replace(RECORD, score=float("nan"), error="no file \udcff")})
    found = ledger.get("key")
    assert (found.score, found.error) == (None, r"no file \udcff")
    assert said == []


def test_a_later_record_replaces_an_earlier_one(opened: Open) -> None:
    ledger = opened()
    ledger.put({"key": RECORD})
    ledger.put({"key": replace(RECORD, probability=None, stopped=12)})
    assert ledger.get("key").stopped == 12


def test_a_ledger_that_does_not_read_writes_all_the_same(opened: Open) -> None:
    ledger = opened(reads=False)
    ledger.put({"key": RECORD})
    assert ledger.get("key") is None
    assert same(opened().get("key"), RECORD)


# Damage.


@pytest.mark.parametrize(
    "inside",
    [RECORD.probability.tobytes(), b'{"C": 1.0}', b"did not converge", b"accuracy", b"<f8"],
    ids=["probability", "params", "warnings", "scoring", "dtype"],
)
def test_a_flipped_bit_in_a_line_is_a_miss_that_is_told(
    path: Path, opened: Open, said: list[str], inside: bytes
) -> None:
    flip(filled(path, {"damaged": RECORD}), inside)
    filled(path, {"whole": FitRecord("{}", fold=0, seconds=1.0)})
    assert damaged_lines(path) == 1
    ledger = opened()
    assert ledger.get("damaged") is None
    assert said == ["A line of the trial ledger abc.sqlite is damaged; its fit will be repeated"]
    assert ledger.get("whole") is not None
    ledger.put({"damaged": RECORD})
    assert same(ledger.get("damaged"), RECORD)
    assert len(said) == 1


@pytest.mark.simulation
def test_no_flipped_bit_is_taken_for_a_record_or_stops_anything(tmp_path: Path) -> None:
    records = many(4)
    whole = filled(tmp_path / "whole.sqlite", records).read_bytes()
    path, told = tmp_path / "x.sqlite", 0
    for position in range(0, len(whole), 29):
        for bit in (1, 128):
            content = bytearray(whole)
            content[position] ^= bit
            path.write_bytes(content)
            said: list[str] = []
            noticed = damaged_lines(path)
            with closing(Ledger(path, said.append)) as ledger:
                found = {key: ledger.get(key) for key in records}
                ledger.put(records)
            assert all(same(record, records[key]) for key, record in found.items() if record is not None)
            assert noticed != 0 or None not in found.values()
            told += bool(said)
            remove_ledger(path)
    assert told > 100


@pytest.mark.parametrize("value", ["x'6162'", "null", "7", "'text'", "cast(x'61ff' as text)"])
@pytest.mark.parametrize("column", ["params", "score", "warnings", "dtype", "probability", "sha256"])
def test_a_value_of_another_kind_is_a_miss_that_is_told(
    path: Path, opened: Open, said: list[str], column: str, value: str
) -> None:
    with closing(sqlite3.connect(filled(path, {"key": RECORD}))) as connection, connection:
        connection.execute(f"update fits set {column} = {value}")  # noqa: S608 (both stand above)
    assert damaged_lines(path) == 1
    assert opened().get("key") is None
    assert said == ["A line of the trial ledger abc.sqlite is damaged; its fit will be repeated"]


@pytest.mark.parametrize("value", ["x'6162'", "7", "'text'"])
def test_a_record_without_probabilities_is_not_given_any(path: Path, opened: Open, said: list[str], value: str) -> None:
    with closing(sqlite3.connect(filled(path, {"key": replace(RECORD, probability=None)}))) as connection, connection:
        connection.execute(f"update fits set probability = {value}")  # noqa: S608 (it stands above)
    assert damaged_lines(path) == 1
    assert opened().get("key") is None
    assert len(said) == 1


def test_the_hash_of_a_line_is_the_same_in_every_run_and_version() -> None:
    """Another one would make every line damaged that was written before."""
    assert digest_of("key", line_of(RECORD)) == "e31cf6e27fb0fee088e6efe4b9e688512413defe4325868de7fbd1954684ce58"
    assert (
        digest_of("key", line_of(replace(RECORD, probability=None)))
        == "0e1aa87c462a7811d9704b81b590f454f8c7e340c7974b966ee586da5e1dfcab"
    )


def another_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("drop table fits")
        connection.execute("create table fits (key text primary key, something text)")


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"this was never a database, but it is longer than the header of one" * 99),
        lambda path: path.write_bytes(path.read_bytes()[:4096]),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
        lambda path: path.write_bytes(path.read_bytes()[:40]),
        another_table,
    ],
    ids=["no database", "a page", "more than a page", "less than a header", "another table"],
)
def test_a_file_that_is_no_ledger_is_told_and_makes_way(
    path: Path, opened: Open, said: list[str], damage: Callable[[Path], object]
) -> None:
    damage(filled(path, many()))
    assert damaged_lines(path) is None
    ledger = opened()
    assert [ledger.get(key) for key in many()] == [None] * 50
    assert said == ["The trial ledger abc.sqlite is damaged; its fits will be repeated"]
    ledger.put({"key": RECORD})
    ledger.close()
    assert (damaged_lines(path), count_fits(path)) == (0, 1)


def test_a_page_that_is_damaged_within_the_file_is_told_and_the_file_makes_way(
    path: Path, opened: Open, said: list[str]
) -> None:
    content = bytearray(filled(path, many()).read_bytes())
    content[2 * 4096 : 3 * 4096] = bytes(4096)
    path.write_bytes(content)
    assert damaged_lines(path) is None
    ledger = opened()
    assert None in [ledger.get(key) for key in many()]
    assert said == ["The trial ledger abc.sqlite is damaged; its fits will be repeated"]


# Disks that refuse.


class Disk(sqlite3.Connection):
    """A connection that refuses some statements, as a disk does that is full or write-protected."""

    refuses = "nothing"
    why = "database or disk is full"

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        if statement.startswith(Disk.refuses):
            raise sqlite3.OperationalError(Disk.why)
        return super().execute(statement, *values)

    def executemany(self, statement: str, lines: list) -> sqlite3.Cursor:
        if statement.startswith(Disk.refuses):
            super().executemany(statement, lines[:1])
            raise sqlite3.OperationalError(Disk.why)
        return super().executemany(statement, lines)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the disk refuse what begins with some words."""
    real = sqlite3.connect

    def connect(where: Path | str, **options: object) -> sqlite3.Connection:
        return real(where, **options) if where == ":memory:" else real(where, factory=Disk, **options)

    def refuse(beginning: str, why: str = Disk.why) -> None:
        monkeypatch.setattr(Disk, "refuses", beginning)
        monkeypatch.setattr(Disk, "why", why)

    monkeypatch.setattr("sqlite3.connect", connect)
    return refuse


@pytest.mark.parametrize("statement", ["begin", "insert"])
def test_a_disk_that_refuses_a_line_is_told_once_and_stops_nothing(
    opened: Open, said: list[str], disk: Callable[..., None], statement: str
) -> None:
    ledger = opened()
    ledger.put({"before": RECORD})
    disk(statement)
    ledger.put({"refused": RECORD})
    ledger.put({"refused, too": RECORD})
    assert said == ["The trial ledger abc.sqlite could not be written: database or disk is full"]
    disk("nothing")
    ledger.put({"after": RECORD})
    assert [ledger.get(key) is not None for key in ("before", "refused", "after")] == [True, False, True]


def test_a_file_that_turns_out_to_be_damaged_when_it_is_written_makes_way(
    path: Path, opened: Open, said: list[str]
) -> None:
    content = filled(path, {"key": RECORD}).read_bytes()
    path.write_bytes(content[:4100])
    ledger = opened(reads=False)
    ledger.put({"lost": RECORD})
    assert said == ["The trial ledger abc.sqlite is damaged; its fits will be repeated"]
    ledger.put({"key": RECORD})
    assert same(opened().get("key"), RECORD)


def test_a_disk_that_refuses_to_read_is_told_once_and_what_lies_there_stays(
    opened: Open, said: list[str], disk: Callable[..., None]
) -> None:
    ledger = opened()
    ledger.put({"key": RECORD})
    disk("select")
    assert [ledger.get("key"), ledger.get("key")] == [None, None]
    assert said == ["The trial ledger abc.sqlite could not be read: database or disk is full"]
    disk("nothing")
    assert same(ledger.get("key"), RECORD)


def test_a_ledger_that_cannot_be_opened_is_told_and_lasts_for_the_run(
    path: Path, opened: Open, said: list[str], disk: Callable[..., None]
) -> None:
    before = filled(path, {"key": RECORD}).read_bytes()
    disk("pragma", "attempt to write a readonly database")
    ledger = opened()
    why = "attempt to write a readonly database"
    assert said == [f"The trial ledger abc.sqlite cannot be used ({why}); fits are kept for this run only"]
    assert ledger.get("key") is None
    ledger.put({"new": RECORD})
    assert same(ledger.get("new"), RECORD)
    assert path.read_bytes() == before


def test_a_damaged_ledger_that_cannot_make_way_is_told_and_another_lasts_for_the_run(
    path: Path, opened: Open, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    filled(path, many()).write_bytes(b"no database" * 1000)
    monkeypatch.setattr(Path, "unlink", refuse)
    ledger = opened()
    ledger.put({"key": RECORD})
    assert same(ledger.get("key"), RECORD)
    assert [sentence.partition(" abc.sqlite ")[2].partition(" (")[0] for sentence in said] == [
        "is damaged; its fits will be repeated",
        "cannot be used",
    ]
    assert "([Errno 13] Permission denied)" in said[1]


def test_a_ledger_in_a_place_where_there_can_be_none_is_told_and_lasts_for_the_run(
    path: Path, opened: Open, said: list[str]
) -> None:
    path.parent.parent.mkdir(parents=True)
    path.parent.write_text("a file is in the way")
    ledger = opened()
    ledger.put({"key": RECORD})
    assert same(ledger.get("key"), RECORD)
    (sentence,) = said
    assert sentence.startswith("The trial ledger abc.sqlite cannot be used (")


# Kills, and several processes.


def test_a_kill_right_after_a_line_was_written_loses_nothing(path: Path, opened: Open, said: list[str]) -> None:
    for turn in range(3):
        with run(KILLED, path) as killed:
            killed.communicate(timeout=60)
        assert killed.returncode == -9
        assert (damaged_lines(path), count_fits(path)) == (0, 2), turn
    ledger = opened()
    assert ledger.get("a") is not None
    assert ledger.get("b") is not None
    assert said == []


def test_records_of_one_put_are_there_together_or_not_at_all(
    opened: Open, said: list[str], disk: Callable[..., None]
) -> None:
    disk("insert")
    ledger = opened()
    ledger.put({"first": RECORD, "second": RECORD})
    assert said == ["The trial ledger abc.sqlite could not be written: database or disk is full"]
    disk("nothing")
    assert opened().get("first") is None
    ledger.put({"first": RECORD, "second": RECORD})
    assert opened().get("first") is not None


def test_processes_that_write_at_once_lose_nothing(path: Path, opened: Open, said: list[str]) -> None:
    writers = [run(WRITING, path, name) for name in ("a", "b", "c")]
    for writer in writers:
        assert writer.communicate(timeout=60) == ("", None)
        assert writer.returncode == 0
    ledger = opened()
    assert all(ledger.get(f"{name} {n}").fold == n for name in "abc" for n in range(100))
    assert said == []


def test_ledgers_that_are_opened_and_closed_at_once_for_the_first_time_lose_nothing(tmp_path: Path) -> None:
    at_once, count = threading.Barrier(6), 40

    def write(number: int) -> list[str]:
        said: list[str] = []
        for turn in range(count):
            at_once.wait(60)
            with closing(Ledger(tmp_path / f"{turn}.sqlite", said.append)) as ledger:
                ledger.put({str(number): RECORD})
        return said

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(write, range(6))) == [[]] * 6
    assert [count_fits(tmp_path / f"{turn}.sqlite") for turn in range(count)] == [6] * count


def test_a_ledger_that_somebody_keeps_for_himself_is_told_and_left_alone(
    path: Path, opened: Open, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(path, {"key": RECORD})
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    with alone(path) as sure:
        assert sure
        assert opened().get("key") is None
    assert said == ["The trial ledger abc.sqlite cannot be used (database is locked); fits are kept for this run only"]
    assert same(opened().get("key"), RECORD)


@pytest.fixture
def elsewhere(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the ledger open."""
    with run(HELD, filled(path, {"a": RECORD})) as process:
        assert process.stdout.readline() == "open\n"
        yield process
        process.communicate("", timeout=60)


def test_a_ledger_that_another_process_has_open_is_in_use_and_not_removed(
    path: Path, elsewhere: subprocess.Popen[str]
) -> None:
    assert not is_unused(path)
    remove_unused(path)
    assert count_fits(path) == 1
    elsewhere.communicate("", timeout=60)
    assert is_unused(path)
    remove_unused(path)
    assert list(path.parent.iterdir()) == []


def test_a_ledger_whose_process_was_killed_is_not_in_use(path: Path, elsewhere: subprocess.Popen[str]) -> None:
    elsewhere.kill()
    elsewhere.wait(60)
    assert is_unused(path)
    assert count_fits(path) == 1


def test_what_is_no_ledger_is_in_use_by_nobody_and_what_is_not_there_cannot_be_told(path: Path) -> None:
    filled(path, {"a": RECORD}).write_bytes(b"no database" * 1000)
    assert is_unused(path)
    remove_unused(path)
    assert list(path.parent.iterdir()) == []
    assert not is_unused(path)
    assert list(path.parent.iterdir()) == []


def test_a_ledger_that_is_removed_while_it_is_opened_is_made_anew(
    path: Path, opened: Open, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, turns = module._connect, iter([True])

    def connect(where: Path) -> sqlite3.Connection:
        connection = real(where)
        if next(turns, False):
            remove_ledger(where)
        return connection

    monkeypatch.setattr(module, "_connect", connect)
    opened().put({"key": RECORD})
    assert same(opened().get("key"), RECORD)
    assert said == []


# Looking at ledgers.


def test_looking_leaves_nothing_beside_a_ledger_and_changes_nothing_in_it(path: Path) -> None:
    before = filled(path, many()).read_bytes()
    assert (damaged_lines(path), count_fits(path)) == (0, 50)
    assert [file.name for file in path.parent.iterdir()] == ["abc.sqlite"]
    assert path.read_bytes() == before


def test_looking_sees_what_is_in_the_log_beside_a_ledger_that_is_open(path: Path, opened: Open) -> None:
    opened().put(many())
    assert (damaged_lines(path), count_fits(path)) == (0, 50)
    assert ledger_size(path) > 50 * 48 * 8


def test_a_name_with_signs_of_its_own_in_addresses_is_no_trouble(tmp_path: Path) -> None:
    path = filled(tmp_path / "what? 100%41 #1" / "x.sqlite", many(3))
    assert (damaged_lines(path), count_fits(path), is_unused(path)) == (0, 3, True)


def test_a_ledger_whose_maker_was_killed_at_once_is_whole_and_holds_nothing(path: Path, opened: Open) -> None:
    path.parent.mkdir(parents=True)
    path.touch()
    assert (damaged_lines(path), count_fits(path)) == (0, 0)
    assert opened().get("key") is None


def test_a_fit_that_passed_its_pruner_is_counted_once(path: Path) -> None:
    passed = FitRecord("{}", fold=0, seconds=1.0)
    pruned, failed = replace(passed, stopped=12), replace(passed, error="too large")
    filled(path, {"fit": RECORD, "with its pruner": passed, "pruned": pruned, "failed": failed})
    assert count_fits(path) == 3


def test_a_ledger_without_a_line_holds_no_fit(path: Path) -> None:
    assert (count_fits(filled(path, {})), damaged_lines(path)) == (0, 0)


def test_ledgers_are_found_by_model(tmp_path: Path) -> None:
    paths = [filled(ledger_path(tmp_path, model, "abc0" * 5), {}) for model in ("SVM", "KNN")]
    assert list(ledgers(tmp_path)) == [("KNN", paths[1]), ("SVM", paths[0])]


def test_a_ledger_is_as_old_as_its_lines_however_often_it_was_read_since(path: Path) -> None:
    for age, name in enumerate((filled(path, {}), f"{path}-wal", f"{path}-shm")):
        Path(name).touch()
        os.utime(name, (age, age))
    assert written_last(path) == 1


def test_whether_a_ledger_is_in_use_is_said_without_waiting(path: Path, opened: Open) -> None:
    opened().put({"key": RECORD})
    start = time.perf_counter()
    assert not is_unused(path)
    assert time.perf_counter() - start < 2


# Names.


def test_the_name_of_a_ledger_is_the_same_in_every_run() -> None:
    """Another name would lose all fits that were made before."""
    assert ledger_print("train/SVM", PARTS) == "ebd48a4571f10700e1d4"


def test_settings_play_no_part_in_the_name_of_a_ledger() -> None:
    same_data = {**PARTS, "config.seed": 7, "config.tune.n_iter": 50}
    assert ledger_print("train/SVM", same_data) == ledger_print("train/SVM", PARTS)


@pytest.mark.parametrize("key", [key for key in PARTS if not key.startswith("config.")])
def test_data_folds_libraries_and_version_are_part_of_the_name_of_a_ledger(key: str) -> None:
    assert ledger_print("train/SVM", {**PARTS, key: "other"}) != ledger_print("train/SVM", PARTS)


def test_the_model_and_the_format_are_part_of_the_name_of_a_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ledger_print("train/SVM", PARTS)
    assert ledger_print("train/KNN", PARTS) != before
    monkeypatch.setattr(module, "FORMAT", module.FORMAT + 1)
    assert ledger_print("train/SVM", PARTS) != before
