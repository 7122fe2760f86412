"""bzip2, one file compressed."""

from __future__ import annotations

from typing import BinaryIO, cast

from phishcli.sources.packings import Packing, without_suffix

SUFFIXES = (".bz2",)


def opened(file: BinaryIO, name: str) -> tuple[BinaryIO, str]:
    """Open what is compressed."""
    from bz2 import BZ2File

    return cast("BinaryIO", BZ2File(file)), without_suffix(name, SUFFIXES)


PACKING = Packing("bzip2", b"BZh", SUFFIXES, opened)
