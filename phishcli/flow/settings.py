"""The settings of a stage as plain values: what of them enters its fingerprint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields, is_dataclass
from pathlib import PurePath
from typing import Any

from msgspec import Struct

_INFORMATIVE = {"shapes": False}


def informative() -> Any:
    """A field of settings that is only passed on to people: it shapes no result and makes nothing stale."""
    return field(metadata=_INFORMATIVE)


def fingerprinted(settings: Any) -> dict[str, Any]:
    """The settings of a stage, a frozen dataclass or None, as plain JSON values without informative ones."""
    if settings is None:
        return {}
    return {
        each.name: _plain(getattr(settings, each.name))
        for each in fields(settings)
        if each.metadata.get("shapes", True)
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "model_fields_set"):  # a section; pydantic's own way would build its serializers at every start
        return {name: _plain(inner) for name, inner in vars(value).items()}
    if is_dataclass(value):
        return fingerprinted(value)
    if isinstance(value, Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, PurePath):
        return str(value)
    return [_plain(inner) for inner in value] if isinstance(value, tuple | list) else value
