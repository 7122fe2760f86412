"""Which release somebody means: a folder, a version such as v1.2.0, or ``latest``."""

from __future__ import annotations

import re
from pathlib import Path

from phishcli.artifacts.releases import Releases
from phishcli.errors import PersistError

VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


def find_release(reference: str, root: Path) -> Path:
    """Give the folder of a release.

    Parameters
    ----------
    reference
        ``latest``, a version (``v1.2.0`` or ``1.2.0``), or the path of a release's folder.
    root
        The folder that holds the releases (``results/artifacts``).

    Raises
    ------
    PersistError
        When there is no such release.
    """
    releases = Releases(root)
    if match := VERSION.fullmatch(reference):
        version = (int(match[1]), int(match[2]), int(match[3]))
        if version in releases.versions():
            return releases.folder_of(version)
    elif reference == "latest" and releases.versions():
        return releases.folder_of(releases.versions()[-1])
    elif Path(reference).is_dir():
        return Path(reference)
    known = ", ".join("v{}.{}.{}".format(*version) for version in releases.versions())
    raise PersistError(
        f"There is no release {reference!r}",
        where=str(root),
        hint=f"There are {known}" if known else "Write one: phish persist",
    )
