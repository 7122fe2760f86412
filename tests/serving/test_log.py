"""The prediction log delays nobody, is bounded, loses little at a kill, and counts nothing twice."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from phishcli.errors import PersistError
from phishcli.serving import log as module
from phishcli.serving.feedback import Feedback, FeedbackLog, read_feedback
from phishcli.serving.log import PredictionLog, hour_of
from phishcli.serving.log_files import read_log
from phishcli.serving.plane import DataPlane, Split, Wanted
from phishcli.serving.replay import replay
from tests.serving.served import ROW, make_release


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logged")
    make_release(folder, models=("LightGBM",))
    return make_release(folder, models=("LogisticRegression",))


@pytest.fixture(scope="module")
def plane(root: Path) -> DataPlane:
    return DataPlane(Wanted(root, "v1.0.0"))


def rows_of(folder: Path) -> list[dict]:
    return [line for table in read_log(folder) for line in table.to_pylist()]


def test_what_was_answered_is_in_the_log_after_a_flush(plane: DataPlane, tmp_path: Path) -> None:
    log = PredictionLog(tmp_path / "log", every=3600)
    odd = {**ROW, "Lines": None, "Price": "1,5", "Industry": "Zoo", "Code": None}
    one, two = plane.predict([ROW], plane.crew, single=True), plane.predict([ROW, odd], plane.crew)
    log.judged("alone", one)
    log.judged("both", two)
    log.close()
    lines = rows_of(tmp_path / "log")
    assert [line["id"] for line in lines] == ["alone", "both/0", "both/1"]
    assert lines[0]["features"] == {**ROW, "NoOfImage": 7.0}
    assert lines[2]["features"] == {**odd, "NoOfImage": 7.0}
    assert [line["probability"] for line in lines] == [
        each.probability for each in (*one.predictions, *two.predictions)
    ]
    assert {(line["tier"], line["version"], line["bundle_sha256"]) for line in lines} == {
        ("main", "1.0.0", plane.crew.main.sha256)
    }
    assert abs(lines[0]["time"] - datetime.now(UTC)).total_seconds() < 60
    (file,) = (tmp_path / "log").rglob("*.parquet")
    assert file.parent == hour_of(tmp_path / "log", lines[0]["time"].timestamp())


def test_parts_come_every_few_seconds_so_that_a_kill_loses_little(plane: DataPlane, tmp_path: Path) -> None:
    log = PredictionLog(tmp_path, every=0.05)
    log.judged("a", plane.predict([ROW], plane.crew))
    deadline = time.monotonic() + 10
    while not list(tmp_path.rglob("part-*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [line["id"] for line in rows_of(tmp_path)] == ["a/0"]
    log.close()


def test_parts_become_one_file_and_a_kill_in_between_counts_nothing_twice(
    plane: DataPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = PredictionLog(tmp_path, every=3600)
    for number in range(3):
        log.judged(f"r{number}", plane.predict([ROW], plane.crew, single=True))
        log._write_safely()
    assert len(list(tmp_path.rglob("part-*"))) == 3
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)  # killed before the parts are removed
    log.close()
    assert len(list(tmp_path.rglob("*.parquet"))) == 4
    assert sorted(line["id"] for line in rows_of(tmp_path)) == ["r0", "r1", "r2"]


def test_an_hour_that_is_over_is_merged_while_the_service_runs(
    plane: DataPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_800_000_000.0
    monkeypatch.setattr(module.time, "time", lambda: now)
    log = PredictionLog(tmp_path, every=3600)
    for _ in range(2):
        log.judged("early", plane.predict([ROW], plane.crew))
        log._write_safely()
    now += 3600
    log.judged("late", plane.predict([ROW], plane.crew))
    log._write_safely()
    names = sorted(path.name.split("-")[0] for path in tmp_path.rglob("*.parquet"))
    assert names == ["hour", "part"]
    log.close()
    assert [line["id"] for line in rows_of(tmp_path)] == ["early/0", "early/0", "late/0"]


def test_what_waits_is_bounded_and_what_is_dropped_is_counted(plane: DataPlane, tmp_path: Path) -> None:
    dropped: list[int] = []
    log = PredictionLog(tmp_path, every=3600, most=3, on_dropped=dropped.append)
    answer = plane.predict([ROW, ROW], plane.crew)
    for _ in range(3):
        log.judged("a", answer)
    log.close()
    assert dropped == [2, 2]
    assert len(rows_of(tmp_path)) == 2


def test_an_answer_is_taken_in_microseconds_while_the_disk_is_slow(
    plane: DataPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go = threading.Event(), threading.Event()

    def slow(*_: object) -> None:
        entered.set()
        go.wait(10)

    monkeypatch.setattr(module, "write_table", slow)
    log = PredictionLog(tmp_path, every=0.01)
    answer = plane.predict([ROW], plane.crew)
    log.judged("a", answer)
    assert entered.wait(5)
    began = time.perf_counter()
    for _ in range(1000):
        log.judged("b", answer)
    assert time.perf_counter() - began < 1
    go.set()
    log.close()


def test_a_disk_that_fails_drops_rows_and_the_service_goes_on(
    plane: DataPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped: list[int] = []
    log = PredictionLog(tmp_path, every=3600, on_dropped=dropped.append)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_table", full)
        log.judged("a", plane.predict([ROW], plane.crew))
        log._write_safely()
    assert dropped == [1]
    assert "No space left" in str(log.trouble)
    log.judged("b", plane.predict([ROW], plane.crew))
    log.close()
    assert [line["id"] for line in rows_of(tmp_path)] == ["b/0"]


def test_a_folder_that_cannot_be_written_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PersistError, match="prediction log cannot be written"):
        PredictionLog(tmp_path / "file" / "log")


def test_a_shadow_and_a_challenger_stand_in_rows_of_their_own(root: Path, tmp_path: Path) -> None:
    plane = DataPlane(Wanted(root, "v1.0.0", "v1.0.1", Split("v1.0.1", 0.5, "Lines")))
    log = PredictionLog(tmp_path, every=3600)
    rows = [{**ROW, "Lines": float(lines)} for lines in range(100)]
    answer = plane.predict(rows, plane.crew)
    log.judged("x", answer)
    log.close()
    lines = rows_of(tmp_path)
    by_tier = {tier: [line for line in lines if line["tier"] == tier] for tier in ("main", "challenger", "shadow")}
    assert len(by_tier["main"]) + len(by_tier["challenger"]) == len(by_tier["shadow"]) == 100
    assert {tier: {line["version"] for line in each} for tier, each in by_tier.items()} == {
        "main": {"1.0.0"},
        "challenger": {"1.0.1"},
        "shadow": {"1.0.1"},
    }


def test_a_replay_finds_the_verdicts_that_flip(root: Path, plane: DataPlane, tmp_path: Path) -> None:
    log = PredictionLog(tmp_path, every=3600)
    rows = [{**ROW, "Lines": float(lines), "IsSecure": lines % 2 == 0} for lines in range(0, 400, 4)]
    before = plane.predict(rows, plane.crew).predictions
    log.judged("x", plane.predict(rows, plane.crew))
    log.close()
    other = DataPlane(Wanted(root, "v1.0.1")).crew.main
    after = other.predict(rows)
    flips = [(a.verdict, b.verdict) for a, b in zip(before, after, strict=True) if a.verdict != b.verdict]
    found = replay(tmp_path, other)
    assert (found.rows, found.flipped, found.same_release, found.unreadable) == (100, len(flips), 0, 0)
    assert flips
    assert sum(each["rows"] for each in found.to_plain()["flips"]) == len(flips)
    sizes = sorted(
        (abs(a.probability - b.probability) for a, b in zip(before, after, strict=True) if a.verdict != b.verdict),
        reverse=True,
    )
    assert [change.size for change in found.largest] == pytest.approx(sizes[:10])
    same = replay(tmp_path, plane.crew.main)
    assert (same.flipped, same.same_release) == (0, 100)


def test_a_place_without_a_log_says_so(tmp_path: Path) -> None:
    with pytest.raises(PersistError, match="There is no prediction log"):
        list(read_log(tmp_path))
    (tmp_path / "x.parquet").write_bytes(b"PAR1 cut short")
    with pytest.raises(PersistError, match="cannot be read"):
        list(read_log(tmp_path))


def test_labels_stand_apart_each_with_its_origin(tmp_path: Path) -> None:
    log = FeedbackLog(tmp_path)
    threads = [
        threading.Thread(target=lambda n=n: log.record(Feedback(f"r/{n}", "phishing", "analyst"))) for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = list(read_feedback(tmp_path))
    assert sorted(each.id for each in found) == sorted(f"r/{n}" for n in range(20))
    assert {(each.label, each.origin) for each in found} == {("phishing", "analyst")}
    next((tmp_path / "feedback").iterdir()).write_text("{", encoding="utf-8")
    with pytest.raises(PersistError, match="A label cannot be read"):
        list(read_feedback(tmp_path))


def test_the_files_are_plain_parquet(plane: DataPlane, tmp_path: Path) -> None:
    log = PredictionLog(tmp_path, every=3600)
    log.judged("a", plane.predict([ROW], plane.crew))
    log.close()
    (file,) = tmp_path.rglob("*.parquet")
    assert str(os.getpid()) in file.name
    assert pq.read_schema(file).names[:4] == ["id", "time", "tier", "alias"]
