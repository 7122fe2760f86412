"""The cache of artifacts: ``<root>/<step>/<fingerprint>/`` with a manifest, and ``<root>/<step>/latest``."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from phishcli.artifacts import codecs, folder, ownership
from phishcli.artifacts.fingerprint import Parts, fingerprint
from phishcli.artifacts.manifest import Damaged, Manifest, check_hashes, check_sizes, note
from phishcli.artifacts.ownership import SOURCES, lock_path
from phishcli.errors import system_error
from phishcli.files import UNFINISHED, is_held, is_working_folder, working_folder
from phishcli.versions import library_versions

LATEST = "latest"
SCRATCH = "scratch"
RUN = "run-"
"""Prefix of the names of scratch folders."""
PATIENCE = 1.0
"""Seconds to wait for another writer before saying so."""

OnWait = Callable[[], None]


class Entry(msgspec.Struct, frozen=True):
    """An artifact on disk whose file sizes (after a deep lookup: hashes) match its manifest."""

    folder: Path
    manifest: Manifest

    def read(self, name: str) -> Any:
        """Read one file of the artifact after verifying its hash.

        Raises
        ------
        Damaged
            When the content does not match the manifest.
        """
        self.check(name)
        return codecs.read(self.folder / name)

    def check(self, name: str) -> None:
        """Verify the hash of one file.

        Raises
        ------
        Damaged
            When the content does not match the manifest.
        """
        if note(self.folder / name) != self.manifest.files[name]:
            raise Damaged(f"{name} does not match its hash")

    def is_untouched(self) -> bool:
        """Whether the folder still holds this artifact, neither removed nor replaced (even by an identical one)."""
        try:
            check_hashes(self.folder, self.manifest)
            return Manifest.read(self.folder).created == self.manifest.created
        except Damaged:
            return False

    def content(self, name: str) -> str:
        """The SHA-256 of one file according to the manifest."""
        return self.manifest.files[name].sha256


class Output(msgspec.Struct, frozen=True):
    """The output of a step: values by file name (the suffix selects the format), and a summary.

    ``seconds`` is its share of the time if it ran side by side with other steps; None: the time since its start.
    """

    files: Mapping[str, Any]
    summary: str
    extra: Mapping[str, Any] = msgspec.field(default_factory=dict)
    seconds: float | None = None


class Store:
    """The artifacts in one folder. Readers never wait; writers of the same artifact wait for each other."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder_of(self, step: str, print_: str) -> Path:
        """The folder of an artifact, whether it exists or not."""
        return self.root / step / print_

    @property
    def sources(self) -> Path:
        """The folder of downloaded and generated sources."""
        return self.root / SOURCES

    def mark(self) -> None:
        """Mark a new cache folder as one; see `phishcli.artifacts.ownership.mark`."""
        ownership.mark(self.root)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Yield an empty folder in the cache, removed at the end along with leftovers of killed runs."""
        self._sweep()
        with working_folder(self.root / SCRATCH, RUN) as folder:
            yield folder
        self._sweep()  # leftovers that were too recent to judge, or still in use, at the start

    def _sweep(self) -> None:
        for leftover in self.leftovers():
            shutil.rmtree(leftover, ignore_errors=True)

    def leftovers(self) -> list[Path]:
        """Scratch folders of killed runs; a very recent one may not be locked yet and does not count."""
        found = sorted((self.root / SCRATCH).glob(f"{RUN}*"))
        return [path for path in found if is_working_folder(path) and _age(path) > PATIENCE and not is_held(path)]

    def find(self, step: str, print_: str, *, deep: bool = False) -> Entry | None:
        """Look up an artifact; with ``deep`` verify the hash of every file, otherwise sizes only.

        Raises
        ------
        Damaged
            When it exists but does not match its manifest.
        """
        path = self.folder_of(step, print_)
        if not path.is_dir():
            return None
        manifest = Manifest.read(path)
        if (manifest.step, manifest.fingerprint) != (step, print_):
            raise Damaged(f"the folder holds an artifact of {manifest.step}")
        (check_hashes if deep else check_sizes)(path, manifest)
        return Entry(path, manifest)

    def latest(self, step: str) -> Entry | None:
        """The artifact that ``latest`` points at; None if there is none or it cannot be read."""
        path = self.root / step / LATEST
        try:
            return Entry(path.resolve(), Manifest.read(path)) if path.is_dir() else None
        except Damaged:
            return None

    def point_latest(self, entry: Entry) -> None:
        """Point ``latest`` at this artifact."""
        folder.point(self.root / entry.manifest.step / LATEST, entry.folder.name)

    def publish(
        self, step: str, parts: Parts, output: Output, *, started: float, packages: Mapping[str, str | None]
    ) -> Entry:
        """Write an artifact atomically and point ``latest`` at it.

        ``started`` is the `time.perf_counter` value at which the step began.
        """
        final = self.folder_of(step, fingerprint(step, parts))
        try:
            entry = fill(final, step, parts, output, started=started, packages=packages)
            self.point_latest(entry)
        except OSError as error:
            what, kept = f"The artifact of {step} could not be written", "existing artifacts are unchanged"
            raise system_error(error, what, where=self.root / step, kept=kept) from error
        return entry

    @contextmanager
    def lock(self, step: str, print_: str, on_wait: OnWait | None = None) -> Iterator[None]:
        """Hold the lock for writing one artifact; see `locked`."""
        with locked(lock_path(self.root, step, print_), on_wait):
            yield

    def is_locked(self, step: str, print_: str) -> bool:
        """Whether a process is writing that artifact."""
        from filelock import FileLock, Timeout

        path = lock_path(self.root, step, print_)
        if not path.is_file():
            return False
        try:
            with FileLock(path, timeout=0):
                return False
        except (Timeout, FileNotFoundError) as error:
            return isinstance(error, Timeout)

    def manifests(self, step: str) -> Iterator[Manifest]:
        """The readable manifests of all artifacts of a step."""
        for path in (self.root / step).glob("[!.]*/manifest.json"):
            with suppress(Damaged):
                yield Manifest.read(path.parent)

    def entries(self) -> Iterator[tuple[Path, str]]:
        """All artifact folders of ours, intact or damaged, with their step names."""
        return ownership.artifacts(self.root)

    def unfinished(self) -> list[Path]:
        """Folders that killed processes left behind."""
        return ownership.leftovers(self.root)


@contextmanager
def locked(path: Path, on_wait: OnWait | None = None) -> Iterator[None]:
    """Hold a lock; ``on_wait`` is called when that takes longer than `PATIENCE`."""
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout:
        if on_wait is not None:
            on_wait()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def fill(
    final: Path,
    step: str,
    parts: Parts,
    output: Output,
    *,
    started: float,
    packages: Mapping[str, str | None],
) -> Entry:
    """Write the files and the manifest of an artifact to the folder ``final``, atomically."""
    keep = ownership.foreign_files(final) if final.is_dir() else ()
    with folder.appearing(final, keep) as temporary:
        for name, value in output.files.items():
            codecs.write(temporary / name, value)
        manifest = Manifest(
            step=step,
            fingerprint=fingerprint(step, parts),
            parts=dict(parts),
            files={name: note(temporary / name) for name in output.files},
            summary=output.summary,
            seconds=round(time.perf_counter() - started if output.seconds is None else output.seconds, 4),
            peak_mb=peak_memory_mb(),
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
            packages=dict(packages) | library_versions(["phishcli"]),
            extra=dict(output.extra),
        )
        manifest.write(temporary)
    return Entry(final, manifest)


def _age(folder: Path) -> float:
    """Seconds since a folder was modified; 0 if another process has just removed it."""
    try:
        return time.time() - folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def peak_memory_mb() -> float:
    """The peak resident memory of this process so far, in MB (10^6 bytes)."""
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    return round(peak * unit / 1e6, 1)


def remove(path: Path) -> None:
    """Remove a folder so that no reader sees part of it: rename it first, then delete the files."""
    if path.name.startswith(UNFINISHED):
        shutil.rmtree(path)
        return
    from uuid import uuid4

    temporary = path.with_name(f"{UNFINISHED}{path.name}-removed-{uuid4().hex[:8]}")
    path.rename(temporary)
    shutil.rmtree(temporary)
