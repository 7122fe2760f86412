"""Releases are numbered upwards, written once, and the last one is the current one."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from phishcli.artifacts import Damaged, Entry, Home, Output, Releases, Workspace, fingerprint
from phishcli.errors import PersistError

PARTS = {"version": 1, "config.seed": 42}


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(tmp_path / "results" / "artifacts")


def release(releases: Releases, version: str, parts: dict | None = None) -> Entry:
    output = Output({"model.txt": version}, f"v{version}", extra={"version": version})
    return releases.publish("persist", parts or PARTS, output, started=time.perf_counter(), packages={})


def find(releases: Releases, parts: dict | None = None, *, step: str = "persist", deep: bool = False) -> Entry | None:
    return releases.find(step, fingerprint("persist", parts or PARTS), deep=deep)


def test_without_a_release_there_is_none_to_find(releases: Releases) -> None:
    assert (releases.versions(), releases.highest(), releases.latest("persist"), find(releases)) == (
        [],
        None,
        None,
        None,
    )


def test_a_release_lies_under_its_version_and_latest_leads_to_it(releases: Releases) -> None:
    entry = release(releases, "1.0.0")
    assert entry.folder == releases.root / "v1.0.0"
    assert (releases.root / "latest" / "model.txt").read_text() == "1.0.0"
    found = find(releases, deep=True)
    assert found == entry
    assert found.read("model.txt") == "1.0.0"


def test_versions_are_ordered_as_numbers_and_nothing_else_counts(releases: Releases) -> None:
    for version in ("1.10.0", "1.9.3", "1.9.12", "0.1.0"):
        release(releases, version)
    for name in ("v2", "v2.0.0-rc1", "very-old", "1.99.0", "xv3.0.0"):
        (releases.root / name).mkdir()
    assert releases.versions() == [(0, 1, 0), (1, 9, 3), (1, 9, 12), (1, 10, 0)]
    assert releases.highest() == "1.10.0"
    assert releases.latest("persist").folder.name == "v1.10.0"


def test_only_the_last_release_is_found(releases: Releases) -> None:
    release(releases, "1.0.0")
    release(releases, "1.1.0", {**PARTS, "config.seed": 7})
    assert find(releases) is None
    assert find(releases, {**PARTS, "config.seed": 7}).folder.name == "v1.1.0"
    assert find(releases, {**PARTS, "config.seed": 7}, step="report") is None


def test_a_file_of_another_size_is_noticed_at_any_look_and_a_changed_one_by_a_deep_look(releases: Releases) -> None:
    path = release(releases, "1.0.0").folder / "model.txt"
    path.write_text("9.0.0")
    assert releases.find("persist", fingerprint("persist", PARTS)) is not None  # not deep, unless asked
    with pytest.raises(Damaged, match=r"model\.txt does not match its hash"):
        find(releases, deep=True)
    path.write_text("longer")
    with pytest.raises(Damaged, match=r"model\.txt has 6 bytes instead of 5"):
        find(releases)


def test_a_release_without_a_readable_manifest_keeps_its_number_and_the_one_before_is_the_last(
    releases: Releases,
) -> None:
    release(releases, "1.0.0")
    (release(releases, "1.1.0").folder / "manifest.json").write_text("{")
    assert releases.highest() == "1.1.0"
    assert releases.latest("persist").folder.name == "v1.0.0"


def test_a_version_is_never_written_twice(releases: Releases) -> None:
    entry = release(releases, "1.0.0")
    with pytest.raises(PersistError, match=r"Release v1\.0\.0 already exists") as caught:
        release(releases, "1.0.0", {**PARTS, "config.seed": 7})
    assert (caught.value.where, caught.value.hint) == (str(entry.folder), "Run the command again")
    assert find(releases, deep=True) == entry


def test_a_full_disk_is_one_clear_error_and_earlier_releases_stay(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = release(releases, "1.0.0")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("phishcli.artifacts.codecs.write", full)
    with pytest.raises(PersistError, match="The release could not be written: No space left on device") as caught:
        release(releases, "1.1.0")
    assert caught.value.where == str(releases.root)
    assert caught.value.hint == (
        "Free some space, or choose another folder with --cache-dir or --results-dir; earlier releases are unchanged"
    )
    assert (releases.versions(), find(releases)) == ([(1, 0, 0)], entry)


def test_one_release_is_written_at_a_time_whatever_it_is_made_from(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phishcli.artifacts.store.PATIENCE", 0.01)
    order: list[str] = []
    held, waits = threading.Event(), threading.Event()

    def second() -> None:
        held.wait(10)
        with releases.lock("persist", "other", waits.set):
            order.append("second")

    waiting = threading.Thread(target=second)
    waiting.start()
    with releases.lock("persist", "one"):
        held.set()
        assert waits.wait(10)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_a_workspace_holds_a_cache_below_one_folder_and_releases_below_another(tmp_path: Path) -> None:
    workspace = Workspace.at(tmp_path / "cache", tmp_path / "results")
    assert workspace.home("releases") is workspace.releases
    assert workspace.home("cache") is workspace.cache
    assert (workspace.cache.root, workspace.releases.root) == (tmp_path / "cache", tmp_path / "results" / "artifacts")
    output = Output({"notes.txt": "content"}, "", extra={"version": "1.0.0"})
    homes: list[Home] = ["releases", "cache"]
    for home, step in zip(homes, ("persist", "load"), strict=True):
        print_ = fingerprint(step, PARTS)
        assert workspace.find(step, print_, home=home) is None
        assert workspace.latest(step, home=home) is None
        entry = workspace.home(home).publish(step, PARTS, output, started=time.perf_counter(), packages={})
        assert workspace.find(step, print_, home=home) == workspace.latest(step, home=home) == entry
        (entry.folder / "notes.txt").write_text("CONTENT")
        assert workspace.find(step, print_, home=home) == entry
        with pytest.raises(Damaged):
            workspace.find(step, print_, home=home, deep=True)
    assert workspace.latest("load") == workspace.find("load", print_) == entry  # the cache, unless asked
