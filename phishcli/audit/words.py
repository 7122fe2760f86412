"""How numbers are written in findings."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import Any

DIGITS = 4


def counted(number: int, noun: str = "row") -> str:
    """``1 row``, ``2,355 rows``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def verb(number: int, one: str, more: str) -> str:
    """Give the form of a verb: ``repeats`` for one, ``repeat`` for several."""
    return one if number == 1 else more


def floored(value: float) -> str:
    """A share with four digits, or as many as it takes to tell it from 1; never rounded up.

    Examples
    --------
    >>> floored(0.98969), floored(0.999986), floored(1.0)
    ('0.9896', '0.99998', '1.0000')
    """
    exact = Decimal(repr(float(value)))
    digits = max(DIGITS, -(1 - exact).adjusted()) if exact < 1 else DIGITS
    return f"{exact.quantize(Decimal(1).scaleb(-digits), ROUND_FLOOR):f}"


def shown(value: Any) -> str:
    """A value of a column as one would type it."""
    if isinstance(value, str):
        return repr(value)
    number = float(value)
    return f"{number:,.0f}" if number.is_integer() and abs(number) < 1e15 else f"{number:g}"  # noqa: PLR2004 (exact)
