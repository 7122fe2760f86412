"""Kinds of columns beyond numbers and categories, one file each: what can be read off a web address, a date, a text.

To add a kind, add one file here with ``KIND = Kind(...)``; it is discovered. What a kind derives is computed by the
same function in training and in ``predict``, one value at a time, without any look-up.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from phishcli.features.kinds.kind import Kind, Part, PartValue
from phishcli.features.ngrams import Grams

if TYPE_CHECKING:
    from phishcli.documents.schema import Column

__all__ = ["Kind", "Part", "PartValue", "get", "grams_of", "registry"]

SHARED = ("brands", "host", "kind", "shape")
"""Modules of this package that hold no kind."""


@cache
def registry() -> dict[str, Kind]:
    """The kinds by name, in the order in which they are tried."""
    names = [found.name for found in iter_modules(__path__) if found.name not in SHARED]
    kinds: list[Kind] = [import_module(f"{__name__}.{name}").KIND for name in names]
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: (kind.rank, kind.name))}


def get(name: str) -> Kind:
    """A kind that exists."""
    return registry()[name]


def grams_of(column: Column) -> Grams:
    """The n-grams that count in a column of texts."""
    found = registry()[column.kind].grams if column.kind else None
    return found or Grams(characters=(3, 4, 5), words=(1, 2))
