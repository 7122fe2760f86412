"""Looking after the cache: what lies there, whether it is whole, what goes."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from phishcli.sources.cached import unfinished
from phishcli.sources.locate import locate, locate_offline

OTHER_FOLDS = "--set=preprocess.folds=3"
"""With other folds, models are trained with ledgers of their own."""


def ledgers(on_sites: Callable) -> list[dict[str, Any]]:
    """What ``ls`` says of the trial ledgers."""
    return [item for item in on_sites("cache", "ls", "--json").document if item["step"].startswith("trials/")]


def test_ls_lists_every_artifact_and_marks_the_current_ones(on_sites: Callable) -> None:
    on_sites("run-all")
    on_sites("report", "--set=report.title=Other")
    items = on_sites("cache", "ls", "--json").document
    reports = [item for item in items if item["step"] == "report"]
    assert len(items) == 12 + 2
    assert sorted(item["current"] for item in reports) == [False, True]
    assert "12 artifacts and 2 trial ledgers, " in on_sites("cache", "ls").out


def test_ls_lists_every_trial_ledger_and_marks_those_of_the_current_models(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("train")
    on_sites("train", OTHER_FOLDS)
    both = {item["fingerprint"]: item for item in ledgers(on_sites) if item["step"] == "trials/NaiveBayes"}
    assert sorted(item["current"] for item in both.values()) == [False, True]
    assert all(Path(item["folder"]) == Path(f".cache/trials/NaiveBayes/{name}.sqlite") for name, item in both.items())
    assert {*next(iter(both.values()))} == {"step", "fingerprint", "folder", "bytes", "current", "created"}
    lines = [line.rstrip() for line in on_sites("cache", "ls").out.splitlines()]
    (current,) = (line for line in lines if "trials/NaiveBayes" in line and line.startswith("*"))
    (other,) = (line for line in lines if "trials/NaiveBayes" in line and not line.startswith("*"))
    assert current.endswith("3 fits")
    assert other.endswith("5 fits")
    assert datetime.fromisoformat(next(iter(both.values()))["created"]).tzinfo is not None


def test_going_back_to_earlier_settings_makes_their_ledger_current_again(on_sites: Callable) -> None:
    on_sites("train")
    (before, *_) = ledgers(on_sites)
    on_sites("train", OTHER_FOLDS)
    on_sites("train")
    now = {item["fingerprint"]: item["current"] for item in ledgers(on_sites)}
    assert now[before["fingerprint"]]
    assert sorted(now.values()) == [False, False, True, True]


def test_ls_of_an_empty_cache_says_how_to_fill_it(on_sites: Callable) -> None:
    assert "The cache is empty; `phish run-all` fills it." in on_sites("cache", "ls").out


def test_verify_finds_the_artifact_with_a_flipped_byte(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    assert on_sites("cache", "verify").out == "11 of 11 artifacts and 2 of 2 trial ledgers intact.\n"
    path = tmp_path / ".cache/load/latest/target.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    said = on_sites("cache", "verify")
    assert said.code == 8
    assert "target.parquet does not match its hash" in said.err
    assert "`phish run-all` rebuilds damaged artifacts" in said.err
    assert "trials" not in said.err
    (damaged,) = on_sites("cache", "verify", "--json").document["damaged"]
    assert damaged.startswith(".cache/load/")


def test_verify_without_a_ledger_speaks_of_artifacts_alone(on_sites: Callable) -> None:
    on_sites("load")
    assert on_sites("cache", "verify").out == "1 of 1 artifacts intact.\n"


@pytest.mark.parametrize(
    ("limit", "told"), [(1, "1 line does not match its hash"), (2, "2 lines do not match their hashes")]
)
def test_verify_counts_the_damaged_lines_of_a_ledger(on_sites: Callable, tmp_path: Path, limit: int, told: str) -> None:
    on_sites("train")
    (path,) = (tmp_path / ".cache/trials/NaiveBayes").iterdir()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update fits set score = 1 where fold < ?", [limit])
    said = on_sites("cache", "verify")
    assert said.code == 8
    assert said.out == "4 of 4 artifacts and 1 of 2 trial ledgers intact.\n"
    assert f".cache/trials/NaiveBayes/{path.name}: {told}" in said.err
    assert "damaged fits are repeated when needed; `phish cache clear trials` removes all" in said.err
    assert "run-all" not in said.err


def test_verify_and_ls_tell_of_a_ledger_that_cannot_be_read(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("train")
    (path,) = (tmp_path / ".cache/trials/NaiveBayes").iterdir()
    path.write_bytes(b"no database" * 1000)
    said = on_sites("cache", "verify")
    assert said.code == 8
    assert f"{path.name}: the trial ledger cannot be read" in said.err
    (line,) = (line for line in on_sites("cache", "ls").out.splitlines() if "trials/NaiveBayes" in line)
    assert line.rstrip().endswith("damaged")
    assert on_sites("cache", "gc").code == 0
    assert on_sites("cache", "clear", "trials", "--yes").code == 0
    assert on_sites("cache", "verify").code == 0


def test_gc_keeps_what_is_current_and_what_this_configuration_needs(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    on_sites("run-all", "--set=report.title=Other")
    (tmp_path / ".cache/load/.tmp-abc0abc0abc0abc0abc0-killed_0").mkdir()
    assert "1 artifact would be removed" in on_sites("cache", "gc", "--dry-run").out
    assert on_sites("cache", "gc", "--json").document["removed"] == [".cache/load/.tmp-abc0abc0abc0abc0abc0-killed_0"]
    (tmp_path / ".cache/scratch/run-killed").mkdir(parents=True)
    os.utime(tmp_path / ".cache/scratch/run-killed", (0, 0))
    assert on_sites("cache", "gc", "--json").document["removed"] == [".cache/scratch/run-killed"]
    on_sites("run-all", "--set=evaluate.seed=3")
    gone = on_sites("cache", "gc", "--json", "--set=evaluate.seed=3").document["removed"]
    assert len(gone) == 7  # of either model what it scored and what it looks at, the comparison, and both reports
    assert on_sites("status", "--check", "--set=evaluate.seed=3").code == 0


def test_gc_removes_ledgers_that_are_neither_current_nor_of_the_settings_in_force(
    on_sites: Callable, tmp_path: Path
) -> None:
    on_sites("train", OTHER_FOLDS)
    old = {item["folder"] for item in ledgers(on_sites)}
    on_sites("train")
    assert on_sites("cache", "gc", "--dry-run", OTHER_FOLDS).out.startswith("0 artifacts would be removed")
    said = on_sites("cache", "gc", "--dry-run")
    assert said.out.startswith("3 artifacts and 2 trial ledgers would be removed, ")
    assert len(ledgers(on_sites)) == 4
    bytes_of = {item["folder"]: item["bytes"] for item in ledgers(on_sites)}
    gone = on_sites("cache", "gc", "--json").document
    assert old == {path for path in gone["removed"] if path.endswith(".sqlite")}
    assert gone["bytes"] > sum(bytes_of[path] for path in old)
    assert {item["folder"] for item in ledgers(on_sites)}.isdisjoint(old)
    assert len(ledgers(on_sites)) == 2


def test_gc_keeps_the_ledger_of_a_search_that_was_cut_short(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("train")
    shutil.rmtree(tmp_path / ".cache/train")
    assert [item["current"] for item in ledgers(on_sites)] == [False, False]
    assert on_sites("cache", "gc", "--json").document["removed"] == []
    on_sites("preprocess", OTHER_FOLDS)
    assert len(on_sites("cache", "gc", "--json", OTHER_FOLDS).document["removed"]) == 1 + 2


def test_gc_with_data_that_are_not_known_yet_keeps_only_current_ledgers(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("train")
    shutil.rmtree(tmp_path / ".cache/train/NaiveBayes")
    gone = on_sites("cache", "gc", "--json", "--set=preprocess.split.seed=5").document["removed"]
    assert [Path(path).parent.name for path in gone] == ["NaiveBayes"]


def test_gc_leaves_a_ledger_that_another_process_has_open(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("train")
    on_sites("train", OTHER_FOLDS)
    old = next(item["folder"] for item in ledgers(on_sites) if not item["current"])
    program = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('select 1 from fits'); print(); input()"
    command = [sys.executable, "-u", "-c", program, old]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert old not in on_sites("cache", "gc", "--json", OTHER_FOLDS).document["removed"]
        assert Path(old).is_file()
        process.communicate("\n", timeout=60)
    assert on_sites("cache", "gc", "--json", OTHER_FOLDS).document["removed"] == [old]


def test_gc_removes_copies_of_sources_that_are_not_in_use(
    phish: Callable, on_sites: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phishcli.sources.sample.write_sample", lambda path, **_: path.write_text("a,b\n1,2\n"))
    monkeypatch.setattr("phishcli.sources.kinds.sample.FILE", "sample.csv")
    sources = tmp_path / ".cache/sources"
    sample = locate("sample", cache=sources).path
    copy = sources / f"{'a' * 16}-{'b' * 16}-{'c' * 32}-x.csv"
    copy.write_text("123456789")
    (sources / "sample-v0-10500-42.db").write_text("old")
    sample.with_name(f"{sample.name}-wal").write_text("")
    (sources / ".download-killed").mkdir()
    on_sites("load")
    assert "0 artifacts and 3 source copies would be removed" in on_sites("cache", "gc", "--dry-run").out
    assert copy.exists()
    said = on_sites("cache", "gc", "--json").document
    assert {Path(path).name for path in said["removed"]} == {copy.name, "sample-v0-10500-42.db", ".download-killed"}
    assert said["bytes"] == len("123456789") + len("old")
    assert {path.name for path in sources.iterdir()} == {sample.name, f"{sample.name}-wal"}
    assert locate_offline("sample", cache=sources) is not None
    assert on_sites("cache", "gc", "--json").document["removed"] == []


def test_gc_keeps_the_download_in_use_and_removes_earlier_ones(phish: Callable, tmp_path: Path) -> None:
    sources, address = tmp_path / ".cache/sources", "http://127.0.0.1:9/x.csv"
    sources.mkdir(parents=True)
    key = sha256(address.encode()).hexdigest()[:16]
    old, new = (sources / f"{key}-{'b' * 16}-{sha256(text).hexdigest()[:32]}-x.csv" for text in (b"a\n1\n", b"a\n2\n"))
    old.write_bytes(b"a\n1\n")
    new.write_bytes(b"a\n2\n")
    os.utime(old, (1, 1))
    phish("cache", "gc", "--source", address)
    assert list(sources.iterdir()) == [new]


def test_gc_leaves_a_download_that_is_under_way(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("load")
    sources = tmp_path / ".cache/sources"
    with unfinished(sources) as folder:
        assert on_sites("cache", "gc", "--json").document["removed"] == []
        assert folder.is_dir()
    (sources / ".download-killed").mkdir()
    (sources / ".download-killed/lock").touch()
    assert on_sites("cache", "gc", "--json").document["removed"] == [".cache/sources/.download-killed"]


def test_clear_removes_one_stage_with_all_its_models(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    assert "2 artifacts and 2 trial ledgers removed" in on_sites("cache", "clear", "train", "--yes").out
    assert not (tmp_path / ".cache/train/NaiveBayes/latest").is_symlink()
    assert (tmp_path / ".cache/load/latest").is_dir()
    assert ledgers(on_sites) == []


def test_clear_removes_one_model_with_its_ledgers(on_sites: Callable) -> None:
    on_sites("train")
    on_sites("train", OTHER_FOLDS)
    said = on_sites("cache", "clear", "train/NaiveBayes", "--yes").out
    assert said.startswith("2 artifacts and 2 trial ledgers removed, ")
    assert {item["step"] for item in ledgers(on_sites)} == {"trials/LogisticRegression"}


def test_clear_trials_removes_the_ledgers_and_nothing_else(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    assert on_sites("cache", "clear", "trials/NaiveBayes", "--yes").out.startswith("0 artifacts and 1 trial ledger ")
    assert {item["step"] for item in ledgers(on_sites)} == {"trials/LogisticRegression"}
    on_sites("cache", "clear", "trials", "--yes")
    assert list(tmp_path.glob(".cache/trials/*/*")) == []
    assert on_sites("status", "--check").code == 0


def test_clear_of_another_stage_leaves_the_ledgers(on_sites: Callable) -> None:
    on_sites("run-all")
    on_sites("cache", "clear", "evaluate", "--yes")
    assert len(ledgers(on_sites)) == 2


def test_clear_removes_everything_including_sources(phish: Callable, on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    (tmp_path / ".cache/sources").mkdir(exist_ok=True)
    (tmp_path / f".cache/sources/{'a' * 16}-{'b' * 16}-{'c' * 32}-old.csv").write_text("x")
    (tmp_path / ".cache/scratch/run-killed").mkdir()
    os.utime(tmp_path / ".cache/scratch/run-killed", (0, 0))
    assert on_sites("cache", "clear", "--yes").out.startswith("11 artifacts and 2 trial ledgers removed, ")
    assert on_sites("cache", "ls", "--json").document == []
    assert list((tmp_path / ".cache/sources").iterdir()) == []
    assert list((tmp_path / ".cache/scratch").iterdir()) == []
    assert list(tmp_path.glob(".cache/trials/*/*")) == []


def test_clear_asks_and_without_an_answer_removes_nothing(on_sites: Callable) -> None:
    on_sites("load")
    said = on_sites("cache", "clear")
    assert said.code == 2
    assert "--yes" in said.err
    refused = on_sites("cache", "clear", "nonsense", "--yes").err
    assert "There is no stage 'nonsense'" in refused
    assert "trials are the fits that searches resume from" in " ".join(refused.split())
    assert len(on_sites("cache", "ls", "--json").document) == 1


def test_a_damaged_manifest_does_not_stop_ls_verify_or_gc(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("load")
    (tmp_path / ".cache/load/latest/manifest.json").write_text("{")
    assert "damaged" in on_sites("cache", "ls").out
    assert on_sites("cache", "verify").code == 8
    assert on_sites("cache", "gc").code == 0


def test_gc_leaves_what_another_process_is_writing_just_now(on_sites: Callable, tmp_path: Path) -> None:
    from phishcli.artifacts import Store

    on_sites("load")
    (tmp_path / ".cache/train/KNN/.tmp-abc0abc0abc0abc0abc0-killed_0").mkdir(parents=True)
    with Store(tmp_path / ".cache").lock("train/KNN", "abc0" * 5):
        assert on_sites("cache", "gc", "--json").document["removed"] == []
    assert on_sites("cache", "gc", "--json").document["removed"] == [
        ".cache/train/KNN/.tmp-abc0abc0abc0abc0abc0-killed_0"
    ]
