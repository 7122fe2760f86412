"""Numbers that describe how a text is written."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable


def share(text: str, belongs: Callable[[str], bool]) -> float:
    """The share of characters of a kind; 0 for an empty text."""
    return sum(map(belongs, text)) / len(text) if text else 0.0


def entropy(text: str) -> float:
    """Shannon's entropy of the characters, in in bits per character, to six decimals; 0 for an empty text."""
    n = len(text)
    return round(-sum(count / n * math.log2(count / n) for count in Counter(text).values()), 6) + 0.0 if n else 0.0
