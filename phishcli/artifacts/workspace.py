"""Where artifacts belong: in the cache, or among the releases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from phishcli.artifacts.releases import Releases
from phishcli.artifacts.store import Entry, Store

if TYPE_CHECKING:
    from pathlib import Path


Home = Literal["cache", "releases"]


class Workspace(msgspec.Struct, frozen=True):
    """The two places of a project that hold artifacts."""

    cache: Store
    releases: Releases

    @classmethod
    def at(cls, cache: Path, results: Path) -> Workspace:
        """The places below a cache folder and a results folder."""
        return cls(Store(cache), Releases(results / "artifacts"))

    def home(self, home: Home) -> Store | Releases:
        """One of the two places."""
        return self.releases if home == "releases" else self.cache

    def find(self, step: str, print_: str, *, home: Home = "cache", deep: bool = False) -> Entry | None:
        """Look an artifact up by its fingerprint; see `Store.find`."""
        return self.home(home).find(step, print_, deep=deep)

    def latest(self, step: str, *, home: Home = "cache") -> Entry | None:
        """Look up what was made last."""
        return self.home(home).latest(step)
