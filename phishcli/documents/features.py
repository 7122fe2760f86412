"""``features.json``: the processed features, in the order of the matrix, and where each comes from."""

from __future__ import annotations

from typing import Literal

from phishcli.documents.base import Document, Part
from phishcli.documents.schema import Role

Kind = Literal["value", "indicator", "category", "share", "score"]
NumericScale = Literal["robust", "standard", "published"]
"""``robust``: by median and quartile distance, or the standard deviation where the distance is zero or tiny;
``standard``: by mean and standard deviation; ``published``: as scikit-learn's RobustScaler, which leaves a column
unscaled where the quartile distance is zero or below 2e-15."""


class Feature(Part, frozen=True, kw_only=True):
    """One column of the matrix.

    ``name`` is unique; ``column`` is the column of the source. ``kind`` is ``value`` for a scaled number, ``indicator``
    for the mark of a missing value, ``category`` for one category of the column, ``share`` for the share of positive
    rows among those with the same value, ``score`` for that of a text. ``category`` is the text of a category; None
    where a missing value is the category, and for all else. ``distinct`` is the number of different values of a number
    in the training part, as ``load`` stores them, and ``kept`` how many of them are different in the matrix; None where
    none were lost.
    """

    name: str
    column: str
    role: Role
    kind: Kind
    category: str | None = None
    distinct: int | None = None
    kept: int | None = None


class Features(Document, frozen=True, kw_only=True):
    """All processed features; ``scale`` says how numbers are scaled, in the folds as well."""

    features: tuple[Feature, ...]
    scale: NumericScale = "robust"

    def __len__(self) -> int:
        return len(self.features)

    @property
    def names(self) -> list[str]:
        """The names of the processed features in their order."""
        return [feature.name for feature in self.features]
