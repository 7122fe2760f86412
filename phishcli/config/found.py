"""Where ``phish.yaml`` lies: in the current folder, or in the nearest folder above it that has one."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

NAME = "phish.yaml"


def find_file() -> Path | None:
    """Find the ``phish.yaml`` that holds here, as a path relative to the current folder; None if there is none.

    The search ends below the home folder and below the root, whose files are not about one project, and passes over
    folders above this one in which everybody may write, such as the one for temporary files.
    """
    here = Path(NAME)
    found = (path for path in _candidates() if os.path.isfile(path))  # noqa: PTH113 (never raises)
    return next((path for path in found if path == here or not _is_open_to_all(path.parent)), None)


def _candidates() -> Iterator[Path]:
    yield (path := Path(NAME))
    try:
        here = Path.cwd()
    except FileNotFoundError:  # the folder has been deleted
        return
    ends = (Path("~").expanduser().resolve() if "HOME" in os.environ else here, Path(here.anchor))
    while here not in ends and (here := here.parent) not in ends:
        yield (path := ".." / path)


def _is_open_to_all(folder: Path) -> bool:
    try:
        return bool(folder.stat().st_mode & stat.S_IWOTH)
    except OSError:
        return True
