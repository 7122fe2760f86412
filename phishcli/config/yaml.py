"""YAML as files mean it today: version 1.2 for booleans and numbers, line numbers kept, nothing written twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import yaml

from phishcli.errors import ConfigError

KeyPath = tuple[str, ...]

_TAG = "tag:yaml.org,2002:"
_INT = r"[-+]?(?:0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+"
_NUMBER = r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_NOT_FINITE = r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
_SCALARS = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (_INT, list("-+0123456789")),
    "float": (f"{_NUMBER}|{_NOT_FINITE}", list("-+.0123456789")),
}
"""The core schema of YAML 1.2.2 (section 10.3.2), each with its first characters; only ``007`` stays text: a label."""
_PLAIN = {_TAG + name for name in (*_SCALARS, "str", "seq", "map")}


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]  # one of two classes, chosen at run time
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


class _Dumper(yaml.SafeDumper):
    """Quotes what either version of YAML would read as something else than text."""


for _name, (_pattern, _first) in _SCALARS.items():
    _compiled = re.compile(f"^(?:{_pattern})$")
    _Loader.add_implicit_resolver(_TAG + _name, _compiled, _first)
    _Dumper.add_implicit_resolver(_TAG + _name, _compiled, _first)
_Dumper.add_representer(tuple, yaml.SafeDumper.represent_list)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Escape line breaks, which would be folded away in any other style."""
    return dumper.represent_scalar(f"{_TAG}str", text, style='"' if set(text) & set("\n\x85\u2028\u2029") else None)


_Dumper.add_representer(str, _represent_text)


@dataclass(frozen=True)
class Document:
    """What a YAML text says, and the line (from 1) of every key in it."""

    value: Any
    lines: Mapping[KeyPath, int] = field(default_factory=dict)


def parse(text: str, *, where: str) -> Document:
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
        If it is not YAML, holds a key twice, or asks for values beyond mappings, lists, text, numbers and booleans.
    """
    at = partial(_at, where, one_line="\n" not in text)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        lines = dict(_keys(node, at)) if node else {}
        return Document(loader.construct_document(node) if node else None, lines)
    except yaml.YAMLError as error:
        raise _syntax_error(error, at) from error
    except RecursionError as error:
        raise ConfigError("The YAML is nested too deeply", where=where) from error
    except ValueError as error:  # a number of thousands of digits, bytes that are no text
        raise ConfigError(f"Not valid YAML: {error}", where=where) from error


def parse_value(text: str, *, where: str = "the command line") -> Any:
    """Read one value as YAML, as ``--set`` does: ``4``, ``null``, ``[a, b]``, ``{low: 1, high: 9}``."""
    return parse(text, where=where).value


def dump(value: Any) -> str:
    """Write plain values as YAML, keys in their order; reading it gives them back (tuples as lists)."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)


def one_line(value: Any) -> str:
    """Write a value as YAML on one line, in the form that ``--set`` accepts."""
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**9, default_flow_style=True)
    return text.removesuffix("...\n").rstrip("\n")


def _keys(node: yaml.Node, at: Callable[[Any], str], path: KeyPath = ()) -> Iterator[tuple[KeyPath, int]]:
    """Walk over all keys of a document, and refuse what would be lost or misread when it becomes Python values."""
    if node.tag not in _PLAIN:
        tag = node.tag.replace(_TAG, "!!")
        raise ConfigError(f"The tag {tag} is not allowed", where=at(node.start_mark), hint="Write a plain value.")
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _keys(item, at, path)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            name, mark = str(key.value), key.start_mark
            if (key.tag, name) in seen:
                raise ConfigError(f"The key {name!r} stands twice", where=at(mark), hint="Keep one of the two.")
            seen.add((key.tag, name))
            yield (*path, name), mark.line + 1
            yield from _keys(value, at, (*path, name))


def _at(where: str, mark: Any, *, one_line: bool) -> str:
    """Name a place: line and column, both from 1, unless all stands on one line."""
    return where if one_line or mark is None else f"{where}:{mark.line + 1}:{mark.column + 1}"


def _syntax_error(error: yaml.YAMLError, at: Callable[[Any], str]) -> ConfigError:
    what = getattr(error, "problem", None) or str(error).splitlines()[0]
    return ConfigError(
        f"Not valid YAML: {what}",
        where=at(getattr(error, "problem_mark", None)),
        hint="Indent with blanks, and put text with special characters in quotes.",
    )
