"""From the bytes of a page to its text, whatever it declares about itself."""

from __future__ import annotations

import codecs
import re

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
DECLARED = re.compile(rb"""charset\s{0,9}=\s{0,9}["']?\s{0,9}([a-zA-Z0-9_:.-]{1,40})""")
HEAD = 1024
"""Bytes in which a page may declare its encoding, as in browsers."""
SAMPLE = 4096
"""Bytes by which UTF-16 without a mark is recognized."""
KNOWN = frozenset(
    {"ascii", "big5", "big5hkscs", "cp866", "cp874", "cp932", "cp949", "euc_jp", "euc_kr", "gb18030", "gb2312", "gbk"}
    | {"iso2022_jp", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "shift_jis", "tis-620"}
    | {f"iso8859-{number}" for number in (*range(1, 12), 13, 14, 15, 16)}
    | {f"cp125{number}" for number in range(9)}
)
"""The encodings that a page may declare, by their names in Python: those of browsers, none that runs or expands."""
FALLBACK = "cp1252"


def decode(content: bytes) -> str:
    """Decode a page; what cannot be decoded becomes U+FFFD, as do NUL characters.

    A byte order mark decides, then UTF-16 by its NUL bytes, then UTF-8 where the content is valid, then what the page
    declares within its first `HEAD` bytes, and windows-1252 in the end.
    """
    for mark, name in MARKS:
        if content.startswith(mark):
            return _clean(content[len(mark) :].decode(name, "replace"))
    wide = _wide(content[:SAMPLE])
    if wide is not None:
        return _clean(content.decode(wide, "replace"))
    try:
        return _clean(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        if error.end >= len(content) - 1 and error.reason == "unexpected end of data":  # cut within a character
            return _clean(content.decode("utf-8", "replace"))
    return _clean(content.decode(_declared(content) or FALLBACK, "replace"))


def _clean(text: str) -> str:
    return text.replace("\0", "\ufffd") if "\0" in text else text


def _wide(sample: bytes) -> str | None:
    """Recognize UTF-16 without a mark: nearly every second byte of markup is NUL, and hardly any other."""
    if sample.count(0) < len(sample) // 4 or len(sample) < 4:  # noqa: PLR2004 (two characters)
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 3 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 3 * odd else None


def _declared(content: bytes) -> str | None:
    found = DECLARED.search(content[:HEAD])
    if found is None:
        return None
    try:
        name = codecs.lookup(found[1].decode("ascii")).name
    except LookupError:
        return None
    return FALLBACK if name in ("iso8859-1", "ascii") else name if name in KNOWN else None
