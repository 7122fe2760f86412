"""What in a cache folder is ours: nothing is removed that this program cannot prove it wrote.

A cache may be any folder, also one that other programs use (``~/.cache``) or that holds a user's work (``.``). Proof
is, for an artifact, a manifest that names its step and its fingerprint as its folder does, or, where the manifest is
damaged, the lock file under which the folder was written; for a ledger, its table; for the rest, names that nobody else
gives. A folder that holds more than its manifest lists is kept whole.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from phishcli.artifacts.fingerprint import LENGTH
from phishcli.artifacts.manifest import NAME, Damaged, Manifest
from phishcli.files import UNFINISHED, appearing_file

TAG = "CACHEDIR.TAG"
TAG_TEXT = """Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache of phish (phishcli), format 1: all of it can be made again.
# Backup programs leave folders with this file out; see https://bford.info/cachedir/
"""
LOCKS = ".locks"
SOURCES = "sources"

_PRINT = re.compile(rf"[0-9a-f]{{{LENGTH}}}")
_LEFTOVER = re.compile(rf"{re.escape(UNFINISHED)}[0-9a-f]{{{LENGTH}}}-(?:\w{{8}}|removed-\w{{8}}|removed)")
_LINK = re.compile(rf"{re.escape(UNFINISHED)}latest-\d+")


def mark(root: Path) -> None:
    """Mark a new cache folder as one; a folder that holds other things is left unmarked, since it is not all cache."""
    with suppress(OSError):  # a read-only folder is reported where something has to be written
        if not root.is_dir() or all(path.name == ".gitignore" for path in root.iterdir()):
            with appearing_file(root / TAG) as file:
                file.write_text(TAG_TEXT, encoding="utf-8")


def artifacts(root: Path) -> Iterator[tuple[Path, str]]:
    """All artifact folders of ours in a cache, intact or damaged, with their step names."""
    for folder in _inside(root):
        step = folder.parent.relative_to(root).as_posix()
        if (
            _PRINT.fullmatch(folder.name)
            and not folder.is_symlink()
            and folder.is_dir()
            and _is_ours(root, folder, step)
        ):
            yield folder, step


def leftovers(root: Path) -> list[Path]:
    """Unfinished artifacts and links that writers of ours left behind."""
    return [path for path in _inside(root) if _is_leftover(path)]


def foreign_files(folder: Path) -> list[str]:
    """What an artifact's folder holds beyond the files of its manifest; of a damaged one, folders and links only."""
    try:
        listed = {NAME, *Manifest.read(folder).files}
    except Damaged:
        return sorted(path.name for path in folder.iterdir() if path.is_symlink() or not path.is_file())
    found = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
    return sorted(name for path in found if (name := path.relative_to(folder).as_posix()) not in listed)


def lock_path(root: Path, step: str, print_: str) -> Path:
    """The lock file under which an artifact is written; it stays, and so proves that its folder is ours."""
    return root / LOCKS / f"{step.replace('/', '-')}-{print_}.lock"


def _inside(root: Path) -> Iterator[Path]:
    """What lies where artifacts do: ``<stage>/<fingerprint>`` and ``<stage>/<model>/<fingerprint>``."""
    for stage in _folders(root, root):
        if not stage.name.startswith("."):
            for inner in _folders(root, stage):
                yield inner
                if not _PRINT.fullmatch(inner.name) and not inner.name.startswith("."):
                    yield from _folders(root, inner)


def _folders(root: Path, folder: Path) -> list[Path]:
    """The folders and links in a folder; one that cannot be read is an error only if artifacts are in it."""
    try:
        with os.scandir(folder) as found:
            return sorted(folder / each.name for each in found if each.is_dir() or each.is_symlink())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError:
        if folder == root or _is_step(root, folder):
            raise
        return []


def _is_step(root: Path, folder: Path) -> bool:
    name = folder.relative_to(root).as_posix().replace("/", "-")
    return any(lock.name.startswith(f"{name}-") for lock in (root / LOCKS).glob("*.lock"))


def _is_ours(root: Path, folder: Path, step: str) -> bool:
    try:
        manifest = Manifest.read(folder)
    except Damaged:
        return lock_path(root, step, folder.name).is_file()
    return (manifest.step, manifest.fingerprint) == (step, folder.name)


def _is_leftover(path: Path) -> bool:
    if _LINK.fullmatch(path.name):
        return path.is_symlink()
    return _LEFTOVER.fullmatch(path.name) is not None and path.is_dir() and not path.is_symlink()
