"""Looking after a cache: what is in it, what is damaged, and what may go without anybody missing it."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from phishcli.artifacts import Entry, Store
from phishcli.artifacts.ledgers import Ledger, ledger_path, ledger_print
from phishcli.artifacts.maintenance import (
    clear,
    damage,
    discard,
    folder_size,
    items,
    superseded,
    superseded_ledgers,
    unused_sources,
)
from phishcli.documents.fit_record import FitRecord
from phishcli.files import working_folder

Publish = Callable[..., Entry]
PRINT = "abc0" * 5
COPY = f"{'0' * 16}-{'1' * 16}-{'2' * 32}"
"""How the name of a downloaded copy begins."""


def killed_in(folder: Path) -> Path:
    """A working folder as a killed process leaves it."""
    folder.mkdir(parents=True)
    (folder / "phish.lock").touch()
    return folder


def ledger(store: Store, model: str, parts: dict | None = None, fits: int = 1) -> Path:
    """A ledger that the training of a model wrote with these parts."""
    path = ledger_path(store.root, model, ledger_print(f"train/{model}", parts or {}))
    with closing(Ledger(path, pytest.fail)) as opened:
        opened.put({f"key {n}": FitRecord("{}", fold=n, seconds=1.0, error="none") for n in range(fits)})
    return path


def inside(store: Store) -> set[str]:
    """All files and links of a cache but for those of its locks."""
    every = (path for path in store.root.rglob("*") if path.is_symlink() or not path.is_dir())
    found = (path.relative_to(store.root) for path in every)
    return {path.as_posix() for path in found if path.parts[0] != ".locks"}


# What there is.


def test_artifacts_are_listed_with_step_size_time_and_whether_they_are_current(
    store: Store, published: Publish
) -> None:
    old, new = published(text="four", version=1), published(text="three", version=2)
    found = {item.path: item for item in items(store)}
    assert {path: item.current for path, item in found.items()} == {old.folder: False, new.folder: True}
    item = found[new.folder]
    assert (item.step, item.fingerprint, item.is_ledger) == ("load", new.folder.name, False)
    assert (item.created, item.summary) == (new.manifest.created, "load: three")
    assert item.size == len("three") + (new.folder / "manifest.json").stat().st_size


def test_an_artifact_without_a_manifest_that_can_be_read_is_listed_without_time_and_summary(
    store: Store, published: Publish
) -> None:
    (published("train/SVM").folder / "manifest.json").write_text("{")
    (item,) = items(store)
    assert (item.step, item.current, item.created, item.summary) == ("train/SVM", False, None, None)
    assert item.size == len("content") + 1


def test_links_are_not_counted_and_a_file_has_its_own_size(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("12345")
    (tmp_path / "a" / "link").symlink_to(tmp_path / "a" / "b.txt")
    (tmp_path / "c.txt").write_text("123")
    assert folder_size(tmp_path) == 8
    assert folder_size(tmp_path / "c.txt") == 3


def test_ledgers_come_last_with_their_fits_and_the_time_they_were_written(store: Store, published: Publish) -> None:
    paths = [ledger(store, "KNN"), ledger(store, "SVM", {"version": 2}, fits=1_200)]
    published("train/SVM", version=2)
    os.utime(paths[0], (86_400, 86_400))
    artifact, *found = items(store)
    assert (artifact.step, [item.path for item in found]) == ("train/SVM", paths)
    assert [(item.step, item.summary, item.current) for item in found] == [
        ("trials/KNN", "1 fit", False),
        ("trials/SVM", "1,200 fits", True),
    ]
    assert [item.size for item in found] == [path.stat().st_size for path in paths]
    assert found[0].created == "1970-01-02T00:00:00+00:00"
    assert abs(datetime.fromisoformat(str(found[1].created)) - datetime.now(UTC)).total_seconds() < 60
    assert all(item.is_ledger and item.fingerprint == item.path.stem for item in found)


def test_a_ledger_that_cannot_be_read_has_no_summary(store: Store) -> None:
    ledger(store, "SVM").write_bytes(b"no database" * 1000)
    (item,) = items(store)
    assert item.summary is None


# What is damaged.


def test_what_is_whole_is_not_damaged(store: Store, published: Publish) -> None:
    published()
    ledger(store, "SVM")
    assert [damage(item) for item in items(store)] == [None, None]


def test_damage_is_named(store: Store, published: Publish) -> None:
    (published("load").folder / "notes.txt").write_text("CONTENT")
    (published("audit").folder / "manifest.json").write_text("[")
    ledger(store, "SVM").write_bytes(b"no database" * 1000)
    assert [damage(item) for item in items(store)] == [
        "manifest.json cannot be read (JSONDecodeError)",
        "notes.txt does not match its hash",
        "the trial ledger cannot be read",
    ]


@pytest.mark.parametrize(
    ("fits", "text"),
    [(0, None), (1, "1 line does not match its hash"), (1_002, "1,002 lines do not match their hashes")],
)
def test_damaged_lines_of_a_ledger_are_counted(store: Store, fits: int, text: str | None) -> None:
    path = ledger(store, "SVM", fits=1_002)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("update fits set score = 1 where fold < ?", [fits])
    (item,) = items(store)
    assert damage(item) == text


# What may go.


def test_artifacts_that_are_neither_current_nor_kept_are_superseded(store: Store, published: Publish) -> None:
    first, second, last = (published(version=number) for number in (1, 2, 3))
    assert sorted(superseded(store, [])) == sorted([first.folder, second.folder])
    assert superseded(store, [second.folder]) == [first.folder]
    assert superseded(store, [first.folder, second.folder, last.folder]) == []


def test_what_killed_writers_left_is_superseded_unless_somebody_is_at_work_on_it(
    store: Store, published: Publish
) -> None:
    published()
    left = store.root / "train" / "SVM" / f".tmp-{PRINT}-killed_0"
    left.mkdir(parents=True)
    assert superseded(store, []) == [left]
    with store.lock("train/SVM", PRINT):
        found: list[list[Path]] = []
        looking = threading.Thread(target=lambda: found.append(superseded(store, [])))
        looking.start()
        looking.join()
        assert found == [[]]
    with store.lock("train/SVM", "other"):
        assert superseded(store, []) == [left]


def test_ledgers_that_are_neither_current_nor_kept_nor_open_are_superseded(store: Store, published: Publish) -> None:
    current, kept, opened, old = (ledger(store, "SVM", {"version": number}) for number in (1, 2, 3, 4))
    published("train/SVM", version=1)
    with closing(Ledger(opened, pytest.fail)) as held:
        held.get("key")
        assert superseded_ledgers(store, [kept]) == [old]
    assert sorted(superseded_ledgers(store, [])) == sorted([kept, opened, old])
    assert superseded_ledgers(store, [kept, opened, old, current]) == []


def test_sources_that_are_not_kept_are_unused_with_all_that_sqlite_put_beside_them(store: Store) -> None:
    store.sources.mkdir(parents=True)
    for name in ("a.db", "a.db-wal", "a.db-shm", "a.db-journal", "b.db", "b.db-wal"):
        (store.sources / f"{COPY}-{name}").touch()
    killed_in(store.sources / ".download-killed")
    with working_folder(store.sources, ".download-"):
        unused = [path.name for path in unused_sources(store, [Path(f"elsewhere/{COPY}-a.db")])]
    assert unused == [".download-killed", *(f"{COPY}-{name}" for name in ("a.db-journal", "b.db", "b.db-wal"))]


def test_copies_of_databases_are_ours(store: Store) -> None:
    store.sources.mkdir(parents=True)
    names = [f"db-{'a' * 16}-{'c' * 32}-rows.parquet", f"db-{'a' * 16}-{'b' * 16}-{'c' * 32}-rows.parquet"]
    for name in (*names, "db-own-rows.parquet"):
        (store.sources / name).touch()
    assert sorted(path.name for path in unused_sources(store, [])) == sorted(names)


# What goes.


def test_a_step_is_cleared_with_its_link_and_the_others_stay(store: Store, published: Publish) -> None:
    gone, kept = [published("load", version=number) for number in (1, 2)], published("audit")
    before = {f"audit/{kept.folder.name}/{name}" for name in ("notes.txt", "manifest.json")} | {"audit/latest"}
    assert {item.path for item in clear(store, "load")} == {entry.folder for entry in gone}
    assert inside(store) == before


def test_train_takes_all_its_models_and_their_ledgers_along(store: Store, published: Publish) -> None:
    for step in ("train/SVM", "train/KNN", "training", "evaluate/SVM"):
        published(step)
    ledger(store, "SVM")
    assert sorted(item.step for item in clear(store, "train")) == ["train/KNN", "train/SVM", "trials/SVM"]
    assert {path.split("/")[0] for path in inside(store)} == {"training", "evaluate"}


def test_one_model_or_only_the_ledgers_can_be_cleared(store: Store, published: Publish) -> None:
    for model in ("SVM", "KNN"):
        published(f"train/{model}")
        ledger(store, model)
    assert [item.step for item in clear(store, "trials/SVM")] == ["trials/SVM"]
    assert [item.step for item in clear(store, "train/KNN")] == ["train/KNN", "trials/KNN"]
    ledger(store, "KNN")
    assert [item.step for item in clear(store, "trials")] == ["trials/KNN"]
    assert [item.step for item in clear(store)] == ["train/SVM"]


def test_all_goes_with_what_killed_runs_left_and_the_copies_of_sources(store: Store, published: Publish) -> None:
    published()
    ledger(store, "SVM")
    (store.root / "load" / f".tmp-{PRINT}-killed_0").mkdir()
    killed_in(store.root / "scratch" / "run-killed")
    os.utime(store.root / "scratch" / "run-killed", (0, 0))
    killed_in(store.sources / ".download-killed")
    (store.sources / f"{COPY}-a.db").touch()
    assert sorted(item.step for item in clear(store)) == ["load", "trials/SVM"]
    assert inside(store) == set()
    assert [list((store.root / name).iterdir()) for name in ("load", "scratch", "sources")] == [[], [], []]


def test_clearing_a_step_leaves_what_belongs_to_none(store: Store, published: Publish) -> None:
    published()
    store.sources.mkdir()
    (store.sources / f"{COPY}-a.db").touch()
    left = store.root / "load" / f".tmp-{PRINT}-killed_0"
    left.mkdir()
    clear(store, "load")
    assert left.is_dir()
    assert inside(store) == {f"sources/{COPY}-a.db"}


def test_a_link_to_what_is_still_there_stays(store: Store, published: Publish) -> None:
    kept = published("train/SVM")
    ledger(store, "SVM")
    clear(store, "trials")
    assert store.latest("train/SVM") is not None
    assert (kept.folder.parent / "latest").is_symlink()


def test_files_links_and_folders_are_discarded_and_what_has_gone_already_is_no_trouble(tmp_path: Path) -> None:
    folder, file, link = tmp_path / "folder", tmp_path / "file", tmp_path / "link"
    folder.mkdir()
    (folder / "inside").touch()
    file.touch()
    link.symlink_to(folder)
    for path in (link, file, tmp_path / "never there"):
        discard(path)
    assert list(tmp_path.iterdir()) == [folder]
    assert (folder / "inside").is_file()
    discard(folder)
    assert list(tmp_path.iterdir()) == []
