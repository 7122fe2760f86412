"""Features of saved HTML pages, extracted from the file and its address alone; nothing is opened or looked up.

To add a feature, add a `Feature` to ``FEATURES`` of the module where it belongs (lines, behavior, links, head, forms,
parts), a tiny page with the value that you derive by hand to ``tests/features/pages/test_definitions.py``, and run
``make docs``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from phishcli.features.pages.feature import Feature, Kind, Value

__all__ = ["Feature", "Kind", "Value", "registry"]

GROUPS = ("lines", "behavior", "links", "head", "forms", "parts")
"""The modules that hold features, in the order of their columns."""


@cache
def registry() -> dict[str, Feature]:
    """The features by name, in the order of their columns."""
    groups: list[tuple[Feature, ...]] = [import_module(f"{__name__}.{name}").FEATURES for name in GROUPS]
    return {feature.name: feature for group in groups for feature in group}
