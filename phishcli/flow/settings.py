"""The settings of a stage: sections cut down to what it declares, and what of them enters its fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from phishcli.config.schema import Section

S = TypeVar("S", bound="Section")

_INFORMATIVE = {"shapes": False}


def only(section: S, *names: str) -> S:
    """Copy a section with these fields alone; reading any other raises `AttributeError`."""
    return without(section, *(type(section).model_fields.keys() - set(names)))


def without(section: S, *names: str) -> S:
    """Copy a section without these fields; reading one of them raises `AttributeError`."""
    pruned = section.model_copy()
    for name in names:
        del pruned.__dict__[name]
    return pruned


def informative() -> Any:
    """A field of settings that is only passed on to people: it shapes no result and makes nothing stale."""
    return field(metadata=_INFORMATIVE)


def fingerprinted(settings: Any) -> dict[str, Any]:
    """The settings of a stage, a frozen dataclass, as plain JSON values without informative ones."""
    return {
        each.name: _plain(getattr(settings, each.name))
        for each in fields(settings)
        if each.metadata.get("shapes", True)
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):  # a section; importing pydantic to ask for its type would slow every start
        return value.model_dump(mode="json")
    if is_dataclass(value):
        return fingerprinted(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple | list) else value
