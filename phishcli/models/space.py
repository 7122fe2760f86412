"""Search spaces: what a parameter may be, and how a space in YAML is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

import msgspec

from phishcli.errors import ConfigError, suggestion

KEYS = ("low", "high", "log")
LARGEST = 1e15
"""The bound of a range: whole numbers up to it are exact as floats, and fit into 64 bits."""
FORMS = "Write a list of values, or {low: 1, high: 10}, with log: true for a logarithmic scale"


class Choice(msgspec.Struct, frozen=True):
    """One of several values, each equally likely."""

    values: tuple[Any, ...]

    def plain(self) -> list[Any]:
        """The form it has in YAML."""
        return [list(value) if isinstance(value, tuple) else value for value in self.values]


class IntRange(msgspec.Struct, frozen=True):
    """Whole numbers from ``low`` to ``high``, both included; ``log``: each octave equally likely."""

    low: int
    high: int
    log: bool = False

    def plain(self) -> dict[str, Any]:
        """The form it has in YAML."""
        return {"low": self.low, "high": self.high, "log": self.log}


class FloatRange(msgspec.Struct, frozen=True):
    """Real numbers from ``low`` to ``high``; ``log``: each octave equally likely."""

    low: float
    high: float
    log: bool = False

    def plain(self) -> dict[str, Any]:
        """The form it has in YAML."""
        return {"low": self.low, "high": self.high, "log": self.log}


Space = Choice | IntRange | FloatRange


def parse(raw: Mapping[str, Any], *, model: str, known: Mapping[str, Space]) -> dict[str, Space]:
    """Check a space as it is in the configuration.

    Parameters
    ----------
    raw
        Parameter -> list of values, or ``{low, high, log}`` with both ends included; None leaves the parameter out.
        Two whole ends give whole numbers, unless ``known`` says that the parameter is real; where it is whole, other
        ends are refused.
    model
        Its name, for messages.
    known
        The model's own space.

    Raises
    ------
    ConfigError
        When a range or a list is not valid, or nothing is left to search.
    """
    where = f"train.tune.spaces.{model}"
    space = {
        name: _parse_one(value, f"{where}.{name}", known.get(name)) for name, value in raw.items() if value is not None
    }
    if not space:
        raise ConfigError(f"There is nothing to search for {model}", where=where, hint=FORMS)
    return space


def _parse_one(value: Any, where: str, known: Space | None) -> Space:
    if isinstance(value, Mapping):
        return _parse_range(value, where, known)
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{value!r} is neither a list nor a range", where=where, hint=FORMS)
    if not value:
        raise ConfigError("The list of values is empty", where=where, hint=FORMS)
    return Choice(tuple(tuple(item) if isinstance(item, list) else item for item in value))


def _parse_range(value: Mapping[str, Any], where: str, known: Space | None) -> Space:
    for key in value:
        if key not in KEYS:
            raise ConfigError(f"{key!r} is not part of a range", where=where, hint=suggestion(str(key), KEYS, "parts"))
    low, high, log = value.get("low"), value.get("high"), value.get("log", False)
    if not (_is_number(low) and _is_number(high) and isinstance(log, bool)):
        what = f"A range needs two numbers of at most {LARGEST:g}, low and high; log is true or false"
        raise ConfigError(what, where=where, hint=FORMS)
    if low >= high:
        raise ConfigError(f"low ({low}) must be below high ({high})", where=where, hint="Swap them, or write a list")
    if log and low <= 0:
        raise ConfigError(f"low ({low}) must be above 0 on a logarithmic scale", where=where, hint="Leave log out")
    whole = float(low).is_integer() and float(high).is_integer()
    if isinstance(known, IntRange) and low >= 1:  # below 1 a share of the rows may be meant
        if not whole:
            raise ConfigError(f"It takes whole numbers, not {low} to {high}", where=where, hint="Write whole numbers")
        return IntRange(int(low), int(high), log=log)
    if isinstance(low, int) and isinstance(high, int) and not isinstance(known, FloatRange):
        return IntRange(low, high, log=log)
    return FloatRange(float(low), float(high), log=log)


def _is_number(value: Any) -> TypeGuard[int | float]:
    """Whether it is a number that every library can hold: one of 400 digits overflows even a float."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
