"""How files are packed: compressed, or in an archive; one file each, discovered.

To add one, add one file here with ``PACKING = Packing(...)``. Modules are imported by every command that needs the
source, so they import what is heavy inside of functions.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import BinaryIO

import msgspec

from phishcli.errors import DataError

DEPTH = 3
"""Layers that are taken off at most: a ``.csv.gz`` in a ``.zip`` has two."""


class Packing(msgspec.Struct, frozen=True):
    """One way to pack a file.

    Parameters
    ----------
    name
        A short name: ``gzip``.
    magic
        Bytes that such files begin with.
    suffixes
        Suffixes that are no part of the name of what is inside.
    opened
        Opens what is inside, given the packed file and its name; None where it is a document in itself (``.xlsx``).
    """

    name: str
    magic: bytes
    suffixes: tuple[str, ...]
    opened: Callable[[BinaryIO, str], tuple[BinaryIO, str] | None]


class Content(msgspec.Struct, frozen=True):
    """What lies below all layers: its bytes, its name, and the layers from the outside in."""

    file: BinaryIO
    name: str
    layers: tuple[str, ...]


@cache
def packings() -> tuple[Packing, ...]:
    """The ``PACKING`` of every module in this package."""
    return tuple(import_module(f"{__name__}.{module.name}").PACKING for module in iter_modules(__path__))


@contextmanager
def content_of(path: Path) -> Iterator[Content]:
    """Open a file, packed or not.

    Raises
    ------
    DataError
        If it is damaged, has a password, or holds no file or several that can be read.
    """
    with path.open("rb") as file, _explained(path):
        yield _peeled(Content(file, path.name, ()), path)


def without_suffix(name: str, suffixes: tuple[str, ...]) -> str:
    """Give the name of what is inside of a packed file."""
    return next((name[: -len(suffix)] for suffix in suffixes if name.lower().endswith(suffix)), name)


def _peeled(content: Content, path: Path) -> Content:
    packing = _packing_of(content.file)
    inner = packing.opened(content.file, content.name) if packing else None
    if packing is None or inner is None:
        return content
    layers = (*content.layers, packing.name)
    if len(layers) > DEPTH:
        raise DataError("The source is packed more than three times.", where=str(path), hint="Unpack it first.")
    return _peeled(Content(*inner, layers), path)


def _packing_of(file: BinaryIO) -> Packing | None:
    head = file.read(max(len(each.magic) for each in packings()))
    file.seek(0)
    return next((each for each in packings() if head.startswith(each.magic)), None)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    from lzma import LZMAError
    from zipfile import BadZipFile

    try:
        yield
    except (EOFError, zlib.error, LZMAError, BadZipFile) as error:
        raise damaged(path, error) from error
    except OSError as error:
        if error.errno is not None:  # the disk's, not a decompressor's
            raise
        raise damaged(path, error) from error
    except NotImplementedError as error:
        hint = "Unpack it, and name the file that was in it."
        raise DataError(f"The archive cannot be unpacked: {error}.", where=str(path), hint=hint) from error


def damaged(path: Path, error: Exception) -> DataError:
    """Give the error for a file that is not what it was."""
    what = f"The file is damaged or cut short: {error}."
    return DataError(what, where=str(path), hint="Download or export it again.")
