"""File formats, one file each, discovered.

To add a format, add one file here, say ``excel.py``, with ``FORMAT = Format(name="excel", label="Excel", ...)``: the
bytes that such a file begins with, its suffixes, and a function that reads it. Modules are imported by every command
that needs the source, so they import what is heavy inside of functions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import msgspec

from phishcli.errors import DataError
from phishcli.events import OnEvent
from phishcli.sources.source import Batches, Reading
from phishcli.wording import listed

OTHER_KINDS = {
    b"%PDF-": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x80\x04\x95": "a Python pickle",
    b"\x80\x05\x95": "a Python pickle",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy file",
    b"\x7fELF": "a program",
}
"""What else begins with bytes of its own, by these."""
OTHERS = tuple(OTHER_KINDS)


class Format(msgspec.Struct, frozen=True):
    """One file format.

    Parameters
    ----------
    name
        A short name: ``csv``.
    label
        The name in messages: ``CSV``.
    accepted
        The suffixes in messages: ``.csv, .tsv``.
    read
        Reads a file, given how, and a listener.
    magic
        Bytes that such files begin with; any of them decides, whatever the name.
    looks
        Whether the first bytes look like such a file, where no magic does; None if that cannot be determined.
    suffixes
        Suffixes (lower case) that decide where the content does not.
    shown
        Suffixes of files whose content has to say what they are.
    companions
        What is appended to the name of further files whose content is read in place of the file's own.
    several_tables
        Whether a file may hold several tables.
    """

    name: str
    label: str
    accepted: str
    read: Callable[[Path, Reading, OnEvent], Batches]
    magic: tuple[bytes, ...] = ()
    looks: Callable[[bytes], bool] | None = None
    suffixes: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    companions: tuple[str, ...] = ()
    several_tables: bool = False


@cache
def formats() -> dict[str, Format]:
    """The ``FORMAT`` of every module in this package by its name."""
    found = [import_module(f"{__name__}.{module.name}").FORMAT for module in iter_modules(__path__)]
    return {each.name: each for each in found}


def accepted() -> str:
    """Say which formats there are."""
    found = listed([f"{each.label} ({each.accepted})" for each in formats().values()])
    return f"Accepted are {found}; plain, or packed as .gz, .bz2, .xz, .zst or .zip."


def format_of(name: str, head: bytes, where: str) -> Format:
    """Find the format of a file by its first bytes, and by the suffix of its name where these say nothing.

    Raises
    ------
    DataError
        When it has no known format, or is something else that often has the name of a table.
    """
    if found := by_magic(head):
        return found
    _check_content(where, head)
    if found := next((each for each in formats().values() if each.looks and each.looks(head)), None):
        return found
    suffix = Path(name).suffix.lower()
    for each in formats().values():
        if suffix in each.suffixes:
            return each
    raise _unknown(suffix, where)


def is_named(name: str) -> bool:
    """Whether the name of a file has a suffix that says something."""
    suffix = Path(name).suffix.lower()
    return any(suffix in each.suffixes | each.shown for each in formats().values())


def _unknown(suffix: str, where: str) -> DataError:
    named = next((each for each in formats().values() if suffix in each.shown), None)
    if named is None:
        what = "The source has no known format: neither its content nor its name shows one."
        return DataError(what, where=where, hint=accepted())
    what = f"The source has no known format: it is named like {named.label}, but its content is not."
    encrypted = "It may be encrypted or damaged. " if named.several_tables else ""
    return DataError(what, where=where, hint=f"{encrypted}{accepted()}")


def by_magic(head: bytes) -> Format | None:
    """The format that the first bytes of a file show, if any."""
    return next((each for each in formats().values() if each.magic and head.startswith(each.magic)), None)


def _check_content(where: str, head: bytes) -> None:
    """Refuse what often has the name of a table without being one."""
    if not head:
        raise DataError("The source is an empty file.", where=where, hint="Download or export it again.")
    if head.startswith(b"version https://git-lfs"):
        raise DataError(
            "The source is a pointer of Git LFS, not the file itself.", where=where, hint="Run: git lfs pull"
        )
    if head.startswith(OTHERS):
        kind = next(kind for magic, kind in OTHER_KINDS.items() if head.startswith(magic))
        raise DataError(f"The source is {kind}, not a table.", where=where, hint=accepted())
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:9].lower().startswith((b"<!doctype", b"<html")):
        raise DataError(
            "The source is a web page (HTML), not a table.",
            where=where,
            hint="Use the address of the file itself, often behind a button named Raw or Download.",
        )
