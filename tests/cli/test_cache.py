"""Looking after the cache: what lies there, whether it is whole, what goes."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from phishcli.data.copies import unfinished
from phishcli.data.sources import locate, locate_offline


def test_ls_lists_every_artifact_and_marks_the_current_ones(on_sites: Callable) -> None:
    on_sites("run-all")
    on_sites("report", "--set=report.title=Other")
    items = on_sites("cache", "ls", "--json").document
    reports = [item for item in items if item["step"] == "report"]
    assert len(items) == 9
    assert sorted(item["current"] for item in reports) == [False, True]
    assert "9 artifacts" in on_sites("cache", "ls").out


def test_ls_of_an_empty_cache_says_how_to_fill_it(on_sites: Callable) -> None:
    assert "The cache is empty; `phish run-all` fills it." in on_sites("cache", "ls").out


def test_verify_finds_the_artifact_with_a_flipped_byte(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    assert on_sites("cache", "verify").out == "8 of 8 artifacts are whole.\n"
    path = tmp_path / ".cache/load/latest/target.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    said = on_sites("cache", "verify")
    assert said.code == 8
    assert "target.parquet does not match its hash" in said.err
    (damaged,) = on_sites("cache", "verify", "--json").out.split('"damaged"')[1:]
    assert "load" in damaged


def test_gc_keeps_what_is_current_and_what_this_configuration_needs(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    on_sites("run-all", "--set=report.title=Other")
    (tmp_path / ".cache/load/.tmp-killed").mkdir()
    assert "1 artifacts would go" in on_sites("cache", "gc", "--dry-run").out
    assert on_sites("cache", "gc", "--json").document["removed"] == [".cache/load/.tmp-killed"]
    on_sites("run-all", "--set=evaluate.seed=3")
    gone = on_sites("cache", "gc", "--json", "--set=evaluate.seed=3").document["removed"]
    assert len(gone) == 5
    assert on_sites("status", "--check", "--set=evaluate.seed=3").code == 0


def test_gc_removes_copies_of_sources_that_are_not_in_use(
    phish: Callable, on_sites: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phishcli.data.sample.write_sample", lambda path, **_: path.write_text("a,b\n1,2\n"))
    monkeypatch.setattr("phishcli.data.sources.SAMPLE_FILE", "sample.csv")
    sources = tmp_path / ".cache/sources"
    sample = locate("sample", cache=sources).path
    copy = sources / f"{'a' * 16}-{'b' * 16}-{'c' * 32}-x.csv"
    copy.write_text("123456789")
    (sources / "sample-v0-10500-42.db").write_text("old")
    sample.with_name(f"{sample.name}-wal").write_text("")
    (sources / ".download-killed").mkdir()
    on_sites("load")
    assert "0 artifacts and 3 copies of sources would go" in on_sites("cache", "gc", "--dry-run").out
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
    assert "2 artifacts removed" in on_sites("cache", "clear", "train", "--yes").out
    assert not (tmp_path / ".cache/train/NaiveBayes/latest").is_symlink()
    assert (tmp_path / ".cache/load/latest").is_dir()


def test_clear_removes_everything_including_sources(phish: Callable, on_sites: Callable, tmp_path: Path) -> None:
    on_sites("run-all")
    (tmp_path / ".cache/sources").mkdir()
    (tmp_path / ".cache/sources/old.csv").write_text("x")
    on_sites("cache", "clear", "--yes")
    assert on_sites("cache", "ls", "--json").document == []
    assert list((tmp_path / ".cache/sources").iterdir()) == []


def test_clear_asks_and_without_an_answer_removes_nothing(on_sites: Callable) -> None:
    on_sites("load")
    said = on_sites("cache", "clear")
    assert said.code == 2
    assert "--yes" in said.err
    assert "There is no stage 'nonsense'" in on_sites("cache", "clear", "nonsense", "--yes").err
    assert len(on_sites("cache", "ls", "--json").document) == 1


def test_a_damaged_manifest_does_not_stop_ls_verify_or_gc(on_sites: Callable, tmp_path: Path) -> None:
    on_sites("load")
    (tmp_path / ".cache/load/latest/manifest.json").write_text("{")
    assert "damaged" in on_sites("cache", "ls").out
    assert on_sites("cache", "verify").code == 8
    assert on_sites("cache", "gc").code == 0


def test_gc_leaves_what_another_process_is_writing_just_now(on_sites: Callable, tmp_path: Path) -> None:
    from phishcli.store import Store

    on_sites("load")
    (tmp_path / ".cache/train/KNN/.tmp-abc-1").mkdir(parents=True)
    with Store(tmp_path / ".cache").lock("train/KNN", "abc"):
        assert on_sites("cache", "gc", "--json").document["removed"] == []
    assert on_sites("cache", "gc", "--json").document["removed"] == [".cache/train/KNN/.tmp-abc-1"]
