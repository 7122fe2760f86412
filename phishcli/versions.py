"""The installed versions of libraries, part of every fingerprint; found without importing them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache


def library_versions(names: Iterable[str]) -> dict[str, str | None]:
    """Find the installed versions of distributions; None for one that is not installed.

    ``python`` is the interpreter, of which only the major and minor version count.
    """
    return {name: _version(name) for name in names}


@cache
def _version(name: str) -> str | None:
    if name == "python":
        return "{}.{}".format(*sys.version_info)
    from importlib.metadata import PackageNotFoundError, distribution  # a tenth of `phish --help`, which needs none

    for candidate in (name, f"{name}-cpu"):  # xgboost has two distributions, with and without GPU libraries
        try:
            found_at = distribution(candidate)
        except PackageNotFoundError:
            continue
        # `importlib.metadata.version` parses the whole file as an email: ten times slower, on every cached run.
        metadata = found_at.read_text("METADATA") or found_at.read_text("PKG-INFO") or ""  # a checkout has the latter
        found = re.search(r"^Version: (\S+)", metadata, re.MULTILINE)
        return found[1] if found else None
    return None
