"""Folders that appear whole or not at all, and links that are replaced in one step."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from phishcli.artifacts.folder import appearing, point, remove_unfinished

Step = tuple[str, int]
"""What was done, and the inode of what it was done to."""


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[Step]:
    """What is flushed and renamed, in order; files and folders by their inode, which a rename leaves alone."""
    found: list[Step] = []
    fsync, rename = os.fsync, Path.rename

    def flushed(handle: int) -> None:
        found.append(("flush", os.fstat(handle).st_ino))
        fsync(handle)

    def renamed(self: Path, target: Path) -> Path:
        found.append(("rename", self.stat().st_ino))
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "rename", renamed)
    return found


def inode(path: Path) -> int:
    return path.stat().st_ino


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_file_and_folder_is_on_the_disk_before_the_name_and_the_name_before_the_end(
    tmp_path: Path, steps: list[Step]
) -> None:
    final = tmp_path / "step" / "print"
    with appearing(final) as folder:
        (folder / "a.txt").write_text("a")
        (folder / "charts").mkdir()
        (folder / "charts" / "b.txt").write_text("b")
    *before, rename, last = steps
    held = [final, final / "a.txt", final / "charts", final / "charts" / "b.txt"]
    assert sorted(before) == sorted(("flush", inode(path)) for path in held)
    assert rename == ("rename", inode(final))
    assert last == ("flush", inode(final.parent))


def test_a_folder_that_is_replaced_stays_until_the_new_one_is_on_the_disk(tmp_path: Path, steps: list[Step]) -> None:
    final = tmp_path / "print"
    final.mkdir()
    (final / "old.txt").write_text("damaged")
    old = inode(final)
    with appearing(final) as folder:
        (folder / "a.txt").write_text("a")
        assert names(final) == ["old.txt"]
    assert [what for what, _ in steps] == ["flush", "flush", "rename", "rename", "flush"]
    assert [which for what, which in steps if what == "rename"] == [old, inode(final)]
    assert names(tmp_path) == ["print"]
    assert names(final) == ["a.txt"]


def test_what_is_replaced_is_known_for_a_leftover_until_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    final = tmp_path / "print"
    final.mkdir()
    (final / "old.txt").write_text("damaged")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as disk:
        disk.setattr(os, "rmdir", refuse)
        with appearing(final) as folder:
            (folder / "a.txt").write_text("a")
    assert names(final) == ["a.txt"]
    assert [name for name in names(tmp_path) if not name.startswith(".tmp-print-")] == ["print"]
    assert len(names(tmp_path)) > 1
    remove_unfinished(final)
    assert names(tmp_path) == ["print"]


def test_on_failure_nothing_is_left_and_what_was_there_stays(tmp_path: Path) -> None:
    final = tmp_path / "print"
    final.mkdir()

    def fail() -> None:
        with appearing(final) as folder:
            (folder / "a.txt").write_text("a")
            raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        fail()
    assert names(tmp_path) == ["print"]
    assert names(final) == []


def test_only_leftovers_of_the_same_folder_are_removed(tmp_path: Path) -> None:
    for name in (".tmp-print-killed", ".tmp-other-killed", "print-of-somebody"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half").write_text("half")
    remove_unfinished(tmp_path / "print")
    assert names(tmp_path) == [".tmp-other-killed", "print-of-somebody"]


def test_leftovers_that_cannot_be_removed_stop_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / ".tmp-print-killed"
    left.mkdir()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "rmdir", refuse)
    with appearing(tmp_path / "print") as folder:
        (folder / "a.txt").write_text("a")
    assert names(tmp_path / "print") == ["a.txt"]
    assert left.is_dir()


def test_a_link_that_leads_there_already_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    point(tmp_path / "latest", "one")
    made = (tmp_path / "latest").lstat().st_ino
    point(tmp_path / "latest", "one")
    assert (tmp_path / "latest").lstat().st_ino == made
    point(tmp_path / "latest", "two")
    assert (tmp_path / "latest").readlink() == Path("two")
    assert names(tmp_path) == ["latest", "one"]
