"""One raw value as a number or as the text of a category, whatever type holds it."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from decimal import Decimal
from typing import Any

import numpy as np

NUMBER_TEXT = re.compile(r"[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|(?i:inf(inity)?))")
WHOLE_TEXT = re.compile(r"[+-]?[0-9]{1,300}")
TRUTH_WORDS = {"true": 1.0, "false": 0.0}
MISSING_TYPES = frozenset({"NAType", "NaTType"})
"""What pandas marks missing values with, by name, as pandas is not imported here."""


def number_of(value: object) -> float | None:
    """Give the number that a value stands for, NaN for a missing one, None for one that is no number."""
    if isinstance(value, float):
        return value
    if isinstance(value, int):
        return _float_of(value)
    if isinstance(value, str):
        text = value.strip()
        return float(text) if NUMBER_TEXT.fullmatch(text) else None if text else math.nan
    if _is_missing(value):
        return math.nan
    return _float_of(value) if _is_numeric(value) else None


def _float_of(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number of more than 308 digits
        return math.inf if value > 0 else -math.inf
    except ValueError:  # a decimal that signals that it is no number
        return math.nan


def _is_numeric(value: object) -> bool:
    return isinstance(value, Decimal) or (isinstance(value, np.generic) and value.dtype.kind in "biuf")


def _is_missing(value: object) -> bool:
    return value is None or type(value).__name__ in MISSING_TYPES


def truth_of(value: object) -> float | None:
    """Give 1 and 0 for the words ``true`` and ``false``, None for anything else."""
    return TRUTH_WORDS.get(value.strip().casefold()) if isinstance(value, str) else None


def plain_of(value: object) -> object:
    """Give a NumPy scalar or a decimal as a Python number, anything else as it is."""
    return value.item() if isinstance(value, np.generic) else _float_of(value) if isinstance(value, Decimal) else value


def number_key(value: object) -> Hashable:
    """Give what a number or truth value has in common with every text that reads as it, None for anything else.

    ``007`` and 7 have the same key, as have ``2.0`` and 2, ``True`` and true. Fractions agree to 15 digits, which every
    parser of texts keeps. A truth value is none of the numbers 0 and 1.
    """
    plain = plain_of(value)
    if isinstance(plain, str):
        return _key_of_text(plain.strip())
    if isinstance(plain, bool):
        return ("truth", plain)
    if isinstance(plain, float) and math.isfinite(plain):
        return int(plain) if plain.is_integer() else float(f"{plain:.15g}")
    return plain if isinstance(plain, int | float) and plain == plain else None  # noqa: PLR0124 - NaN is no key


def _key_of_text(text: str) -> Hashable:
    if (truth := truth_of(text)) is not None:
        return ("truth", bool(truth))
    if WHOLE_TEXT.fullmatch(text):
        return int(text)
    return number_key(float(text)) if NUMBER_TEXT.fullmatch(text) else None


def has_text(value: object) -> bool:
    """Whether a value can be a category: a text, a number, a boolean, or missing."""
    return isinstance(value, str | int | float) or _is_missing(value) or _is_numeric(value)


def text_of(value: object) -> str | None:
    """Give the text of a category, None if there is none; a whole number is written alike, whatever type holds it."""
    if _is_missing(value) or not has_text(value):
        return None
    plain = plain_of(value)
    if not isinstance(plain, float):
        return str(plain)
    return None if math.isnan(plain) else str(int(plain)) if plain.is_integer() else str(plain)
