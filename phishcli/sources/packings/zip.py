"""A zip archive in which one file is a table."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, cast

from phishcli.errors import DataError
from phishcli.sources.packings import Packing, packings
from phishcli.wording import bounded

if TYPE_CHECKING:
    from zipfile import ZipInfo

DOCUMENTS = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}
"""Files that show a spreadsheet, which is a zip archive too."""
VAGUE = frozenset({"", ".txt", ".dat", ".names", ".md"})
"""Suffixes that a table may have, and a description as well: they count where nothing else does."""
ENCRYPTED = 0x1


def opened(file: BinaryIO, name: str) -> tuple[BinaryIO, str] | None:
    """Open the one file in the archive that may be a table.

    Raises
    ------
    DataError
        If there is none, or several, or it has a password.
    """
    from zipfile import ZipFile

    archive = ZipFile(file)
    if DOCUMENTS & set(archive.namelist()):
        file.seek(0)
        return None
    member = _table_in([each for each in archive.infolist() if _counts(each)], name)
    if member.flag_bits & ENCRYPTED:
        raise DataError(
            f"The archive is protected by a password ({member.filename}).", where=name, hint="Unpack it first."
        )
    return cast("BinaryIO", archive.open(member)), PurePosixPath(member.filename).name


def _counts(member: ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not (member.is_dir() or hidden or member.file_size == 0)


def _table_in(members: list[ZipInfo], name: str) -> ZipInfo:
    from phishcli.sources.formats import formats

    known = frozenset().union(*(each.suffixes | each.shown for each in formats().values()))
    found = [each for each in members if _suffix(each) in known - VAGUE]
    found = found or [each for each in members if _suffix(each) in known & VAGUE]
    if len(found) == 1:
        return found[0]
    listed = bounded([each.filename for each in members], 20) or "nothing"
    what = f"{len(found):,} files that may be the table" if found else "no file that can be read as a table"
    raise DataError(
        f"The archive holds {what}.", where=f"{name}: {listed}", hint="Unpack it, and name the file that you mean."
    )


def _suffix(member: ZipInfo) -> str:
    path = PurePosixPath(member.filename.lower())
    packed = {suffix for each in packings() for suffix in each.suffixes}
    return (path.with_suffix("") if path.suffix in packed else path).suffix


PACKING = Packing("zip", b"PK\x03\x04", (".zip",), opened)
