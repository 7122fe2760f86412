"""YAML in and out: version 1.2 for booleans and numbers, line numbers kept, no key twice, everything bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import yaml

from phishcli.config.key_paths import KeyPath
from phishcli.config.scalars import PATTERNS, plain_scalar
from phishcli.errors import ConfigError

MOST_VALUES = 10_000
"""Keys and values of one text; an alias counts as much as what it stands for."""
DEEPEST = 32
"""Levels of nesting; our own deepest setting has seven."""

_TAG = "tag:yaml.org,2002:"


class Parsed(msgspec.Struct, frozen=True):
    """What a YAML text says, and the line (from 1) of every key that is written in it."""

    value: Any
    lines: Mapping[KeyPath, int]


def parse(text: str, *, where: str) -> Parsed:
    """Read one YAML document; only ``true`` and ``false`` are booleans, and ``1e-3`` is a number.

    Parameters
    ----------
    text
        The YAML text; an empty one is None.
    where
        What an error calls it: the name of a file or of a variable.

    Raises
    ------
    ConfigError
        If it is not YAML, holds a key twice, asks for values beyond mappings, lists, text, numbers and booleans, or is
        deeper or larger than a configuration can be.
    """
    place = _Place(where, one_line="\n" not in text)
    try:
        reader = _Reader(yaml.parse(text, Loader=_LOADER), place)
        return Parsed(reader.document(), reader.lines)
    except yaml.YAMLError as error:
        raise _syntax_error(error, place) from error
    except ValueError as error:  # a number of thousands of digits, bytes that are no text
        raise ConfigError(f"Not valid YAML: {error}", where=where) from error


def dump(value: Any) -> str:
    """Write plain values as YAML, keys in their order; reading it gives them back (tuples as lists)."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)


def one_line(value: Any) -> str:
    """Write a value as YAML on one line, in the form that ``--set`` accepts."""
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**9, default_flow_style=True)
    return text.removesuffix("...\n").rstrip("\n")


class _Place(msgspec.Struct, frozen=True):
    """Names places in a text: line and column, both from 1, unless all of it stands on one line."""

    where: str
    one_line: bool

    def at(self, mark: Any) -> str:
        return self.where if self.one_line or mark is None else f"{self.where}:{mark.line + 1}:{mark.column + 1}"


class _Reader:
    """Builds values from the parser's events one by one, and stops where a text becomes deeper or larger than allowed.

    PyYAML's own composer has no bounds: deep nesting overruns the stack, and aliases of aliases are walked for ever.
    """

    def __init__(self, events: Iterator[yaml.Event], place: _Place) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._events, self._place = events, place
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._values = 0

    def document(self) -> Any:
        """Give the value of the only document, None if there is none."""
        next(self._events)
        if not isinstance(next(self._events), yaml.DocumentStartEvent):
            return None
        value = self._value(next(self._events), (), 0)
        next(self._events)
        if isinstance(event := next(self._events), yaml.DocumentStartEvent):
            raise self._error("Not valid YAML: another document begins here", event)
        return value

    def _value(self, event: Any, path: KeyPath, depth: int) -> Any:
        self._count(1)
        if depth > DEEPEST:
            raise self._error(f"The YAML is nested too deeply: more than {DEEPEST} levels", event)
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event)
        if event.tag not in (None, f"{_TAG}str"):
            tag = event.tag.replace(_TAG, "!!")
            raise self._error(f"The tag {tag} is not allowed", event, hint="Write a plain value.")
        if event.anchor is None:
            return self._content(event, path, depth)
        self._anchors[event.anchor], before = None, self._values
        value = self._content(event, path, depth)
        self._anchors[event.anchor] = (value, self._values - before)
        return value

    def _content(self, event: Any, path: KeyPath, depth: int) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return dict(self._pairs(path, depth + 1))
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._value(item, path, depth + 1) for item in self._until(yaml.SequenceEndEvent)]
        return plain_scalar(event.value) if event.implicit[0] else event.value

    def _pairs(self, path: KeyPath, depth: int) -> Iterator[tuple[Any, Any]]:
        seen = set()
        for event in self._until(yaml.MappingEndEvent):
            key = self._value(event, path, depth)
            if isinstance(key, list | dict):
                raise self._error("Not valid YAML: a list or a mapping cannot be a key", event)
            if key in seen:
                raise self._error(f"Duplicate key {str(key)!r}", event, hint="Keep one of the two.")
            seen.add(key)
            inner = (*path, str(key))
            self.lines[inner] = event.start_mark.line + 1
            yield key, self._value(next(self._events), inner, depth)

    def _until(self, end: type[yaml.Event]) -> Iterator[Any]:
        while not isinstance(event := next(self._events), end):
            yield event

    def _aliased(self, event: yaml.AliasEvent) -> Any:
        if event.anchor not in self._anchors:
            raise self._error(f"Not valid YAML: *{event.anchor} stands for nothing above it", event)
        if (found := self._anchors[event.anchor]) is None:
            raise self._error(f"The YAML is nested too deeply: &{event.anchor} contains itself", event)
        value, size = found
        self._count(size)
        return value

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > MOST_VALUES:
            raise ConfigError(f"The YAML holds more than {MOST_VALUES:,} values", where=self._place.where)

    def _error(self, what: str, event: yaml.Event, hint: str | None = None) -> ConfigError:
        return ConfigError(what, where=self._place.at(event.start_mark), hint=hint)


def _syntax_error(error: yaml.YAMLError, place: _Place) -> ConfigError:
    what = getattr(error, "problem", None) or str(error).splitlines()[0]
    return ConfigError(
        f"Not valid YAML: {what}",
        where=place.at(getattr(error, "problem_mark", None)),
        hint="Indent with blanks, and put text with special characters in quotes.",
    )


_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class _Dumper(yaml.SafeDumper):
    """Quotes what either version of YAML would read as something else than text."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Escape line breaks, which would be folded away in any other style."""
    return dumper.represent_scalar(f"{_TAG}str", text, style='"' if set(text) & set("\n\x85\u2028\u2029") else None)


for _kind, _pattern in PATTERNS.items():
    _Dumper.add_implicit_resolver(f"{_TAG}{_kind}", re.compile(rf"(?:{_pattern})\Z"), None)
_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(tuple, yaml.SafeDumper.represent_list)
