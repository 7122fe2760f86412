"""How single values are written, the same in the terminal, the text and the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol


class Bounded(Protocol):
    """A part of a document with an interval."""

    @property
    def low(self) -> float | None:
        """The lower bound."""

    @property
    def high(self) -> float | None:
        """The upper bound."""


class Measured(Bounded, Protocol):
    """A part of a document with a value and an interval."""

    @property
    def value(self) -> float | None:
        """The value; None where only a bound is known, or nothing."""


def number(value: float | None) -> str:
    """Four decimals, or a dash where there is no value."""
    return "-" if value is None else f"{value:.4f}"


def signed(value: float) -> str:
    """A difference with its sign: ``+0.0034``."""
    return f"{value:+.4f}"


def amount(value: float | None) -> str:
    """An average number of things: ``3.2``, ``1,204``; a dash where there is none."""
    if value is None:
        return "-"
    return f"{value:,.1f}" if abs(value) < 10 else f"{value:,.0f}"  # noqa: PLR2004 (one digit before the point)


def at_least(score: Measured) -> str:
    """A rate, or its lower bound where only that is known: ``0.8432``, ``≥ 0.1790``."""
    return number(score.value) if score.value is not None else f"≥ {number(score.low)}"


def at_most(score: Measured) -> str:
    """An amount, or its upper bound where only that is known: ``1,204``, ``≤ 432``."""
    return amount(score.value) if score.value is not None else f"≤ {amount(score.high)}"


def amounts(score: Bounded) -> str:
    """The interval of an amount: ``1.2 to 3.4``."""
    return f"{amount(score.low)} to {amount(score.high)}"


def interval(score: Bounded) -> str:
    """The interval of a score: ``0.8229 to 0.8543``; empty without one."""
    return "" if score.low is None or score.high is None else f"{score.low:.4f} to {score.high:.4f}"


def in_brackets(score: Bounded) -> str:
    """The interval of a score to follow its value: `` (0.8229 to 0.8543)``; empty without one."""
    return f" ({bounds})" if (bounds := interval(score)) else ""


def shortened(text: str, most: int) -> str:
    """A text of at most this many characters; an ellipsis marks what was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def p_value(value: float) -> str:
    """A p-value with three decimals, ``0.031``, or ``< 0.001``."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"  # noqa: PLR2004 (what three digits can show)


def seconds(value: float | None) -> str:
    """A duration: ``0.42 s``, ``3 min 5 s``."""
    if value is None:
        return "-"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes else f"{value:.2f} s"


def plain(value: Any) -> str:
    """A setting as in YAML: ``true``, ``null``, ``0.1``, ``[a, b]``."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(plain, value))}]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def settings(params: Mapping[str, Any]) -> str:
    """Parameters in one line, numbers with three significant digits: ``max_depth 3, learning_rate 0.0748``."""
    return ", ".join(
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {plain(value)}"
        for name, value in params.items()
    )


def dotted(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Flatten nested settings into ``train.seed`` and its value, in order."""
    for key, value in document.items():
        if isinstance(value, Mapping) and value:
            yield from dotted(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", "{}" if value == {} else plain(value)
