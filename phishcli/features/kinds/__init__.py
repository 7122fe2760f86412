"""Kinds of columns beyond numbers and categories, one file each: what can be derived from a URL, a date, a text.

To add a kind, add one file here, say ``uuid.py``:

1. ``_derive(text, form)``, which gives the parts of one value and never fails, whatever the text; training and
   ``predict`` call it one value at a time, and it looks nothing up;
2. ``_recognize(distinct)``, which says whether all those texts are of this kind; the kind of the lowest rank wins;
3. ``KIND = Kind(name="uuid", title="UUIDs", parts=(Part("version", "version"),), derive=_derive,
   recognize=_recognize)``; it is discovered.

Then add its name to ``RoleName`` in ``phishcli/config/sections/load.py``, so that ``--role COLUMN=uuid`` knows it, and
raise the version of the stage `load`: columns of this kind were read otherwise before.
``tests/features/kinds/test_kinds.py`` checks the contract of all kinds; add values worked out by hand there. Run ``make
docs`` and ``python tests/test_stage_versions.py``.
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
