"""Looking after the cache: what is in it, whether it is whole, and what nobody needs any more."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from phishcli.artifacts.ledger_file import remove_ledger
from phishcli.artifacts.ledger_maintenance import (
    count_fits,
    damaged_lines,
    is_unused,
    ledger_size,
    ledgers,
    written_last,
)
from phishcli.artifacts.ledgers import TRIALS, ledger_print
from phishcli.artifacts.manifest import Damaged, Manifest, check_hashes
from phishcli.artifacts.store import Store, remove
from phishcli.files import UNFINISHED, is_held

TRAIN = "train/"
"""How names of the steps begin that keep ledgers."""


@dataclass(frozen=True)
class Item:
    """One artifact folder, or the file of one trial ledger.

    ``current`` is whether ``latest`` leads here or was made with it, ``created`` (an ISO time in UTC) of a ledger when
    it was last written. ``created`` and ``summary`` are None where they cannot be read.
    """

    step: str
    path: Path
    size: int
    current: bool
    created: str | None
    summary: str | None

    @property
    def fingerprint(self) -> str:
        """What the folder or the file is named by."""
        return self.path.stem

    @property
    def is_ledger(self) -> bool:
        """Whether this is a trial ledger."""
        return self.step.startswith(f"{TRIALS}/")


def items(store: Store) -> list[Item]:
    """List the artifacts of a store, then its trial ledgers, with their size in bytes."""
    artifacts = [_artifact(store, folder, step) for folder, step in store.entries()]
    return [*artifacts, *(_ledger(store, model, path) for model, path in ledgers(store.root))]


def _artifact(store: Store, folder: Path, step: str) -> Item:
    latest = store.latest(step)
    current = latest is not None and latest.folder == folder.resolve()
    try:
        manifest = Manifest.read(folder)
    except Damaged:
        return Item(step, folder, folder_size(folder), current, None, None)
    return Item(step, folder, folder_size(folder), current, manifest.created, manifest.summary)


def _ledger(store: Store, model: str, path: Path) -> Item:
    fits = count_fits(path)
    summary = None if fits is None else f"{fits:,} fit{'' if fits == 1 else 's'}"
    created = datetime.fromtimestamp(written_last(path), UTC).isoformat(timespec="seconds")
    return Item(f"{TRIALS}/{model}", path, ledger_size(path), _is_current(store, model, path), created, summary)


def _is_current(store: Store, model: str, ledger: Path) -> bool:
    """Whether the newest artifact of a model was made with a ledger."""
    latest = store.latest(f"{TRAIN}{model}")
    return latest is not None and ledger.stem == ledger_print(latest.manifest.step, latest.manifest.parts)


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder, or of a file."""
    if folder.is_file():
        return folder.stat().st_size
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def damage(item: Item) -> str | None:
    """Say what is wrong with an artifact or a ledger after comparing every hash; None when it is whole."""
    if item.is_ledger:
        return _ledger_damage(item.path)
    try:
        check_hashes(item.path, Manifest.read(item.path))
    except Damaged as error:
        return str(error)
    return None


def _ledger_damage(path: Path) -> str | None:
    count = damaged_lines(path)
    if count is None:
        return "the trial ledger cannot be read"
    said = "line does not match its hash" if count == 1 else "lines do not match their hashes"
    return f"{count:,} {said}" if count else None


def superseded(store: Store, keep: Collection[Path]) -> list[Path]:
    """Artifacts that are neither current nor in ``keep``, and what killed processes left behind."""
    kept = {path.resolve() for path in keep}
    artifacts = [_artifact(store, folder, step) for folder, step in store.entries()]
    old = [item.path for item in artifacts if not item.current and item.path.resolve() not in kept]
    return [*old, *_left_behind(store)]


def _left_behind(store: Store) -> list[Path]:
    return [*(path for path in store.unfinished() if _abandoned(store, path)), *store.leftovers()]


def _abandoned(store: Store, leftover: Path) -> bool:
    """Whether nobody is at work on an unfinished folder any more: its writer would hold the lock."""
    step = leftover.parent.relative_to(store.root).as_posix()
    print_ = leftover.name.removeprefix(UNFINISHED).partition("-")[0]
    return not store.is_locked(step, print_)


def superseded_ledgers(store: Store, keep: Collection[Path]) -> list[Path]:
    """Trial ledgers that are neither current nor in ``keep``, and that nobody has open."""
    kept = {path.resolve() for path in keep}
    old = [path for model, path in ledgers(store.root) if not _is_current(store, model, path)]
    return [path for path in old if path.resolve() not in kept and is_unused(path)]


def unused_sources(store: Store, keep: Collection[Path]) -> list[Path]:
    """Copies of sources other than those in ``keep`` and what SQLite put beside them, and unfinished ones.

    An unfinished copy is a folder whose writer is still at work.
    """
    kept = {path.name + end for path in keep for end in ("", "-wal", "-shm")}
    return sorted(
        path for path in store.sources.glob("*") if path.name not in kept and not (path.is_dir() and is_held(path))
    )


def clear(store: Store, step: str | None = None) -> list[Item]:
    """Remove what belongs to a step (``train`` takes all models and their ledgers along), or all; gives what went."""
    gone = [item for item in items(store) if step is None or _belongs(item, step)]
    for item in gone:
        (remove_ledger if item.is_ledger else remove)(item.path)
    if step is None:
        for leftover in [*_left_behind(store), *store.sources.glob("*")]:
            discard(leftover)
    for item in gone:
        latest = item.path.parent / "latest"
        if latest.is_symlink() and not latest.exists():
            latest.unlink()
    return gone


def _belongs(item: Item, step: str) -> bool:
    """Whether an item is of a step or stage; a ledger is of ``trials`` and of ``train``."""
    names = {item.step, item.step.replace(f"{TRIALS}/", TRAIN)}
    return any(name == step or name.startswith(f"{step}/") for name in names)


def discard(path: Path) -> None:
    """Remove an artifact, a leftover folder or a file; nothing where another process was faster."""
    with suppress(FileNotFoundError):
        if path.is_symlink() or path.is_file():
            path.unlink()
        else:
            remove(path)
