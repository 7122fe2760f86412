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

from phishcli.artifacts import codecs, folder
from phishcli.artifacts.fingerprint import Parts, fingerprint
from phishcli.artifacts.manifest import Damaged, Manifest, check_hashes, check_sizes, note
from phishcli.errors import PhishError
from phishcli.files import UNFINISHED, is_held, working_folder
from phishcli.versions import library_versions

LATEST = "latest"
LOCKS = ".locks"
SOURCES = "sources"
SCRATCH = "scratch"
RUN = "run-"
"""How names of folders begin in which runs keep what they need only for themselves."""
PATIENCE = 1.0
"""Seconds of waiting for another writer before it is worth a word."""

OnWait = Callable[[], None]


class Entry(msgspec.Struct, frozen=True):
    """An artifact on disk: its files had the sizes, or after a deep look the hashes, that its manifest names."""

    folder: Path
    manifest: Manifest

    def read(self, name: str) -> Any:
        """Read one file of the artifact; pickled ones only after their hash has been compared.

        Raises
        ------
        Damaged
            When the content is not what was written.
        """
        self.check(name)
        return codecs.read(self.folder / name)

    def check(self, name: str) -> None:
        """Compare one file with its hash.

        Raises
        ------
        Damaged
            When the content is not what was written.
        """
        if note(self.folder / name) != self.manifest.files[name]:
            raise Damaged(f"{name} does not match its hash")

    def is_untouched(self) -> bool:
        """Whether the folder still holds this artifact: nobody has replaced it (even by its like) or removed it."""
        try:
            check_hashes(self.folder, self.manifest)
            return Manifest.read(self.folder).created == self.manifest.created
        except Damaged:
            return False

    def content(self, name: str) -> str:
        """The SHA-256 of one file, as the manifest has it."""
        return self.manifest.files[name].sha256


class Output(msgspec.Struct, frozen=True):
    """What a step made: values by file name (the suffix decides the format), and a few words on them.

    ``seconds`` is its share of the time where it was made beside other steps; None: from its start until now.
    """

    files: Mapping[str, Any]
    summary: str
    extra: Mapping[str, Any] = msgspec.field(default_factory=dict)
    seconds: float | None = None


class Store:
    """The artifacts below one folder. Readers never wait; writers of one artifact wait for each other."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder_of(self, step: str, print_: str) -> Path:
        """Where an artifact lies or would lie."""
        return self.root / step / print_

    @property
    def sources(self) -> Path:
        """The folder of downloaded and generated sources."""
        return self.root / SOURCES

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give an empty folder on the disk of the cache that goes at the end; what killed runs left goes, too."""
        self._sweep()
        with working_folder(self.root / SCRATCH, RUN) as folder:
            yield folder
        self._sweep()  # what was too young to judge, or still written to, when this began

    def _sweep(self) -> None:
        for leftover in self.leftovers():
            shutil.rmtree(leftover, ignore_errors=True)

    def leftovers(self) -> list[Path]:
        """Folders of `scratch` that killed runs left; one that was made just now may not be held yet."""
        found = sorted((self.root / SCRATCH).glob(f"{RUN}*"))
        return [path for path in found if _age(path) > PATIENCE and not is_held(path)]

    def find(self, step: str, print_: str, *, deep: bool = False) -> Entry | None:
        """Look an artifact up; with ``deep`` compare the hash of every file, otherwise sizes only.

        Raises
        ------
        Damaged
            When there is one but it is not what was written.
        """
        path = self.folder_of(step, print_)
        if not path.is_dir():
            return None
        manifest = Manifest.read(path)
        if (manifest.step, manifest.fingerprint) != (step, print_):
            raise Damaged(f"it is that of {manifest.step}, from another folder")
        (check_hashes if deep else check_sizes)(path, manifest)
        return Entry(path, manifest)

    def latest(self, step: str) -> Entry | None:
        """The artifact that ``latest`` leads to, or None when there is none that can be read."""
        path = self.root / step / LATEST
        try:
            return Entry(path.resolve(), Manifest.read(path)) if path.is_dir() else None
        except Damaged:
            return None

    def point_latest(self, entry: Entry) -> None:
        """Let ``latest`` lead to this artifact."""
        folder.point(self.root / entry.manifest.step / LATEST, entry.folder.name)

    def publish(
        self, step: str, parts: Parts, output: Output, *, started: float, packages: Mapping[str, str | None]
    ) -> Entry:
        """Write an artifact so that it appears whole or not at all, and let ``latest`` lead to it.

        ``started`` is the `time.perf_counter` value at which the step began.
        """
        final = self.folder_of(step, fingerprint(step, parts))
        try:
            entry = fill(final, step, parts, output, started=started, packages=packages)
        except OSError as error:
            raise PhishError(
                f"The artifact of {step} could not be written: {error.strerror or error}",
                where=str(self.root / step),
                hint="Free some space or choose another folder with --cache-dir; what was there is untouched",
            ) from error
        self.point_latest(entry)
        return entry

    @contextmanager
    def lock(self, step: str, print_: str, on_wait: OnWait | None = None) -> Iterator[None]:
        """Hold the right to write one artifact; see `locked`."""
        with locked(self.root / LOCKS / f"{step.replace('/', '-')}-{print_}.lock", on_wait):
            yield

    def is_locked(self, step: str, print_: str) -> bool:
        """Whether some process is writing that artifact just now."""
        from filelock import FileLock, Timeout

        path = self.root / LOCKS / f"{step.replace('/', '-')}-{print_}.lock"
        try:
            with FileLock(path, timeout=0):
                return False
        except (Timeout, FileNotFoundError) as error:
            return isinstance(error, Timeout)

    def manifests(self, step: str) -> Iterator[Manifest]:
        """The manifests of all artifacts of a step that can be read."""
        for path in (self.root / step).glob("[!.]*/manifest.json"):
            with suppress(Damaged):
                yield Manifest.read(path.parent)

    def entries(self) -> Iterator[tuple[Path, str]]:
        """All artifact folders with their step names, whole or damaged."""
        for path in sorted(self.root.glob("**/manifest.json")):
            inside = path.parent.relative_to(self.root)
            if not any(part.startswith(UNFINISHED) or part == LATEST for part in inside.parts):
                yield path.parent, inside.parent.as_posix()

    def unfinished(self) -> list[Path]:
        """Folders that a killed process left behind."""
        return sorted(self.root.glob(f"**/{UNFINISHED}*"))


@contextmanager
def locked(path: Path, on_wait: OnWait | None = None) -> Iterator[None]:
    """Hold a lock; a second writer waits, is told so when that takes a moment, and finds the work done."""
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
    """Write the files and the manifest of an artifact into the folder ``final``, which appears whole or not at all."""
    with folder.appearing(final) as temporary:
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
    """Seconds since something was made in a folder; none where another process has removed it just now."""
    try:
        return time.time() - folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def peak_memory_mb() -> float:
    """The largest resident memory of this process so far, in MB (10^6 bytes)."""
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    return round(peak * unit / 1e6, 1)


def remove(path: Path) -> None:
    """Remove an artifact so that nobody sees half of it: first the name goes, then the files."""
    temporary = path.with_name(f"{UNFINISHED}{path.name}-removed")
    path.rename(temporary)
    shutil.rmtree(temporary)
