"""How numbers are written in findings."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import Any

DIGITS = 4


def floored(value: float) -> str:
    """A share with four digits, or as many as show that it is below 1; never rounded up.

    Examples
    --------
    >>> floored(0.98969), floored(0.999986), floored(1.0)
    ('0.9896', '0.99998', '1.0000')
    """
    exact = Decimal(repr(float(value)))
    digits = max(DIGITS, -(1 - exact).adjusted()) if exact < 1 else DIGITS
    return f"{exact.quantize(Decimal(1).scaleb(-digits), ROUND_FLOOR):f}"


def literal(value: Any) -> str:
    """A value of a column as a user would type it."""
    if isinstance(value, str):
        return repr(value)
    number = float(value)
    return f"{number:,.0f}" if number.is_integer() and abs(number) < 1e15 else f"{number:g}"  # noqa: PLR2004 (exact)
