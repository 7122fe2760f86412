"""The keys of the configuration, as the schema declares them, and the nearest ones to a wrong name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

import msgspec

from phishcli.config.schema import Config, Section

PLAIN_VALUE = re.compile(r"[\w.+-]+")
"""Values that neither YAML nor a shell takes for anything else."""
KeyPath = tuple[str, ...]
"""The parts of a dotted key."""
Kind = Literal["section", "mapping", "rule", "text", "value"]


class Key(msgspec.Struct, frozen=True):
    """One key.

    A ``mapping`` takes any names (``train.params``), ``text`` takes text only, and a ``rule`` is a value or a small
    mapping (``evaluate.threshold``). A ``flat`` mapping has no mappings in it (``audit.ignore``); one of sections
    (``preprocess.models``) knows their type.
    """

    name: str
    kind: Kind
    title: str
    flat: bool = False
    sections: type[Section] | None = None


@cache
def all_keys() -> dict[str, Key]:
    """List every section and key by its dotted name, in the order of the schema."""
    return {key.name: key for key in _walk(Config)}


def find_key(path: Iterable[str]) -> Key | None:
    """Find the key that a path leads to; within a mapping or a rule that is the key of the whole."""
    name = ""
    for part in path:
        name = f"{name}.{part}" if name else part
        key = all_keys().get(name)
        if key is None or key.kind in ("mapping", "rule"):
            return key
    return all_keys().get(name)


def split_key(text: str, under: KeyPath = ()) -> KeyPath:
    """Split a dotted key into its parts; a name in a flat mapping may have dots, as names of columns do."""
    parts = tuple(part.strip() for part in text.split("."))
    for depth in range(1, len(parts)):
        key = all_keys().get(".".join((*under, *parts[:depth])))
        if key is not None and key.flat:
            return (*parts[:depth], text.split(".", depth)[depth].strip())
    return parts


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Find the name that was probably meant, ignoring case, or None."""
    from difflib import get_close_matches

    lowered = {candidate.lower(): candidate for candidate in names}
    found = get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def nearest_keys(path: KeyPath) -> list[str]:
    """Find the keys that were probably meant: those with the same last name elsewhere, or else the most similar one."""
    inside, keys = _beside(path)
    found = [key for key in keys if key.rpartition(".")[2] == path[-1]]
    if not found and (close := nearest(".".join(path[len(inside) :]), keys)):
        found = [close]
    return [".".join((*inside, key)) for key in found]


def _beside(path: KeyPath) -> tuple[KeyPath, list[str]]:
    """The keys that a path might mean, and what comes before each: in a mapping of sections the path to the section."""
    mapping = find_key(path)
    if mapping is None or mapping.sections is None:
        return (), list(all_keys())
    return path[: mapping.name.count(".") + 2], [key.name for key in _walk(mapping.sections)]


def known_values(name: str) -> list[str]:
    """List the values that a key can have, as YAML writes them; where they are many, its default if that is simple."""
    model: type[Section] = Config
    *sections, last = name.split(".")
    for section in sections:
        found = model.model_fields.get(section)
        if found is None or not isinstance(found.annotation, type) or not issubclass(found.annotation, Section):
            return []
        model = found.annotation
    field = model.model_fields.get(last)
    if field is None:
        return []
    few = list(dict.fromkeys(_values(field.annotation)))
    default = [str(field.default)] if isinstance(field.default, int | float | str) else []
    return [value for value in few or default if PLAIN_VALUE.fullmatch(value)]


def _values(annotation: Any) -> Iterator[str]:
    """The values of a ``Literal`` or a ``bool``, also as parts of a union or of an annotated type."""
    if annotation is bool:
        yield from ("true", "false")
    elif get_origin(annotation) is Literal:
        yield from (str(value) for value in get_args(annotation))
    elif get_origin(annotation) in (Union, UnionType, Annotated):
        for part in get_args(annotation):
            yield from _values(part)


def _walk(model: type[Section], prefix: str = "") -> Iterator[Key]:
    for field_name, field in model.model_fields.items():
        name, annotation = prefix + field_name, field.annotation
        yield Key(name, _kind(annotation), field.title or "", _is_flat(annotation), _sections_of(annotation))
        if _is_section(annotation):
            yield from _walk(cast("type[Section]", annotation), f"{name}.")


def _is_flat(annotation: Any) -> bool:
    if get_origin(annotation) is not dict:
        return False
    return get_origin(get_args(annotation)[1]) is not dict and _sections_of(annotation) is None


def _sections_of(annotation: Any) -> type[Section] | None:
    """What the values of a mapping are, where they are sections."""
    if get_origin(annotation) is not dict:
        return None
    values = get_args(annotation)[1]
    return next(filter(_is_section, (values, *get_args(values))), None)


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)


def _kind(annotation: Any) -> Kind:
    if _is_section(annotation):
        return "section"
    if get_origin(annotation) is dict:
        return "mapping"
    if any(_is_section(part) or get_origin(part) is dict for part in get_args(annotation)):
        return "rule"
    kinds = {getattr(kind, "__origin__", kind) for kind in get_args(annotation) or (annotation,)}
    return "text" if kinds <= {str, type(None)} else "value"
