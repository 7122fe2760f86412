"""``encoder.json`` of a release: how read columns become the matrix that its models see, as plain data."""

from __future__ import annotations

from typing import Literal

from phishcli.documents.base import Document, Part

Real = float | Literal["inf", "-inf", "nan"]
"""A number, or the text of one that JSON cannot write: medians and quartile distances of huge values overflow."""


class Scaling(Part, frozen=True, kw_only=True):
    """One numeric column: a missing value becomes ``impute``, then ``(value - center) / scale`` in float64.

    Before that a value is limited to ``low`` and ``high`` (None: it is not), and with ``log`` becomes its inverse
    hyperbolic sine. With ``quantiles`` it becomes the share of training values below it, between 0 and 1.
    """

    column: str
    impute: Real
    center: Real
    scale: Real
    low: float | None = None
    high: float | None = None
    log: bool = False
    quantiles: tuple[float, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether a value is only shifted and scaled."""
        return self.low is None and self.high is None and not self.log and not self.quantiles


class OneHot(Part, frozen=True, kw_only=True):
    """One categorical column: a 0/1 output for each category but the first.

    ``categories`` are those of the training part in their order; None stands for a missing value. A value that is not
    among them gives zeros, as the first one does.
    """

    column: str
    categories: tuple[str | None, ...]


class Learned(Part, frozen=True, kw_only=True):
    """One column that was learned from labels: a value becomes a number, then ``(number - center) / scale``."""

    column: str
    center: Real
    scale: Real


class Shares(Learned, frozen=True, kw_only=True, tag="shares"):
    """Names: the number of each of ``values`` (such as its share of positive rows), of a missing one, of others."""

    values: tuple[str, ...]
    shares: tuple[float, ...]
    missing: float
    other: float


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

    ``outputs`` are the names of the processed features in that order. Every output is limited to -``limit`` and
    ``limit``, the range of float32, and then rounded to it.
    """

    numeric: tuple[Scaling, ...]
    categorical: tuple[OneHot, ...]
    outputs: tuple[str, ...]
    limit: float
    learned: tuple[Shares | Score, ...] = ()
