"""``encoder.json`` of a release: how read columns become the matrix that its models see, as plain data."""

from __future__ import annotations

from typing import Literal

from phishcli.documents.base import Document, Part

Real = float | Literal["inf", "-inf", "nan"]
"""A number, or the text of one that JSON cannot write: medians and quartile distances of huge values overflow."""


class Scaling(Part, frozen=True, kw_only=True):
    """One numeric column: a missing value becomes ``impute``, then ``(value - center) / scale`` in float64."""

    column: str
    impute: Real
    center: Real
    scale: Real


class OneHot(Part, frozen=True, kw_only=True):
    """One categorical column: a 0/1 output for each category but the first.

    ``categories`` are those of the training part in their order; None stands for a missing value. A value that is not
    among them gives zeros, as the first one does.
    """

    column: str
    categories: tuple[str | None, ...]


class Encoder(Document, frozen=True, kw_only=True):
    """All columns: first the outputs of ``numeric``, then those of ``categorical``, each in the order given here.

    ``outputs`` are the names of the processed features in that order. Every output is limited to -``limit`` and
    ``limit``, the range of float32, and then rounded to it.
    """

    numeric: tuple[Scaling, ...]
    categorical: tuple[OneHot, ...]
    outputs: tuple[str, ...]
    limit: float
