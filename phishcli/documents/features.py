"""``features.json``: the processed features, in the order of the matrix, and where each comes from."""

from __future__ import annotations

from typing import Literal

from phishcli.documents.base import Document, Part
from phishcli.documents.schema import Role

Kind = Literal["value", "indicator", "category"]


class Feature(Part, frozen=True, kw_only=True):
    """One column of the matrix.

    ``name`` is unique; ``column`` is the column of the source. ``kind`` is ``value`` for a scaled number, ``indicator``
    for the mark of a missing value, ``category`` for one category of the column. ``category`` is its text; None where
    a missing value is the category, and for numbers.
    """

    name: str
    column: str
    role: Role
    kind: Kind
    category: str | None = None


class Features(Document, frozen=True, kw_only=True):
    """All processed features."""

    features: tuple[Feature, ...]

    def __len__(self) -> int:
        return len(self.features)

    @property
    def names(self) -> list[str]:
        """The names of the processed features in their order."""
        return [feature.name for feature in self.features]
