"""xz, one file compressed."""

from __future__ import annotations

from typing import BinaryIO, cast

from phishcli.sources.packings import Packing, without_suffix

SUFFIXES = (".xz",)


def opened(file: BinaryIO, name: str) -> tuple[BinaryIO, str]:
    """Open what is compressed."""
    from lzma import LZMAFile

    return cast("BinaryIO", LZMAFile(file)), without_suffix(name, SUFFIXES)


PACKING = Packing("xz", b"\xfd7zXZ\x00", SUFFIXES, opened)
