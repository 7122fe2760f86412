"""The kinds of sources, one file each, discovered.

To add a kind, add one file here, say ``postgres.py``:

1. a class with what `phishcli.sources.source.Source` asks for: identity and batches;
2. ``KIND = SourceKind(matches=..., locate=..., locate_offline=...)``; ``matches`` recognizes what a user gives, and no
   text may match two kinds. ``locate_offline`` neither asks the network nor writes; a source without a copy in the
   cache may give ``locate`` for both.

It is discovered; ``tests/sources/test_kinds.py`` checks what all kinds promise. Add tests of your own beside it, and a
paragraph to "Sources" in ``docs/pipeline.md``. Modules are imported by every command that needs the source, so they
import what is heavy inside of functions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import msgspec

from phishcli.sources.source import Request, Source


def _no_copies(_: Path) -> list[Path]:
    return []


class SourceKind(msgspec.Struct, frozen=True):
    """One kind of source.

    Parameters
    ----------
    matches
        Whether a text names a source of this kind.
    locate
        Finds the source, brings it onto this disk where that is needed, and identifies its content.
    locate_offline
        The same without the network and without writing anything; None where `locate` would have to do either.
    kept
        Copies in a cache folder that are worth keeping whatever the source.
    fallback
        Whether it is asked only when no other kind matches.
    queries
        Whether ``load.query`` and ``load.version_query`` mean something to it.
    """

    matches: Callable[[str], bool]
    locate: Callable[[Request], Source]
    locate_offline: Callable[[Request], Source | None]
    kept: Callable[[Path], list[Path]] = _no_copies
    fallback: bool = False
    queries: bool = False


@cache
def kinds() -> tuple[SourceKind, ...]:
    """The ``KIND`` of every module in this package, fallbacks last."""
    found = [import_module(f"{__name__}.{module.name}").KIND for module in iter_modules(__path__)]
    return tuple(sorted(found, key=lambda kind: kind.fallback))


def kind_of(source: str) -> SourceKind:
    """The kind of a source, by what the user named."""
    return next(kind for kind in kinds() if kind.matches(source))
