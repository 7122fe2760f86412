"""A text file as UTF-8: its encoding found out where it is certain, and asked for where it is not."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import TYPE_CHECKING

from phishcli.errors import DataError
from phishcli.events import Notice
from phishcli.typed import setting

if TYPE_CHECKING:
    from phishcli.events import OnEvent
    from phishcli.sources.source import Reading

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks; those of UTF-32 begin like those of UTF-16."""
CHUNK_BYTES = 1 << 20
HEAD_BYTES = 1 << 16
MOSTLY_NULS = 0.4
WESTERN = re.compile(rb"(?<![\x80-\xff])[\xa0-\xff\x80\x82-\x8c\x8e\x91-\x9c\x9e\x9f]{1,2}(?![\x80-\xff])")
"""One or two bytes of cp1252 between ASCII: an accented letter in a word. Other scripts come in longer runs."""
HIGH = re.compile(rb"[\x80-\xff]+")
ALL_BUT_ALL = 0.98


def as_utf8(path: Path, asked: Reading, folder: Path, on_event: OnEvent) -> Path:
    """Give a file with the same text in UTF-8: the file itself, or a copy in ``folder``.

    Raises
    ------
    DataError
        When its encoding is not certain, or not the one that is set.
    """
    given = asked.csv.encoding
    encoding = given or encoding_of(path)
    if encoding is None:
        raise _unknown(path)
    if _is_utf8_name(encoding):
        return path
    if given is None:
        on_event(Notice(f"{path.name} is not UTF-8 and is read as {encoding} (load.csv.encoding).", when="end"))
    return _converted(path, encoding, folder)


def _is_utf8_name(encoding: str) -> bool:
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")


def encoding_of(path: Path) -> str | None:
    """Find the encoding of a text: by its mark, by the zeros of UTF-16, as UTF-8, or as Western text; else None."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if marked := next((name for mark, name in MARKS.items() if head.startswith(mark)), None):
        return marked
    if wide := _wide(head):
        return wide
    if first_undecodable(path) is None:
        return "utf-8"
    return "cp1252" if _is_western(path) else None


def _wide(head: bytes) -> str | None:
    """Whether every second byte of a text is zero."""
    half = max(len(head) // 2, 1)
    zeros = head[1::2].count(0) / half, head[::2].count(0) / half
    if zeros[0] >= MOSTLY_NULS and not zeros[1]:
        return "utf-16-le"
    return "utf-16-be" if zeros[1] >= MOSTLY_NULS and not zeros[0] else None


def first_undecodable(path: Path) -> int | None:
    """The line, from 1, of the first byte that is not UTF-8; None if all are."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return lines + error.object[: error.start].count(b"\n")
            lines += chunk.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return lines
    return None


def _is_western(path: Path) -> bool:
    """Whether all but a few runs of non-ASCII bytes look like accented letters in Western words."""
    runs = western = 0
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                runs += len(HIGH.findall(line))
                western += len(WESTERN.findall(line))
    return western >= ALL_BUT_ALL * runs


def _converted(path: Path, encoding: str, folder: Path) -> Path:
    target = folder / f"utf-8-{path.name}"
    errors = "surrogateescape" if codecs.lookup(encoding).name == "cp1252" else "strict"
    try:
        with path.open(encoding=encoding, errors=errors, newline="") as old, target.open("wb") as new:
            while text := old.read(CHUNK_BYTES):
                new.write(_latin(text).encode() if errors == "surrogateescape" else text.encode())
    except UnicodeError as error:
        raise DataError(
            f"The file is not {encoding} text: {error}.", where=str(path), hint="Correct load.csv.encoding."
        ) from error
    return target


def _latin(text: str) -> str:
    """Read the five bytes that cp1252 leaves undefined as latin-1 does."""
    return text.translate({0xDC00 + byte: byte for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)})


def _unknown(path: Path) -> DataError:
    line = first_undecodable(path)
    guess = _guess(path) or "cp1252"
    return DataError(
        "The file is not UTF-8 text, and its encoding is not certain.",
        where=f"{path}, line {line}",
        hint=f"Name the encoding, perhaps {guess}: {setting('load.csv.encoding', guess)}",
    )


def _guess(path: Path) -> str | None:
    try:
        from charset_normalizer import from_bytes
    except ImportError:  # only a proposal is lost
        return None
    with path.open("rb") as file:
        found = [line for line in file if not line.isascii()][:200]
    best = from_bytes(b"".join(found)[:HEAD_BYTES]).best()
    return best.encoding if best else None
