"""Nothing is removed from a cache folder but what this program can prove it wrote."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from phishcli.artifacts import Entry, Store
from phishcli.artifacts.ledgers import Ledger, ledger_path
from phishcli.artifacts.maintenance import clear, damage, items, shared_folders, superseded, unused_sources
from phishcli.artifacts.manifest import Damaged, Manifest
from phishcli.artifacts.store import Output, fill

Publish = Callable[..., Entry]
HEX = "0123456789abcdef0123"


def files(root: Path) -> dict[str, bytes]:
    """All files below a folder with their content, without following links to folders."""
    found = (Path(folder) / name for folder, _, names in os.walk(root) for name in names)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found if path.is_file()}


def other_programs(root: Path, published: Path) -> None:
    """What may lie in a folder that somebody makes the cache: each looks a little like ours."""
    copied = root / "backup" / "load" / published.name
    shutil.copytree(published, copied)
    shutil.copytree(published, root / "audit" / published.name)  # the manifest names another step
    shutil.copytree(published, root / "load" / HEX)  # and another fingerprint
    for path, text in {
        "other-tool/model/manifest.json": '{"version": 1}',
        "other-tool/model/weights.bin": "weights",
        f"site/{HEX}/manifest.json": "{}",
        "site/public/manifest.json": "[" * 200_000,
        "results/artifacts/v1.0.0/manifest.json": "{}",
        "sources/mydata.csv": "mine",
        "sources/photo-" + "0" * 32 + "-x.jpg": "mine",
        "sources/.download-mine/part": "mine",
        "scratch/run-20240101/measured.csv": "mine",
        "load/.tmp-notes/a.txt": "mine",
        "load/notes.txt": "mine",
        "trials/mine/samples.sqlite": "no database",
        "manifest.json": "{}",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    with closing(sqlite3.connect(root / "trials" / "mine" / f"{HEX}.sqlite")) as database:
        database.execute("create table measured (value real)")


def test_what_other_programs_and_the_user_have_put_there_stays(store: Store, published: Publish) -> None:
    entry, old = published(version=2), published("train/SVM", version=1)
    published("train/SVM", version=2)
    other_programs(store.root, entry.folder)
    theirs = files(store.root)
    ours = {
        f"{entry.manifest.step}/{name}/{file}" for name in (entry.folder.name, "latest") for file in files(entry.folder)
    }
    assert superseded(store, []) == [old.folder]
    assert unused_sources(store, []) == []
    assert {item.path for item in items(store)} >= {entry.folder, old.folder}
    assert len(clear(store)) == 3
    left = {name: content for name, content in theirs.items() if name not in ours and not name.startswith("train/")}
    assert files(store.root) == left


def test_a_loop_of_links_is_no_trouble_and_links_are_not_followed_into_the_users_files(
    store: Store, published: Publish, tmp_path: Path
) -> None:
    entry = published()
    (store.root / "up").symlink_to("..")
    (store.root / "load" / "again").symlink_to(".")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    (store.root / "load" / HEX).symlink_to(tmp_path / "mine")
    assert [item.path for item in clear(store)] == [entry.folder]
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "mine"


def test_an_artifact_with_a_file_of_somebody_elses_is_kept_and_named(store: Store, published: Publish) -> None:
    entry = published(version=1)
    published(version=2)
    (entry.folder / "remarks.txt").write_text("mine")
    assert superseded(store, []) == []
    assert shared_folders(store) == {entry.folder: ["remarks.txt"]}
    clear(store)
    assert sorted(files(entry.folder)) == ["manifest.json", "notes.txt", "remarks.txt"]


def test_a_file_of_somebody_elses_survives_that_the_artifact_is_made_again(store: Store, published: Publish) -> None:
    entry = published()
    (entry.folder / "plots").mkdir()
    (entry.folder / "plots" / "a.svg").write_text("mine")
    published()
    assert (entry.folder / "plots" / "a.svg").read_text() == "mine"


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_text("[" * 200_000)])
def test_an_artifact_whose_manifest_is_lost_is_seen_and_can_be_removed(
    store: Store, published: Publish, harm: Callable[[Path], object]
) -> None:
    entry = published()
    harm(entry.folder / "manifest.json")
    (item,) = items(store)
    assert item.path == entry.folder
    assert str(damage(item)).startswith("manifest.json ")
    assert store.latest("load") is None
    with pytest.raises(Damaged):
        store.find("load", entry.folder.name)
    clear(store)
    assert not entry.folder.exists()


def test_a_manifest_that_is_a_pipe_or_a_device_is_damage_and_awaited_by_nobody(
    store: Store, published: Publish
) -> None:
    for step, make in {"load": os.mkfifo, "audit": lambda path: path.symlink_to("/dev/zero")}.items():
        entry = published(step)
        (entry.folder / "manifest.json").unlink()
        make(entry.folder / "manifest.json")
        with pytest.raises(Damaged, match="cannot be read"):
            Manifest.read(entry.folder)
    pipe = published("train/SVM").folder / "notes.txt"
    pipe.unlink()
    os.mkfifo(pipe)
    assert "Not a regular file" in str(damage(next(item for item in items(store) if item.step == "train/SVM")))


def test_an_artifact_that_a_run_replaces_while_it_is_checked_is_whole(
    store: Store, published: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = published(text="old")
    (item,) = items(store)
    (entry.folder / "notes.txt").write_text("half-way: the manifest is the old one")
    waited: list[float] = []

    def meanwhile(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 1:
            published(text="new")

    monkeypatch.setattr("phishcli.artifacts.maintenance.time.sleep", meanwhile)
    assert damage(item) is None
    assert waited


def test_an_artifact_that_was_removed_since_is_not_damaged(store: Store, published: Publish) -> None:
    entry = published()
    (item,) = items(store)
    shutil.rmtree(entry.folder)
    assert damage(item) is None


def test_a_new_cache_is_marked_for_backup_programs_and_a_folder_with_other_things_is_not(tmp_path: Path) -> None:
    new, with_gitignore, used = (tmp_path / name for name in ("new", "tracked", "used"))
    with_gitignore.mkdir()
    (with_gitignore / ".gitignore").write_text("*")
    used.mkdir()
    (used / "thesis.txt").write_text("mine")
    for root in (new, with_gitignore, used):
        Store(root).mark()
    text = (new / "CACHEDIR.TAG").read_text()
    assert text.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert "phishcli" in text
    assert "format 1" in text
    assert (with_gitignore / "CACHEDIR.TAG").read_text() == text
    assert [path.name for path in used.iterdir()] == ["thesis.txt"]


def test_a_file_in_the_place_of_the_link_to_the_latest_is_kept(store: Store) -> None:
    (store.root / "load").mkdir(parents=True)
    (store.root / "load" / "latest").write_text("mine")
    final = store.root / "load" / HEX
    entry = fill(final, "load", {}, Output({"a.txt": "a"}, ""), started=0.0, packages={})
    with pytest.raises(FileExistsError):
        store.point_latest(entry)
    assert (store.root / "load" / "latest").read_text() == "mine"


def test_a_ledger_is_ours_by_its_table(store: Store) -> None:
    with closing(Ledger(ledger_path(store.root, "SVM", HEX), pytest.fail)):
        pass
    assert [item.path.name for item in items(store)] == [f"{HEX}.sqlite"]
