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
from phishcli.sources.source import Batches
from phishcli.wording import listed


class Format(msgspec.Struct, frozen=True):
    """One file format.

    Parameters
    ----------
    name
        A short name: ``csv``.
    label
        The name in messages: ``CSV``.
    accepted
        The suffixes in messages: ``.csv, .tsv, also .gz``.
    read
        Reads a file, given the name of a table in it (or None) and a listener.
    magic
        Bytes that such files begin with; any of them decides, whatever the name.
    suffixes
        Suffixes (lower case; of ``.csv.gz``, the first) that decide where no magic does.
    companions
        What is appended to the name of further files whose content is read in place of the file's own.
    several_tables
        Whether a file may hold several tables.
    """

    name: str
    label: str
    accepted: str
    read: Callable[[Path, str | None, OnEvent], Batches]
    magic: tuple[bytes, ...] = ()
    suffixes: frozenset[str] = frozenset()
    companions: tuple[str, ...] = ()
    several_tables: bool = False


@cache
def formats() -> dict[str, Format]:
    """The ``FORMAT`` of every module in this package by its name."""
    found = [import_module(f"{__name__}.{module.name}").FORMAT for module in iter_modules(__path__)]
    return {each.name: each for each in found}


def accepted() -> str:
    """Say which formats there are."""
    return f"Accepted are {listed([f'{each.label} ({each.accepted})' for each in formats().values()])}."


def format_of(path: Path, head: bytes) -> Format:
    """Find the format of a file by its first bytes, and by its suffix where these say nothing.

    Raises
    ------
    DataError
        When it has no known format, or is something else that often has the name of a table.
    """
    if found := by_magic(head):
        return found
    _check_content(path, head)
    suffix = (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()
    for each in formats().values():
        if suffix in each.suffixes:
            return each
    raise DataError(
        "The source has no known format: neither its content nor its name shows one.", where=str(path), hint=accepted()
    )


def by_magic(head: bytes) -> Format | None:
    """The format that the first bytes of a file show, if any."""
    return next((each for each in formats().values() if each.magic and head.startswith(each.magic)), None)


def _check_content(path: Path, head: bytes) -> None:
    """Refuse what often has the name of a table without being one."""
    if not head:
        raise DataError("The source is an empty file.", where=str(path), hint="Download or export it again.")
    if head.startswith(b"version https://git-lfs"):
        raise DataError(
            "The source is a pointer of Git LFS, not the file itself.", where=str(path), hint="Run: git lfs pull"
        )
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:9].lower().startswith((b"<!doctype", b"<html")):
        raise DataError(
            "The source is a web page (HTML), not a table.",
            where=str(path),
            hint="Use the address of the file itself, often behind a button named Raw or Download.",
        )
