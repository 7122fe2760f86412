"""``schema.json``: what a table is, its target, its columns; enough to bring raw rows into the same form again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from phishcli.documents.base import Document, Part

Label = bool | int | float | str
Role = Literal["numeric", "categorical", "high_cardinality", "text", "source"]
"""``high_cardinality``: names of many values, of which the share of positive rows is learned; ``text``: of which a
score is learned; ``source``: no feature itself, other columns are derived from it."""


class Written(Part, frozen=True):
    """How the numbers of a text column are written in the source.

    ``missing`` are the texts that stand for a missing value, ``decimal`` is the decimal mark, ``thousands`` what groups
    digits, ``percent`` whether a percent sign follows (which changes no value).
    """

    missing: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    percent: bool = False


class Derived(Part, frozen=True, kw_only=True):
    """Where a derived column comes from: one column and its kind, or two dates that are subtracted (kind None)."""

    of: tuple[str, ...]
    part: str
    kind: str | None = None


class Column(Part, frozen=True, kw_only=True):
    """One feature, or a column of the source that features are derived from.

    ``dtype`` is the Arrow type in the source, ``missing`` the number of missing values. ``categories`` are the known
    texts of a categorical column, sorted. ``indicator_of`` names the column whose missing values this one marks; it is
    None for columns of the source. ``written`` says how a text column writes its numbers, where that is not plain.
    ``kind`` is what a text holds (`phishcli.features.kinds`) and ``form`` how it writes that, where there are several
    ways; ``derived`` is None for columns of the source.
    """

    name: str
    role: Role
    dtype: str
    missing: int = 0
    categories: tuple[str, ...] = ()
    indicator_of: str | None = None
    written: Written | None = None
    kind: str | None = None
    form: str | None = None
    derived: Derived | None = None


class Cleaning(Part, frozen=True, kw_only=True):
    """Which cleaning is on: the section ``load.clean`` of the configuration."""

    strip_categories: bool = False
    negative_counts: bool = False
    drop_duplicates: bool = False


class Schema(Document, frozen=True, kw_only=True):
    """What ``load`` found out about a table.

    ``synthetic`` marks the built-in sample. ``table`` is the name of the table in its database, None for a file.
    ``positive_label`` and ``negative_label`` are stored as in the source; ``label_counts`` has the rows of each, by its
    text. ``set_aside`` gives the reason for each column that is no feature. ``missing_words`` are the texts that the
    reader of the source took as missing. ``cleaned`` gives, for each cleaning that is on, the number of rows or values
    that it changed. ``unlabelled`` counts the rows that were left out because they have no label. Where a class has
    several labels its label is a name for them, and ``merged`` gives the rows of each.
    """

    synthetic: bool
    table: str | None
    rows: int
    target: str
    positive_label: Label
    negative_label: Label
    label_counts: Mapping[str, int]
    columns: tuple[Column, ...]
    set_aside: Mapping[str, str]
    clean: Cleaning
    missing_words: tuple[str, ...] = ()
    cleaned: Mapping[str, int] = msgspec.field(default_factory=dict)
    unlabelled: int = 0
    merged: Mapping[str, Mapping[str, int]] = msgspec.field(default_factory=dict)

    def names(self, role: Role | None = None) -> list[str]:
        """Feature names in the order of the table, of one role or all."""
        return [column.name for column in self.columns if role in (None, column.role)]

    def used(self) -> list[Column]:
        """The columns that are features: all but those of the source from which others are derived."""
        return [column for column in self.columns if column.role != "source"]

    def given(self) -> list[Column]:
        """The columns that a raw row holds: those of the source that are used."""
        return [column for column in self.columns if column.indicator_of is None and column.derived is None]

    def features(self) -> list[Column]:
        """The columns that a model learns from, indicators aside: given or derived."""
        return [column for column in self.columns if column.indicator_of is None and column.role != "source"]

    @property
    def positives(self) -> int:
        """The number of rows of the positive class."""
        return self.label_counts[str(self.positive_label)]
