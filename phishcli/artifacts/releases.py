"""Releases: ``<root>/v<MAJOR.MINOR.PATCH>/``, written once and never changed, each naming what it was made from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from phishcli.artifacts import folder
from phishcli.artifacts.fingerprint import Parts
from phishcli.artifacts.manifest import Damaged, Manifest, check_hashes, check_sizes
from phishcli.artifacts.store import LATEST, LOCKS, Entry, OnWait, Output, fill, locked
from phishcli.errors import PersistError

Version = tuple[int, int, int]


class Releases:
    """The releases below one folder; the same shape as `phishcli.artifacts.Store`, with the version as the folder name.

    Only the last release answers `find`: going back to earlier settings makes a new release, so that the highest
    version is always the current one.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def versions(self) -> list[Version]:
        """The versions on disk, ascending."""
        found = (re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)", path.name) for path in self.root.glob("v*"))
        return sorted((int(match[1]), int(match[2]), int(match[3])) for match in found if match)

    def folder_of(self, version: Version) -> Path:
        """Where a release lies."""
        return self.root / "v{}.{}.{}".format(*version)

    def find(self, step: str, print_: str, *, deep: bool = False) -> Entry | None:
        """Give the last release if it was made from just this; see `phishcli.artifacts.Store.find`."""
        versions = self.versions()
        if not versions:
            return None
        path = self.folder_of(versions[-1])
        manifest = Manifest.read(path)
        if (manifest.step, manifest.fingerprint) != (step, print_):
            return None
        (check_hashes if deep else check_sizes)(path, manifest)
        return Entry(path, manifest)

    def highest(self) -> str | None:
        """The highest version on disk, whole or damaged, as ``1.2.3``."""
        versions = self.versions()
        return "{}.{}.{}".format(*versions[-1]) if versions else None

    def latest(self, step: str) -> Entry | None:  # noqa: ARG002 (the signature of a catalogue)
        """The last release, or None; one without a readable manifest counts for nothing but its number."""
        for version in reversed(self.versions()):
            try:
                return Entry(self.folder_of(version), Manifest.read(self.folder_of(version)))
            except Damaged:
                continue
        return None

    def point_latest(self, entry: Entry) -> None:
        """Let ``latest`` lead to this release."""
        folder.point(self.root / LATEST, entry.folder.name)

    def publish(
        self, step: str, parts: Parts, output: Output, *, started: float, packages: Mapping[str, str | None]
    ) -> Entry:
        """Write a release under the version that ``output.extra["version"]`` names.

        Raises
        ------
        PersistError
            When that version exists already, or the disk refuses.
        """
        final = self.root / f"v{output.extra['version']}"
        if final.exists():
            raise PersistError(f"The release {final.name} exists already", where=str(final), hint="Run it again")
        try:
            entry = fill(final, step, parts, output, started=started, packages=packages)
        except OSError as error:
            raise PersistError(
                f"The release could not be written: {error.strerror or error}",
                where=str(self.root),
                hint="Free some space or choose another folder with --results-dir; earlier releases are untouched",
            ) from error
        self.point_latest(entry)
        return entry

    @contextmanager
    def lock(self, step: str, print_: str, on_wait: OnWait | None = None) -> Iterator[None]:  # noqa: ARG002 (as Store)
        """Hold the right to write a release: one at a time, whatever it is made from."""
        with locked(self.root / LOCKS, on_wait):
            yield
