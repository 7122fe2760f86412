"""Looking after the cache: what is in it, whether it is whole, and what nobody needs any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from phishcli.files import UNFINISHED, is_held
from phishcli.store.manifest import Damaged, Manifest, check_hashes
from phishcli.store.store import Store, remove


@dataclass(frozen=True)
class Item:
    """One artifact folder: ``manifest`` is None when it cannot be read, ``current`` whether ``latest`` leads here."""

    step: str
    folder: Path
    size: int
    current: bool
    manifest: Manifest | None


def items(store: Store) -> list[Item]:
    """List the artifacts of a store with their size in bytes."""
    found = []
    for folder, step in store.entries():
        try:
            manifest = Manifest.read(folder)
        except Damaged:
            manifest = None
        latest = store.latest(step)
        current = latest is not None and latest.folder == folder.resolve()
        found.append(Item(step, folder, folder_size(folder), current, manifest))
    return found


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder, or of a file."""
    if folder.is_file():
        return folder.stat().st_size
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def damage(item: Item) -> str | None:
    """Say what is wrong with an artifact after comparing every hash; None when it is whole."""
    try:
        check_hashes(item.folder, Manifest.read(item.folder))
    except Damaged as error:
        return str(error)
    return None


def superseded(store: Store, keep: Collection[Path]) -> list[Path]:
    """Artifacts that are neither current nor in ``keep``, and what killed processes left behind."""
    kept = {path.resolve() for path in keep}
    old = [item.folder for item in items(store) if not item.current and item.folder.resolve() not in kept]
    return [*old, *(leftover for leftover in store.unfinished() if _abandoned(store, leftover))]


def _abandoned(store: Store, leftover: Path) -> bool:
    """Whether nobody is at work on an unfinished folder any more: its writer would hold the lock."""
    step = leftover.parent.relative_to(store.root).as_posix()
    print_ = leftover.name.removeprefix(UNFINISHED).partition("-")[0]
    return not store.is_locked(step, print_)


def unused_sources(store: Store, keep: Collection[Path]) -> list[Path]:
    """Copies of sources other than those in ``keep`` and what SQLite put beside them, and unfinished ones.

    An unfinished copy is a folder whose writer is still at work.
    """
    kept = {path.name + end for path in keep for end in ("", "-wal", "-shm")}
    return sorted(
        path for path in store.sources.glob("*") if path.name not in kept and not (path.is_dir() and is_held(path))
    )


def clear(store: Store, step: str | None = None) -> list[Path]:
    """Remove the artifacts of a step (``train`` takes all models along), or all of them; gives what was removed."""
    gone = [item for item in items(store) if step is None or item.step == step or item.step.startswith(f"{step}/")]
    for item in gone:
        remove(item.folder)
    if step is None:
        for leftover in [*(path for path in store.unfinished() if _abandoned(store, path)), *store.sources.glob("*")]:
            discard(leftover)
    for item in gone:
        latest = item.folder.parent / "latest"
        if latest.is_symlink() and not latest.exists():
            latest.unlink()
    return [item.folder for item in gone]


def discard(path: Path) -> None:
    """Remove an artifact, a leftover folder or a file."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        remove(path)
