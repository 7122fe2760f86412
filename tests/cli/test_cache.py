"""Looking after the cache: what lies there, whether it is whole, what goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


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
