"""The two homes of artifacts: the cache and the releases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from phishcli.artifacts.releases import Releases
from phishcli.artifacts.store import Entry, Store

if TYPE_CHECKING:
    from pathlib import Path


Home = Literal["cache", "releases"]


class Workspace(msgspec.Struct, frozen=True):
    """The cache and the releases of a project."""

    cache: Store
    releases: Releases

    @classmethod
    def at(cls, cache: Path, results: Path) -> Workspace:
        """Open the workspace in a cache folder and a results folder."""
        return cls(Store(cache), Releases(results / "artifacts"))

    def home(self, home: Home) -> Store | Releases:
        """The cache or the releases."""
        return self.releases if home == "releases" else self.cache

    def find(self, step: str, print_: str, *, home: Home = "cache", deep: bool = False) -> Entry | None:
        """Look up an artifact by its fingerprint; see `Store.find`."""
        return self.home(home).find(step, print_, deep=deep)

    def latest(self, step: str, *, home: Home = "cache") -> Entry | None:
        """Look up the latest artifact of a step."""
        return self.home(home).latest(step)
