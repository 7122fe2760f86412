"""How numbers and lists read in a sentence: the one place for plurals, percent signs and thousands separators."""

from __future__ import annotations

from collections.abc import Sequence


def plural(number: int, one: str, many: str | None = None) -> str:
    """Give the form of a word that goes with a number: ``plural(2, "row")`` is ``rows``; ``many`` where it differs."""
    return one if number == 1 else many or f"{one}s"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Count things: ``1 model``, ``2 models``, ``10,500 rows``."""
    return f"{number:,} {plural(number, one, many)}"


def exact(number: float) -> str:
    """Write a number with as many digits as it takes to tell it from any other: ``0.1``, ``20240101``."""
    if float(number).is_integer() and abs(number) < 1e16:  # noqa: PLR2004 (more digits than a float64 keeps)
        return str(int(number))
    return text if float(text := f"{number:g}") == number else repr(float(number))


def percent(share: float, digits: int = 1) -> str:
    """Write a share as a percentage: ``0.45`` is ``45.0%``."""
    return f"{share:.{digits}%}"


def short_percent(share: float) -> str:
    """Write a share as a percentage with no more digits than it needs: ``0.95`` is ``95%``, ``0.001`` is ``0.1%``."""
    return f"{100 * share:g}%"


def out_of(rate: float) -> str:
    """Write a rate as a count that is easy to picture: ``84 of 100``, ``3 of 10,000``; never rounded to none or all."""
    if rate in (0, 1):
        return f"{100 * rate:.0f} of 100"
    for base in (100, 1_000, 10_000):
        if 0 < (count := round(rate * base)) < base:
            return f"{count:,} of {base:,}"
    return "fewer than 1 of 10,000" if rate < 0.5 else "more than 9,999 of 10,000"  # noqa: PLR2004 (one half)


def listed(words: Sequence[str], joint: str = "and") -> str:
    """Join words as English does: ``a``, ``a and b``, ``a, b and c``; nothing for none."""
    if len(words) < 2:  # noqa: PLR2004 (one word needs no joint)
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


def bounded(values: Sequence[object], shown: int = 10) -> str:
    """List at most ``shown`` values in one line and say how many more there are."""
    more = f" and {len(values) - shown:,} more" if len(values) > shown else ""
    return ", ".join(str(value) for value in values[:shown]) + more


def bounded_text(text: str, length: int) -> str:
    """Cut a text to at most ``length`` characters, the last of which then is an ellipsis."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
