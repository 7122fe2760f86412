"""Whether a file is a page or a list of addresses, by how it begins."""

from __future__ import annotations

from pathlib import Path

from phishcli.features.pages.decoding import decode
from phishcli.files import regular_file

LOOKED_AT = 4096
"""Bytes."""


def is_page(path: Path) -> bool:
    """Whether the first line that is not empty begins with a tag."""
    try:
        with regular_file(path) as file:
            return decode(file.read(LOOKED_AT)).lstrip().startswith("<")
    except OSError:
        return False
