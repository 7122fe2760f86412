"""Zstandard, one file compressed."""

from __future__ import annotations

import io
from typing import Any, BinaryIO, cast

from phishcli.sources.packings import Packing, without_suffix

SUFFIXES = (".zst", ".zstd")


class _Kept:
    """A file that Arrow may read and does not close."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self.read = file.read

    def close(self) -> None:
        """Leave the file to its owner."""


class _Stream(io.RawIOBase):
    """Arrow's decompressor as a file; seeking to the start starts over."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._begin()

    def _begin(self) -> None:
        import pyarrow as pa

        self._file.seek(0)
        self._inner = pa.CompressedInputStream(pa.PythonFile(_Kept(self._file), mode="r"), "zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        data = self._inner.read(len(view))
        view[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if (offset, whence) != (0, io.SEEK_SET):
            raise io.UnsupportedOperation("only back to the start")
        self._begin()
        return 0


def opened(file: BinaryIO, name: str) -> tuple[BinaryIO, str]:
    """Open what is compressed."""
    return cast("BinaryIO", _Stream(file)), without_suffix(name, SUFFIXES)


PACKING = Packing("zstandard", b"\x28\xb5\x2f\xfd", SUFFIXES, opened)
