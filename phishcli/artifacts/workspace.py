"""Where the artifacts of each step belong: releases for ``persist``, the cache for all else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from phishcli.artifacts.releases import Releases
from phishcli.artifacts.store import Entry, Store

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Workspace:
    """The two places of a project that hold artifacts."""

    cache: Store
    releases: Releases

    @classmethod
    def at(cls, cache: Path, results: Path) -> Workspace:
        """The places below a cache folder and a results folder."""
        return cls(Store(cache), Releases(results / "artifacts"))

    def home(self, step: str) -> Store | Releases:
        """The place of a step's artifacts."""
        return self.releases if step == "persist" else self.cache

    def find(self, step: str, print_: str, *, deep: bool = False) -> Entry | None:
        """Look an artifact up by its fingerprint; see `Store.find`."""
        return self.home(step).find(step, print_, deep=deep)

    def latest(self, step: str) -> Entry | None:
        """Look up what was made last."""
        return self.home(step).latest(step)
