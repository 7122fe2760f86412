"""gzip, one file compressed."""

from __future__ import annotations

from typing import BinaryIO, cast

from phishcli.sources.packings import Packing, without_suffix

SUFFIXES = (".gz", ".gzip")


def opened(file: BinaryIO, name: str) -> tuple[BinaryIO, str]:
    """Open what is compressed."""
    from gzip import GzipFile

    return cast("BinaryIO", GzipFile(fileobj=file)), without_suffix(name, SUFFIXES)


PACKING = Packing("gzip", b"\x1f\x8b", SUFFIXES, opened)
