"""``profile.json`` of a release: what training rows usually hold, column by column."""

from __future__ import annotations

from collections.abc import Mapping

from phishcli.documents.base import Document, Part


class NumberProfile(Part, frozen=True, kw_only=True):
    """A numeric column of the source in the training rows.

    ``missing`` is the share of rows without a value. ``quantiles`` are the values at equal steps from the smallest to
    the largest one, interpolated linearly; empty where no row has a value.
    """

    missing: float
    quantiles: tuple[float, ...]

    @property
    def median(self) -> float | None:
        """The middle value; None where no row has one."""
        return self.quantiles[len(self.quantiles) // 2] if self.quantiles else None

    @property
    def range(self) -> tuple[float, float] | None:
        """The smallest and the largest value; None where no row has one."""
        return (self.quantiles[0], self.quantiles[-1]) if self.quantiles else None


class TextProfile(Part, frozen=True, kw_only=True):
    """A categorical column of the source in the training rows: the share without a value, and the rows per category.

    ``counts`` starts with the most frequent category.
    """

    missing: float
    counts: Mapping[str, int]

    @property
    def usual(self) -> str | None:
        """The most frequent category; None where no row has a value."""
        return next(iter(self.counts), None)


class Profile(Document, frozen=True, kw_only=True):
    """All columns of the source that the models need, by name; ``rows`` is the number of training rows."""

    rows: int
    numeric: Mapping[str, NumberProfile]
    categorical: Mapping[str, TextProfile]
