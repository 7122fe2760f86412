"""Settings that are paths: relative ones are relative to the file that they stand in, options to the current folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

PATHS = frozenset({"load.source", "run.cache_dir", "run.results_dir"})
"""The keys that hold a path; that of the source may also be an address or a name."""
USUAL = {"run.cache_dir": ".cache", "run.results_dir": "results"}
"""Folders that lie beside ``phish.yaml``, or in the current folder, whichever file says so."""
SAMPLE = "sample"
"""The source that is built in."""
_NO_PATH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|-$")
"""Addresses, and the standard input."""


def is_relative(value: Any) -> bool:
    """Whether a value is a path that depends on a folder."""
    if not isinstance(value, str) or value in ("", SAMPLE) or _NO_PATH.match(value):
        return False
    return not (value.startswith("~") or Path(value).is_absolute())


def expanded(folder: str) -> str:
    """Give a folder as every library understands it: ``~`` expanded, and nothing that a disk cannot hold in a name.

    Raises
    ------
    ValueError
        When it is empty, names an unknown user, or is no text that can be written.
    """
    if not folder.strip():
        raise ValueError("should not be empty")
    if "\0" in folder or any("\ud800" <= letter <= "\udfff" for letter in folder):
        raise ValueError("should be a path in UTF-8 without null characters")
    found = os.path.expanduser(folder)  # noqa: PTH111 - Path.expanduser fails on an unknown user
    if found.startswith("~") and not Path(found).exists():
        raise ValueError("should not begin with ~ unless a user of that name has a home folder; write ./~ for the name")
    return found


def seen_from_here(value: Any, folder: Path) -> Any:
    """Turn a path that is relative to a folder into one that is relative to the current folder."""
    return os.path.normpath(folder / value) if folder != Path() and is_relative(value) else value


def seen_from(value: Any, folder: Path) -> Any:
    """Turn a path that is relative to the current folder into one that is relative to another folder."""
    return os.path.relpath(value, folder) if is_relative(value) else value
