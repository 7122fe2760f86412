"""Releases: ``<root>/v<MAJOR.MINOR.PATCH>/``, written once and never changed, each with its manifest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from phishcli.artifacts import folder
from phishcli.artifacts.fingerprint import Parts
from phishcli.artifacts.manifest import Damaged, Manifest, check_hashes, check_sizes
from phishcli.artifacts.ownership import LOCKS
from phishcli.artifacts.store import LATEST, Entry, OnWait, Output, fill, locked
from phishcli.errors import PersistError, system_error

Version = tuple[int, int, int]


class Releases:
    """The releases in one folder; the interface of `phishcli.artifacts.Store`, with versions as folder names.

    `find` considers the last release only: going back to earlier settings creates a new release, so the highest version
    is always the current one.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def versions(self) -> list[Version]:
        """The versions on disk, ascending."""
        found = (re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)", path.name) for path in self.root.glob("v*"))
        return sorted((int(match[1]), int(match[2]), int(match[3])) for match in found if match)

    def folder_of(self, version: Version) -> Path:
        """The folder of a release."""
        return self.root / "v{}.{}.{}".format(*version)

    def find(self, step: str, print_: str, *, deep: bool = False) -> Entry | None:
        """Return the last release if its fingerprint matches; see `phishcli.artifacts.Store.find`."""
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
        """The highest version on disk, intact or damaged, as ``1.2.3``."""
        versions = self.versions()
        return "{}.{}.{}".format(*versions[-1]) if versions else None

    def latest(self, step: str) -> Entry | None:  # noqa: ARG002 (as Store)
        """The last release with a readable manifest, or None."""
        for version in reversed(self.versions()):
            try:
                return Entry(self.folder_of(version), Manifest.read(self.folder_of(version)))
            except Damaged:
                continue
        return None

    def point_latest(self, entry: Entry) -> None:
        """Point ``latest`` at this release."""
        folder.point(self.root / LATEST, entry.folder.name)

    def publish(
        self, step: str, parts: Parts, output: Output, *, started: float, packages: Mapping[str, str | None]
    ) -> Entry:
        """Write a release with the version ``output.extra["version"]``.

        Raises
        ------
        PersistError
            When that version exists or the disk cannot be written.
        """
        final = self.root / f"v{output.extra['version']}"
        if final.exists():
            raise PersistError(f"Release {final.name} already exists", where=str(final), hint="Run the command again")
        try:
            entry = fill(final, step, parts, output, started=started, packages=packages)
            self.point_latest(entry)
        except OSError as error:
            what, kept = "The release could not be written", "earlier releases are unchanged"
            raise system_error(error, what, where=self.root, kept=kept) from error
        return entry

    @contextmanager
    def lock(self, step: str, print_: str, on_wait: OnWait | None = None) -> Iterator[None]:  # noqa: ARG002 (as Store)
        """Hold the lock for writing a release: one at a time, whatever its fingerprint."""
        with locked(self.root / LOCKS, on_wait):
            yield
