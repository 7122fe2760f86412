"""Where ``phish.yaml`` lies: in the current folder, or in the nearest folder above it that has one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

NAME = "phish.yaml"


def find_file() -> Path | None:
    """Find the ``phish.yaml`` that holds here, as a path relative to the current folder; None if there is none.

    The search ends below the home folder and below the root, whose files are not about one project.
    """
    return next((path for path in _candidates() if os.path.isfile(path)), None)  # noqa: PTH113 (never raises)


def _candidates() -> Iterator[Path]:
    yield (path := Path(NAME))
    try:
        here = Path.cwd()
    except FileNotFoundError:  # the folder has been deleted
        return
    ends = (Path("~").expanduser() if "HOME" in os.environ else here, Path(here.anchor))
    while here not in ends and (here := here.parent) not in ends:
        yield (path := ".." / path)
