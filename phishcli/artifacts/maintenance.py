"""Maintenance of the cache: list, verify, and remove what is no longer needed."""

from __future__ import annotations

import re
import time
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
from phishcli.artifacts.ownership import foreign_files
from phishcli.artifacts.store import Store, remove
from phishcli.files import UNFINISHED, is_held, is_working_folder
from phishcli.wording import counted, plural

_COPY = re.compile(
    r"(?:sample-v\d+-\d+-\d+|[0-9a-f]{16}-[0-9a-f]{16}|db-[0-9a-f]{16}(?:-[0-9a-f]{16})?)-[0-9a-f]{32}-.+"
    r"|sample-v\d+-\d+-\d+\.db",
    re.DOTALL,
)
"""The names of copies of sources, as `phishcli.sources.cached` gives them: no other file in their folder is ours."""
SETTLING = 2.0
"""Seconds within which a run has replaced an artifact that is seen half-way."""
TRAIN = "train/"
"""Prefix of the names of steps that keep ledgers."""


@dataclass(frozen=True)
class Item:
    """One artifact folder, or the file of one trial ledger.

    ``current`` means that ``latest`` points here or was made with this ledger. ``created`` is an ISO time in UTC, for a
    ledger the time of its last write. ``created`` and ``summary`` are None if they cannot be read.
    """

    step: str
    path: Path
    size: int
    current: bool
    created: str | None
    summary: str | None

    @property
    def fingerprint(self) -> str:
        """The name of the folder or of the file."""
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
    summary = None if fits is None else counted(fits, "fit")
    created = datetime.fromtimestamp(written_last(path), UTC).isoformat(timespec="seconds")
    return Item(f"{TRIALS}/{model}", path, ledger_size(path), _is_current(store, model, path), created, summary)


def _is_current(store: Store, model: str, ledger: Path) -> bool:
    """Whether the latest artifact of a model was made with this ledger."""
    latest = store.latest(f"{TRAIN}{model}")
    return latest is not None and ledger.stem == ledger_print(latest.manifest.step, latest.manifest.parts)


def folder_size(folder: Path) -> int:
    """Bytes of all files in a folder, or of a file."""
    if folder.is_file():
        return folder.stat().st_size
    return sum(_size(path) for path in folder.rglob("*"))


def _size(path: Path) -> int:
    """Bytes of a file; 0 for anything else, also a file that a run has just removed."""
    try:
        return path.stat().st_size if path.is_file() and not path.is_symlink() else 0
    except FileNotFoundError:
        return 0


def damage(item: Item) -> str | None:
    """Describe the damage of an artifact or a ledger after checking every hash; None if it is intact."""
    if item.is_ledger:
        return _ledger_damage(item.path)
    until = time.monotonic() + SETTLING
    while (found := _artifact_damage(item.path)) and time.monotonic() < until and _is_changing(item.path, found):
        time.sleep(SETTLING / 40)
    return found[0] if found else None


def _artifact_damage(folder: Path) -> tuple[str, str | None] | None:
    """The damage of an artifact, and when that artifact was made; None if it is intact or was removed."""
    created = None
    try:
        manifest = Manifest.read(folder)
        created = manifest.created
        check_hashes(folder, manifest)
    except Damaged as error:
        return (str(error), created) if folder.is_dir() else None
    return None


def _is_changing(folder: Path, seen: tuple[str, str | None]) -> bool:
    """Whether a run replaces the artifact while it is looked at: it is another one now, or half-way there."""
    time.sleep(SETTLING / 40)
    return _artifact_damage(folder) != seen


def _ledger_damage(path: Path) -> str | None:
    count = damaged_lines(path)
    if count is None:
        return "the trial ledger cannot be read"
    problem = plural(count, "does not match its hash", "do not match their hashes")
    return f"{counted(count, 'line')} {problem}" if count else None


def superseded(store: Store, keep: Collection[Path]) -> list[Path]:
    """Artifacts that are neither current nor in ``keep``, and leftovers of killed processes."""
    kept = {path.resolve() for path in keep}
    artifacts = [_artifact(store, folder, step) for folder, step in store.entries()]
    old = [item.path for item in artifacts if not item.current and item.path.resolve() not in kept]
    return [*(path for path in old if not foreign_files(path)), *_left_behind(store)]


def shared_folders(store: Store) -> dict[Path, list[str]]:
    """Artifacts that are never removed, since their folders hold files of somebody else's; with these files."""
    return {folder: found for folder, _ in store.entries() if (found := foreign_files(folder))}


def _left_behind(store: Store) -> list[Path]:
    return [*(path for path in store.unfinished() if _abandoned(store, path)), *store.leftovers()]


def _abandoned(store: Store, leftover: Path) -> bool:
    """Whether the writer of an unfinished folder is gone: it would hold the lock."""
    step = leftover.parent.relative_to(store.root).as_posix()
    print_ = leftover.name.removeprefix(UNFINISHED).partition("-")[0]
    return not store.is_locked(step, print_)


def superseded_ledgers(store: Store, keep: Collection[Path]) -> list[Path]:
    """Trial ledgers that are neither current nor in ``keep`` nor open in any process."""
    kept = {path.resolve() for path in keep}
    old = [path for model, path in ledgers(store.root) if not _is_current(store, model, path)]
    return [path for path in old if path.resolve() not in kept and is_unused(path)]


def unused_sources(store: Store, keep: Collection[Path]) -> list[Path]:
    """Copies of sources that are not in ``keep``, and unfinished copies whose writer is gone.

    An unfinished copy is a folder; the files that SQLite keeps next to a copy belong to it.
    """
    kept = {path.name + end for path in keep for end in ("", "-wal", "-shm")}
    return [path for path in _sources(store) if path.name not in kept]


def _sources(store: Store) -> list[Path]:
    """Copies of sources, and unfinished copies that nobody is writing."""
    return sorted(
        path
        for path in store.sources.glob("*")
        if (is_working_folder(path) and path.name.startswith(".download-") and not is_held(path))
        or (_COPY.fullmatch(path.name) and path.is_file() and not path.is_symlink())
    )


def clear(store: Store, step: str | None = None) -> list[Item]:
    """Remove a step (``train`` with all models and their ledgers), or everything; return what was removed."""
    wanted = [item for item in items(store) if step is None or _belongs(item, step)]
    removed = [item for item in wanted if item.is_ledger or not foreign_files(item.path)]
    for item in removed:
        (remove_ledger if item.is_ledger else discard)(item.path)
    if step is None:
        for leftover in [*_left_behind(store), *_sources(store)]:
            discard(leftover)
    for item in removed:
        latest = item.path.parent / "latest"
        if latest.is_symlink() and not latest.exists():
            latest.unlink()
    return removed


def _belongs(item: Item, step: str) -> bool:
    """Whether an item belongs to a step or stage; a ledger belongs to ``trials`` and to ``train``."""
    names = {item.step, item.step.replace(f"{TRIALS}/", TRAIN)}
    return any(name == step or name.startswith(f"{step}/") for name in names)


def discard(path: Path) -> None:
    """Remove an artifact, a leftover folder or a file, unless another process has just done so."""
    with suppress(FileNotFoundError):
        if path.is_symlink() or path.is_file():
            path.unlink()
        else:
            remove(path)
