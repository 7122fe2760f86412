"""How single values are written, the same in the terminal, the text and the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def number(value: float | None) -> str:
    """Four digits, or a dash where there is no value."""
    return "-" if value is None else f"{value:.4f}"


def signed(value: float) -> str:
    """A difference with its sign: ``+0.0034``."""
    return f"{value:+.4f}"


def amount(value: float) -> str:
    """How many of something there are on average: ``3.2``, ``1,204``."""
    return f"{value:,.1f}" if abs(value) < 10 else f"{value:,.0f}"  # noqa: PLR2004 (one digit before the point)


def at_least(score: Mapping[str, Any]) -> str:
    """A rate, or how great it is at least where it has a bound and no value: ``0.8432``, ``≥ 0.1790``."""
    return number(score["value"]) if score["value"] is not None else f"≥ {number(score['low'])}"


def at_most(score: Mapping[str, Any]) -> str:
    """An amount, or how great it is at most where it has a bound and no value: ``1,204``, ``≤ 432``."""
    return amount(score["value"]) if score["value"] is not None else f"≤ {amount(score['high'])}"


def counted(count: int, noun: str) -> str:
    """``1 row``, ``2,355 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters; an ellipsis says that there are more."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def amounts(score: Mapping[str, float]) -> str:
    """``1.2 to 3.4``."""
    return f"{amount(score['low'])} to {amount(score['high'])}"


def p_value(value: float) -> str:
    """``0.031``, and below a thousandth only that."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"  # noqa: PLR2004 (what three digits can show)


def interval(score: Mapping[str, Any]) -> str:
    """``0.8229 to 0.8543``; empty without an interval."""
    low, high = score.get("low"), score.get("high")
    return "" if low is None or high is None else f"{low:.4f} to {high:.4f}"


def share(value: float) -> str:
    """A rate as a count that one can picture: ``84 of 100``, ``3 of 10,000``; never rounded to none or to all."""
    if value in (0, 1):
        return f"{100 * value:.0f} of 100"
    for base in (100, 1_000, 10_000):
        if 0 < (count := round(value * base)) < base:
            return f"{count:,} of {base:,}"
    return "fewer than 1 of 10,000" if value < 0.5 else "more than 9,999 of 10,000"  # noqa: PLR2004 (one half)


def seconds(value: float | None) -> str:
    """A duration: ``0.42 s``, ``3 min 5 s``."""
    if value is None:
        return "-"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes else f"{value:.2f} s"


def plain(value: Any) -> str:
    """A setting as one reads it in YAML: ``true``, ``null``, ``0.1``, ``[a, b]``."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(plain, value))}]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def settings(params: Mapping[str, Any]) -> str:
    """Parameters in one line, numbers with three digits: ``max_depth 3, learning_rate 0.0748``."""
    return ", ".join(
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {plain(value)}"
        for name, value in params.items()
    )


def dotted(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Flatten nested settings into ``train.seed`` and its value, in their order."""
    for key, value in document.items():
        if isinstance(value, Mapping) and value:
            yield from dotted(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", "{}" if value == {} else plain(value)
