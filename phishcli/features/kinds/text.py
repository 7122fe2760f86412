"""Free text: messages, subjects, descriptions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from phishcli.features.kinds.kind import Kind, Part, PartValue
from phishcli.features.kinds.shape import share
from phishcli.features.ngrams import Grams

if TYPE_CHECKING:
    import pyarrow as pa

LINK = re.compile(r"(?i)\b(?:https?://|www\.)\S+")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
NUMBER = re.compile(r"\d[\d ()+-]{6,}\d")
SUMS = re.compile(r"[$€£¥]|\b(?:usd|eur|gbp)\b", re.IGNORECASE)
WORDS, LONG = 3, 40
"""Texts of so many words, or so many characters, on average are free text."""

PARTS = (
    Part("length", "length"),
    Part("words", "number of words"),
    Part("word.length", "mean length of the words"),
    Part("lines", "number of lines"),
    Part("digits", "share of digits"),
    Part("capitals", "share of capital letters"),
    Part("shouting", "share of words in capitals"),
    Part("marks", "share of characters that are neither letters, digits nor blanks"),
    Part("exclamations", "number of exclamation marks"),
    Part("links", "number of web addresses"),
    Part("mails", "number of e-mail addresses"),
    Part("phones", "number of long numbers"),
    Part("money", "number of currency signs"),
    Part("foreign", "share of characters beyond ASCII"),
)


def _derive(text: str, _: str | None) -> tuple[PartValue, ...]:
    words = text.split()
    return (
        float(len(text)),
        float(len(words)),
        sum(map(len, words)) / len(words) if words else 0.0,
        float(text.strip().count("\n") + 1) if text.strip() else 0.0,
        share(text, str.isdigit),
        share(text, str.isupper),
        sum(1 for word in words if len(word) > 1 and word.isupper()) / len(words) if words else 0.0,
        share(text, _is_mark),
        float(text.count("!")),
        float(len(LINK.findall(text))),
        float(len(MAIL.findall(text))),
        float(len(NUMBER.findall(text))),
        float(len(SUMS.findall(text))),
        share(text, lambda letter: letter > "\x7f"),
    )


def _is_mark(letter: str) -> bool:
    return not (letter.isalnum() or letter.isspace())


def _recognize(distinct: pa.Array) -> bool:
    import pyarrow.compute as pc

    words = pc.add(pc.count_substring_regex(pc.utf8_trim_whitespace(distinct), r"\s+"), 1)
    return bool(pc.mean(words).as_py() >= WORDS or pc.mean(pc.utf8_length(distinct)).as_py() > LONG)


KIND = Kind(
    name="text",
    title="free text",
    parts=PARTS,
    derive=_derive,
    recognize=_recognize,
    grams=Grams(characters=(3, 4, 5), words=(1, 2)),
    rank=9,
)
