"""Sections of the settings cut down to what a stage depends on: what is left out cannot be read."""

from __future__ import annotations

from typing import TypeVar

from phishcli.config.schema import Section

S = TypeVar("S", bound=Section)


def only(section: S, *names: str) -> S:
    """Copy a section with these fields alone; reading any other raises `AttributeError`."""
    return without(section, *(type(section).model_fields.keys() - set(names)))


def without(section: S, *names: str) -> S:
    """Copy a section without these fields; reading one of them raises `AttributeError`."""
    pruned = section.model_copy()
    for name in names:
        del pruned.__dict__[name]
    return pruned
