"""What environment, ``--set`` and named options say, each as assignments of a value to a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from phishcli.config.key_paths import KeyPath, all_keys, find_key, split_key
from phishcli.config.scalars import parse_value
from phishcli.errors import ConfigError

PREFIX = "PHISH_"
MOST_PARTS = 32
"""Parts of a dotted key; the longest of our own has six."""
MAY_BE_EMPTY = frozenset({"load.target", "load.positive_label", "load.negative_label"})
LONGEST_TEXT = 60
"""Characters of a value that an error repeats."""


Lines = Mapping[KeyPath, int]


class Assignment(msgspec.Struct, frozen=True):
    """One value for one key.

    Parameters
    ----------
    path
        The parts of the dotted key, including names within a mapping such as ``train.params``.
    value
        The value to set.
    origin
        Who sets it, as ``config show`` puts it: a file, a variable, an option.
    where
        The same as precisely as it is known: ``configs/mine.yaml:12``.
    """

    path: KeyPath
    value: Any
    origin: str
    where: str


class LastAssignment:
    """Finds which of many assignments is the last one to set a key, something within it, or what it is part of."""

    def __init__(self, assignments: Sequence[Assignment]) -> None:
        self._assignments = assignments
        self._of: dict[KeyPath, int] = {}
        self._within: dict[KeyPath, int] = {}
        for number, assignment in enumerate(assignments):
            self._of[assignment.path] = number
            for depth in range(len(assignment.path) + 1):
                self._within[assignment.path[:depth]] = number

    def find(self, path: KeyPath) -> Assignment | None:
        """Find the last assignment that concerns a key; None if it has its default."""
        last = max(self._within.get(path, -1), *(self._of.get(path[:depth], -1) for depth in range(len(path))))
        return self._assignments[last] if last >= 0 else None


def from_environ(environ: Mapping[str, str]) -> Iterator[Assignment]:
    """Read every ``PHISH_SECTION__KEY``: sections and keys in any case, names within a mapping exactly as written."""
    for variable in sorted(environ):
        if variable.startswith(PREFIX):
            path = _path_of(variable)
            yield from expand(path, read_text(path, environ[variable], variable), variable)


def from_sets(sets: Sequence[str]) -> Iterator[Assignment]:
    """Read ``section.key=value``, the value as YAML."""
    for text in sets:
        key, equals, value = text.partition("=")
        path = split_key(key)
        if not equals or not all(path):
            raise ConfigError(f"--set takes KEY=VALUE, not {shortened(text)!r}", hint="For example: --set train.seed=7")
        yield from expand(path, read_text(path, value, f"--set {shortened(text)}"), "--set")


def from_overrides(overrides: Mapping[str, tuple[Any, str]]) -> Iterator[Assignment]:
    """Take dotted keys with a value and its origin; what an option says is literal text.

    Raises
    ------
    ConfigError
        When the text of an option is empty, most likely because a shell variable is not set. A label or a column may
        have an empty name.
    """
    for key, (value, origin) in overrides.items():
        if value == "" and key not in MAY_BE_EMPTY:
            raise ConfigError(f"{origin} is empty", hint="Give it a value, or leave it out")
        yield from expand(tuple(key.split(".")), value, origin)


def read_text(path: KeyPath, text: str, where: str) -> Any:
    """Read a value given as text: as YAML, except for keys that hold text, which take it literally.

    For these only quotes are removed, and ``null`` (or nothing) is None, so that a table may be called ``2024``.
    """
    if _holds_text(path) and text not in ("", "~", "null") and text[0] not in "\"'":
        return text
    return parse_value(text, where=where)


def variable_names() -> list[str]:
    """List the environment variable of every section and key, without ``PHISH_``."""
    return [name.upper().replace(".", "__") for name in all_keys()]


def shortened(text: str) -> str:
    """Cut a text to what an error repeats of it."""
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}..."


def _holds_text(path: KeyPath) -> bool:
    key = find_key(path)
    return key is not None and key.kind == "text"


def expand(path: KeyPath, value: Any, origin: str, lines: Lines | None = None) -> Iterator[Assignment]:
    """Split a mapping along the schema: a section into its keys, a mapping into its entries after emptying it.

    ``lines`` knows the line on which a key is written in a file, by the names as they are written.
    """
    yield from _expanded(path, value, origin, lines or {}, path, None)


def _expanded(
    path: KeyPath, value: Any, origin: str, lines: Lines, written: KeyPath, line: int | None
) -> Iterator[Assignment]:
    if len(path) > MOST_PARTS:
        raise ConfigError(f"A key has at most {MOST_PARTS} parts", where=origin)
    line = lines.get(written, line)  # what an alias stands for has its lines elsewhere
    key, where = all_keys().get(".".join(path)), f"{origin}:{line}" if line else origin
    kind = key.kind if key else None
    is_section = not path or kind == "section"
    if is_section and value is None:
        return
    if not isinstance(value, Mapping) or not (is_section or kind == "mapping"):
        yield Assignment(path, value, origin, where)
        return
    if kind == "mapping":
        yield Assignment(path, {}, origin, where)
    for name, part in value.items():
        names = split_key(str(name), under=path) if is_section else (str(name),)
        yield from _expanded((*path, *names), part, origin, lines, (*written, str(name)), line)


def _path_of(variable: str) -> KeyPath:
    """Find the path that a variable names; one that names no key stands for itself."""
    parts = tuple(variable.removeprefix(PREFIX).split("__"))
    lowered = tuple(part.lower() for part in parts)
    key = find_key(lowered)
    if key is None:
        return (variable,)
    depth = key.name.count(".") + 1
    return (*lowered[:depth], *parts[depth:])
