"""``features.json``: the processed features, in the order of the matrix, and where each comes from."""

from __future__ import annotations

from typing import Literal

from phishcli.documents.base import Document, Part
from phishcli.documents.schema import Role

Kind = Literal["value", "indicator", "category", "share", "code", "count", "score"]
NumericScale = Literal["robust", "standard", "minmax", "quantile", "none", "published"]
"""``robust``: by median and quartile distance, or the standard deviation where the distance is zero or tiny;
``standard``: by mean and standard deviation; ``minmax``: to 0 and 1; ``quantile``: to the share of training values
below; ``none``: as it is; ``published``: as scikit-learn's RobustScaler, which leaves a column unscaled where the
quartile distance is zero or below 2e-15."""
Impute = Literal["median", "mean", "zero", "none"]
"""What a missing number becomes; ``none``: it stays missing, which only some models take."""
Encode = Literal["onehot", "ordinal", "target", "count"]
"""What a category becomes: a column of its own; its place in the alphabet; the share of positive rows that have it; the
logarithm of the number of rows that have it."""


class Feature(Part, frozen=True, kw_only=True):
    """One column of the matrix.

    ``name`` is unique; ``column`` is the column of the source. ``kind`` is ``value`` for a scaled number, ``indicator``
    for the mark of a missing value, ``category`` for one category of the column, ``share`` for the share of positive
    rows among those with the same value, ``code`` and ``count`` for other numbers of categories, ``score`` for that of
    a text. ``category`` is the text of a category; None where a missing value is the category, and for all else.
    ``distinct`` is the number of different values of a number in the training part, as ``load`` stores them, and
    ``kept`` how many of them are different in the matrix; None where none were lost.
    """

    name: str
    column: str
    role: Role
    kind: Kind
    category: str | None = None
    distinct: int | None = None
    kept: int | None = None


class Strategy(Part, frozen=True, kw_only=True):
    """How columns become features, in the folds as well: the settings of ``preprocess`` that concern that.

    ``clip`` is the share of the values at either end that are limited, ``log`` whether numbers become the inverse
    hyperbolic sine of themselves, a logarithm that knows zero and negative numbers.
    """

    impute: Impute = "median"
    clip: float | None = None
    log: bool = False
    scale: NumericScale = "robust"
    encode: Encode = "onehot"


class Features(Document, frozen=True, kw_only=True):
    """All processed features, and how they are made."""

    features: tuple[Feature, ...]
    strategy: Strategy = Strategy()

    def __len__(self) -> int:
        return len(self.features)

    @property
    def names(self) -> list[str]:
        """The names of the processed features in their order."""
        return [feature.name for feature in self.features]
