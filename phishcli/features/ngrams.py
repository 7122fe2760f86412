"""N-grams of many texts at once, hashed into a fixed number of buckets with NumPy alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BUCKETS = 2**18
"""Enough that n-grams of some hundred thousand texts seldom share one."""
LONGEST = 10_000
"""Characters of a text that are looked at."""
BASE, MIX, PAIR = 0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93, 0xC2B2AE3D27D4EB4F
"""Odd, so that multiplying loses nothing in 64 bits."""
INVERSE = pow(BASE, -1, 2**64)
START, END = "\x02", "\x03"
"""Stand around a text, so that its first and last characters make n-grams of their own."""
ASCII = 128
Hashes = NDArray[np.uint64]


class Grams(NamedTuple):
    """Which n-grams are looked at: of so many characters, and single words or pairs of them."""

    characters: tuple[int, ...] = (3, 4, 5)
    words: tuple[int, ...] = ()


class Counted(NamedTuple):
    """The n-grams of n texts: for each text in turn its buckets, rising, and how often they occur.

    ``rows``, ``buckets`` and ``counts`` have one entry for each bucket of each text.
    """

    rows: NDArray[np.int64]
    buckets: NDArray[np.int64]
    counts: NDArray[np.int64]


def count_grams(texts: Sequence[str], grams: Grams) -> Counted:
    """Count the n-grams of texts.

    A part of a text is hashed by the polynomial sum of its characters, taken from sums over the whole (Karp and Rabin
    1987, IBM Journal of Research and Development 31, 249-260); upper and lower case are the same.

    Parameters
    ----------
    texts
        n texts, of which the first `LONGEST` characters count.
    grams
        Which n-grams.
    """
    joined = _Joined(texts)
    found = [joined.characters(n) for n in grams.characters] + [joined.words(n) for n in grams.words]
    keys = np.concatenate([rows * BUCKETS + buckets for rows, buckets in found])
    keys, counts = np.unique(keys, return_counts=True)
    return Counted(keys // BUCKETS, keys % BUCKETS, counts)


class Spans(NamedTuple):
    """Where the n-grams of one text stand: ``text[start:end]``, and the bucket of each.

    ``text`` is in lower case, between a mark for its start and one for its end.
    """

    text: str
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    buckets: NDArray[np.int64]


def gram_spans(text: str, grams: Grams) -> Spans:
    """Find the n-grams of one text, each as often as it occurs, in the buckets of `count_grams`."""
    joined = _Joined([text])
    found = [joined.character_spans(n) for n in grams.characters] + [joined.word_spans(n) for n in grams.words]
    starts, ends, buckets = (np.concatenate(each) for each in zip(*found, strict=True))
    return Spans(_marked(text), starts, ends, buckets)


def word_bounds(text: str) -> tuple[list[int], list[int]]:
    """Where the words of a text begin and end."""
    starts, ends = _bounds(_codes(text))
    return starts.tolist(), ends.tolist()


def _marked(text: str) -> str:
    return f"{START}{text[:LONGEST].lower()}{END}"


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _bounds(codes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    steps = np.diff(_in_words(codes).astype(np.int8), prepend=np.int8(0), append=np.int8(0))
    return np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)


class _Joined:
    """Texts as one array of code points, with the sums by which every part has its hash."""

    def __init__(self, texts: Sequence[str]) -> None:
        marked = [_marked(text) for text in texts]
        self._codes = _codes("".join(marked))
        lengths = np.array([len(each) for each in marked], dtype=np.int64)
        self._rows = np.repeat(np.arange(len(marked)), lengths)
        self._ends = np.repeat(np.cumsum(lengths), lengths)
        powers = _powers(BASE, len(self._codes))
        self._sums = np.concatenate([[np.uint64(0)], np.cumsum(self._codes.astype(np.uint64) * powers)])
        self._inverses = _powers(INVERSE, len(self._codes))

    def characters(self, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and buckets of all parts of n characters."""
        starts, _, buckets = self.character_spans(n)
        return self._rows[starts], buckets

    def character_spans(self, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Starts, ends and buckets of all parts of n characters."""
        starts = np.flatnonzero(np.arange(len(self._codes)) + n <= self._ends)
        return starts, starts + n, _buckets(self._hashes(starts, starts + n), n)

    def words(self, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and buckets of all words, or of words in a row (n = 2)."""
        starts, _, buckets = self.word_spans(n)
        return self._rows[starts], buckets

    def word_spans(self, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Starts, ends and buckets of all words, or of words in a row (n = 2)."""
        starts, ends = self._word_bounds
        hashes = self._hashes(starts, ends)
        for _ in range(n - 1):
            together = self._rows[starts[1:]] == self._rows[starts[:-1]]
            hashes = hashes[:-1][together] * np.uint64(PAIR) + hashes[1:][together]
            starts, ends = starts[:-1][together], ends[1:][together]
        return starts, ends, _buckets(hashes, -n)

    def _hashes(self, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Hashes:
        hashes: Hashes = (self._sums[ends] - self._sums[starts]) * self._inverses[starts]
        return hashes

    @property
    def _word_bounds(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return _bounds(self._codes)


def _in_words(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Letters and digits; beyond ASCII everything counts as a letter."""
    plain = np.array([chr(code).isalnum() for code in range(ASCII)])
    inside: NDArray[np.bool_] = (codes >= ASCII) | plain[np.minimum(codes, ASCII - 1)]
    return inside


def _powers(base: int, n: int) -> Hashes:
    factors = np.full(n, base, dtype=np.uint64)
    factors[:1] = 1
    powers: Hashes = np.cumprod(factors)
    return powers


def _buckets(hashes: Hashes, kind: int) -> NDArray[np.int64]:
    mixed = (hashes ^ (hashes >> np.uint64(32))) + np.uint64(kind % 2**64)
    mixed *= np.uint64(MIX)
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(MIX)
    return (mixed >> np.uint64(46)).astype(np.int64)
