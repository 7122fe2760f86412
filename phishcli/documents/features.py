"""``features.json``: the processed features, in the order of the matrix, and where each comes from."""

from __future__ import annotations

from typing import Literal

from phishcli.documents.base import Document, Part
from phishcli.documents.schema import Role

Kind = Literal["value", "indicator", "interaction", "category", "rare", "share", "code", "count", "score"]
NumericScale = Literal["robust", "standard", "minmax", "quantile", "none", "published"]
"""``robust``: by median and quartile distance, or the standard deviation where the distance is zero or tiny;
``standard``: by mean and standard deviation; ``minmax``: to 0 and 1; ``quantile``: to the share of training values
below; ``none``: as it is; ``published``: as scikit-learn's RobustScaler, which leaves a column unscaled where the
quartile distance is zero or below 2e-15."""
Impute = Literal["median", "mean", "zero", "none"]
"""What a missing number becomes; ``none``: it stays missing, which only some models take."""
Encode = Literal["onehot", "ordinal", "target", "count", "native"]
"""What a category becomes: a column of its own; its place in the alphabet; the share of positive rows that have it; the
logarithm of the number of rows that have it; a code, which the model knows to be a category."""
SelectBy = Literal["none", "variance", "information", "model"]
"""What the outputs are ranked by of which some are kept: their variance; their mutual information with the class; the
importance that a forest gives them."""
Balance = Literal["none", "weights", "over", "under"]
"""Whether classes count alike: by weights of the rows; by repeating rows of the rarer class; by leaving out rows of the
other."""


class Feature(Part, frozen=True, kw_only=True):
    """One column of the matrix.

    ``name`` is unique; ``column`` is the column of the source. ``kind`` is ``value`` for a scaled number, ``indicator``
    for the mark of a missing value, ``interaction`` for a product or ratio of two numbers, ``category`` for one
    category of the column, ``rare`` for all its rare ones together, ``share`` for the share of positive rows among
    those with the same value, ``code`` and ``count`` for other numbers of categories, ``score`` for that of a text.
    ``category`` is the text of a category; None where a missing value is the category, and for all else. The ``column``
    of an interaction is its name.
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
    hyperbolic sine of themselves, a logarithm that knows zero and negative numbers. ``rare`` is the number of rows
    (from 1 on) or the share of them below which categories are merged into one; ``interactions`` how many products and
    ratios of numbers are added at most; ``keep`` the number (from 1 on) or the share of the outputs that ``select``
    leaves.
    """

    impute: Impute = "median"
    clip: float | None = None
    log: bool = False
    scale: NumericScale = "robust"
    encode: Encode = "onehot"
    rare: float | None = None
    interactions: int = 0
    select: SelectBy = "none"
    keep: float = 0.5
    balance: Balance = "none"

    @property
    def said(self) -> str:
        """What differs from the default, such as ``scale none, encode native``; nothing for the default itself."""
        pairs = ((name, getattr(self, name), getattr(DEFAULT, name)) for name in self.__struct_fields__)
        return ", ".join(f"{name} {_word(own)}" for name, own, usual in pairs if own != usual)


DEFAULT = Strategy()


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else "none" if value is None else str(value)


class View(Part, frozen=True, kw_only=True):
    """What models of one strategy see of the matrix: its columns at ``places``, in that order.

    ``categories`` are positions among those: the columns that hold codes of categories.
    """

    strategy: Strategy
    places: tuple[int, ...]
    categories: tuple[int, ...] = ()


class Features(Document, frozen=True, kw_only=True):
    """All processed features, and the view of each strategy; together the views cover all features."""

    features: tuple[Feature, ...]
    views: tuple[View, ...] = ()

    @property
    def strategies(self) -> tuple[Strategy, ...]:
        """The strategies by which features were made."""
        return tuple(view.strategy for view in self.views)

    def __len__(self) -> int:
        return len(self.features)

    @property
    def names(self) -> list[str]:
        """The names of the processed features in their order."""
        return [feature.name for feature in self.features]
