"""How the numbers of a text column are written: decimal commas, grouped digits, percent signs, missing values.

`find_written` decides it on the values of a whole column; `plain_text` reads one value by it, in training and in
prediction alike.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from phishcli.documents.schema import Written
from phishcli.wording import bounded

if TYPE_CHECKING:
    from phishcli.config.schema import CsvConfig

MARKS = frozenset(
    {"?", "-", "--", "---", "\N{EN DASH}", "\N{EM DASH}", ".", "..", "...", "*", "#", "(null)", "\\N"}
    | {"n.a.", "N.A.", "n.d.", "N.D.", "na", "Na", "N/a", "NAN", "none", "NONE", "nil", "NIL", "Null", "missing"}
    | {"Missing", "MISSING", "not available", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"}
)
"""Texts that stand for a missing value where they are found among numbers."""
NO_NUMBER = re.compile(r"[+-]?1\.#(QNAN|SNAN|IND|NAN)0*", re.IGNORECASE)
INFINITE = re.compile(r"([+-]?)1\.#INF0*", re.IGNORECASE)
"""What old compilers of Microsoft write."""
BLANKS = "\u00a0\u202f\u2009"
"""Blanks that group digits and are no ordinary ones."""
APOSTROPHES = "['\N{RIGHT SINGLE QUOTATION MARK}]"
DIGITS = 15
"""Digits that a float keeps."""
FORMS = tuple(
    Written(decimal=decimal, thousands=thousands, percent=percent)
    for percent, (decimal, thousands) in product(
        (False, True),
        ((".", ""), (",", ""), (",", "."), (".", ","), (".", " "), (",", " "), (".", "'"), (",", "'")),
    )
)


@dataclass(frozen=True)
class Found:
    """How a column is written; None where its numbers can be read in two ways, which ``unclear`` gives."""

    written: Written | None
    unclear: tuple[Written, ...] = ()


def find_written(texts: Iterable[str], given: CsvConfig | None = None) -> Found | None:
    """Find out how the numbers of a column are written.

    Parameters
    ----------
    texts
        The distinct values of the column.
    given
        Settings, which decide where they say something.

    Returns
    -------
    Found or None
        None where the column does not hold numbers only, or holds plain ones only.
    """
    distinct = {text.strip() for text in texts} - {""}
    marks = {text for text in distinct if text in MARKS or NO_NUMBER.fullmatch(text)}
    numbers = distinct - marks
    fitting = [form for form in FORMS if _allowed(form, given) and all(_fits(text, form) for text in numbers)]
    if not numbers or not fitting:
        return None
    unclear = tuple(form for form in fitting if (form.decimal, form.thousands) in ((",", ""), (".", ",")))
    if len(unclear) > 1 and fitting[0] in unclear:
        return Found(None, unclear)
    form = fitting[0]
    written = Written(tuple(sorted(marks)), form.decimal, form.thousands, form.percent)
    return None if written == Written() and not any(map(INFINITE.fullmatch, numbers)) else Found(written)


def _allowed(form: Written, given: CsvConfig | None) -> bool:
    if given is None:
        return True
    decimal, thousands = given.decimal, given.thousands
    return (decimal is None or form.decimal == decimal) and (thousands is None or form.thousands == thousands)


def _fits(text: str, form: Written) -> bool:
    return bool(_pattern(form).fullmatch(text) and sum(map(str.isdigit, text)) <= DIGITS) or bool(
        INFINITE.fullmatch(text)
    )


@lru_cache(maxsize=64)
def _pattern(form: Written) -> re.Pattern[str]:
    """The numbers of a form; digits are grouped all or not at all, and leading zeros show a code."""
    decimal = re.escape(form.decimal)
    mark = f"[{BLANKS} ]" if form.thousands == " " else APOSTROPHES
    group = re.escape(form.thousands) if form.thousands in (",", ".") else mark
    whole = rf"(0|[1-9]\d{{0,2}}({group}\d{{3}})*)" if form.thousands else r"(0|[1-9]\d*)"
    percent = r"\s*%" if form.percent else ""
    return re.compile(rf"[+-]?({whole}({decimal}\d*)?|{decimal}\d+)([eE][+-]?\d+)?{percent}", re.ASCII)


def plain_text(text: str, written: Written) -> str:
    """Give the number that a text stands for as Python writes it, no text for a mark, anything else as it is."""
    text = text.strip()
    if text in written.missing or NO_NUMBER.fullmatch(text):
        return ""
    if infinite := INFINITE.fullmatch(text):
        return f"{infinite[1]}inf"
    if not _pattern(written).fullmatch(text):
        # With a decimal comma, 1.5 may be anything: it must not be taken for a number.
        return f"{text}?" if text and written.decimal != "." else text
    plain = text.rstrip("% ")
    if written.thousands:
        plain = re.sub(f"[{BLANKS} ]|{APOSTROPHES}", "", plain).replace(written.thousands, "")
    return plain.replace(written.decimal, ".")


def as_notice(written: Written) -> str:
    """Say how a column is read."""
    parts = []
    if written.missing:
        parts.append(f"{_quoted(written.missing)} counts as missing")
    if written.decimal != ".":
        parts.append(f"{written.decimal!r} is its decimal mark")
    if written.thousands:
        parts.append(f"{written.thousands!r} groups its digits")
    if written.percent:
        parts.append("its percentages are read as the numbers before the sign")
    return f"it is read as numbers: {', '.join(parts) or 'infinite ones are spelled out'}"


def _quoted(texts: Collection[str]) -> str:
    return bounded([repr(text) for text in texts], 5)
