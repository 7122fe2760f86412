"""``encoder.json`` of a release: how read columns become the matrix that its models see, as plain data."""

from __future__ import annotations

from typing import Literal

from phishcli.documents.base import Document, Part

Real = float | Literal["inf", "-inf", "nan"]
"""A number, or the text of one that JSON cannot write: medians and quartile distances of huge values overflow."""


class Pair(Part, frozen=True, kw_only=True):
    """Two numeric columns that make a third: their product, or the ratio of the first and the second.

    It is missing where one of them is, or where it is no finite number.
    """

    left: str
    right: str
    how: Literal["product", "ratio"]

    @property
    def name(self) -> str:
        """``a * b`` or ``a / b``."""
        return f"{self.left} {'*' if self.how == 'product' else '/'} {self.right}"


class Scaling(Part, frozen=True, kw_only=True):
    """One numeric column: a missing value becomes ``impute``, then ``(value - center) / scale`` in float64.

    Before that a value is limited to ``low`` and ``high`` (None: it is not), and with ``log`` becomes its inverse
    hyperbolic sine. With ``quantiles`` it becomes the share of training values below it, between 0 and 1. With a
    ``pair`` the values are not those of a column, but made of two.
    """

    column: str
    impute: Real
    center: Real
    scale: Real
    low: float | None = None
    high: float | None = None
    log: bool = False
    quantiles: tuple[float, ...] = ()
    pair: Pair | None = None

    @property
    def is_plain(self) -> bool:
        """Whether a value is only shifted and scaled."""
        return self.low is None and self.high is None and not self.log and not self.quantiles


class OneHot(Part, frozen=True, kw_only=True):
    """One categorical column: a 0/1 output for each category but the first, and a last one for all ``rare`` ones.

    ``categories`` are those of the training part in their order; None stands for a missing value. A value that is not
    among them counts as rare where any is, or else gives zeros, as the first category does.
    """

    column: str
    categories: tuple[str | None, ...]
    rare: tuple[str | None, ...] = ()

    @property
    def width(self) -> int:
        """The number of outputs."""
        return max(len(self.categories) + bool(self.rare) - 1, 0)

    @property
    def other(self) -> int:
        """The place of a value that is not among the categories; the place 0 has no output."""
        return len(self.categories) if self.rare else 0

    def places(self) -> dict[str | None, int]:
        """The place of each category."""
        found: dict[str | None, int] = {name: place for place, name in enumerate(self.categories)}
        return found | dict.fromkeys(self.rare, self.other)


class Learned(Part, frozen=True, kw_only=True):
    """One column that was learned from labels: a value becomes a number, then ``(number - center) / scale``."""

    column: str
    center: Real
    scale: Real


class Shares(Learned, frozen=True, kw_only=True, tag="shares"):
    """Names: the number of each of ``values`` (such as its share of positive rows), of a missing one, of others."""

    values: tuple[str, ...]
    shares: tuple[float, ...]
    missing: Real
    other: Real


class Score(Learned, frozen=True, kw_only=True, tag="score"):
    """Texts: see `phishcli.features.text_score`.

    ``characters`` and ``words`` say which n-grams count. ``buckets`` (int32, rising), ``idf`` and ``weights`` (float32)
    are arrays of the same length as bytes, little-endian; an n-gram of another bucket does not count.
    """

    characters: tuple[int, ...]
    words: tuple[int, ...]
    buckets: bytes
    idf: bytes
    weights: bytes
    intercept: float


class Encoder(Document, frozen=True, kw_only=True):
    """All columns: the outputs of ``numeric``, of ``categorical``, then of ``learned``, each in the order given here.

    ``kept`` are the places of those outputs that remain (None: all), and ``outputs`` the names of these processed
    features in that order. Every output is limited to -``limit`` and ``limit``, the range of float32, and then rounded
    to it.
    """

    numeric: tuple[Scaling, ...]
    categorical: tuple[OneHot, ...]
    outputs: tuple[str, ...]
    limit: float
    learned: tuple[Shares | Score, ...] = ()
    kept: tuple[int, ...] | None = None
