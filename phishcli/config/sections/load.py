"""``load``: where the table comes from and what its columns mean."""

import codecs
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from phishcli.config.sections.section import Section
from phishcli.config.sections.values import MOST_WORK, Label, Names

RoleName = Literal[
    "numeric",
    "categorical",
    "high_cardinality",
    "date",
    "date-day-first",
    "date-month-first",
    "domain",
    "email",
    "ip",
    "text",
    "url",
]
"""The roles that a column can be given; ``features.kinds`` declares most of them (a test compares the two)."""
Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-fA-F]{64}$", to_lower=True)]


def _texts(value: Any) -> Any:
    """Take one text for a list of it, and numbers for their texts: ``missing: -999``."""
    values = [value] if isinstance(value, str | int | float) else value
    return [str(each) if isinstance(each, int | float) else each for each in values or ()]


def _known_encoding(name: str | None) -> str | None:
    if name is not None:
        try:
            codecs.lookup(name)
        except LookupError:
            raise ValueError("should be an encoding that Python knows, such as utf-8, cp1252 or utf-16") from None
    return name


class CleanConfig(Section):
    """Optional cleaning of the raw table, all off by default."""

    strip_categories: bool = Field(default=False, title="strip blanks around category names")
    negative_counts: bool = Field(default=False, title="treat negative values in count columns as missing")
    drop_duplicates: bool = Field(
        default=False, title="drop rows that duplicate an earlier row, row numbers aside, before the split"
    )


class CsvConfig(Section):
    """How a text file is written; what is null is detected and reported."""

    delimiter: str | None = Field(
        default=None, min_length=1, title="what separates values: a character, or 'blanks' for any run of them"
    )
    header: bool | None = Field(default=None, title="whether the first line holds the column names")
    names: Names = Field(default=(), title="column names, in place of those in the file")
    decimal: Literal[".", ","] | None = Field(default=None, title="the decimal mark of numbers")
    thousands: Literal["", ",", ".", "'", " "] | None = Field(default=None, title="what groups digits; '': nothing")
    missing: Annotated[tuple[str, ...], BeforeValidator(_texts)] = Field(
        default=(), title="further texts that stand for a missing value"
    )
    comment: str | None = Field(default=None, min_length=1, title="what begins a line that is not a row")
    skip_rows: int | None = Field(default=None, ge=0, title="lines above the table")
    encoding: Annotated[str | None, AfterValidator(_known_encoding)] = Field(
        default=None, title="the encoding of the text: utf-8, cp1252, utf-16, ..."
    )


class LimitsConfig(Section):
    """What a source may ask for at most; no result depends on it."""

    decompressed: int = Field(default=32 * 2**30, ge=1, title="bytes of a compressed file when unpacked")
    ratio: float = Field(default=250.0, ge=1, title="bytes unpacked per byte of a compressed file")
    columns: int = Field(default=100_000, ge=1, title="columns of a table")
    field: int = Field(default=2 * 2**20, ge=1, title="characters of one value in a text file")
    rows: int = Field(default=100_000_000, ge=1, title="rows of a view in a database")


class LoadConfig(Section):
    """Where the table comes from and what its columns mean."""

    source: str = Field(
        default="sample",
        min_length=1,
        title="a path, a URL, '-' (standard input), or 'sample' for the built-in data",
    )
    sha256: Sha256 | None = Field(default=None, title="the expected SHA-256 of the source")
    table: str | None = Field(default=None, title="the table to read, where a database holds several")
    query: str | None = Field(default=None, title="the SELECT to read from a database")
    version_query: str | None = Field(
        default=None, title="a SELECT whose only value changes with the data; saves reading all of it in each run"
    )
    target: str | None = Field(default=None, title="the column that holds the label")
    positive_label: Label | tuple[Label, ...] | None = Field(
        default=None, title="the label of the positive class (phishing), or a list of labels", union_mode="smart"
    )
    negative_label: Label | tuple[Label, ...] | None = Field(
        default=None,
        title="the label or labels of the other class, if there are more than two; rest: all others",
        union_mode="smart",
    )
    unlabelled: Literal["error", "drop"] = Field(default="error", title="what to do with rows without a label")
    drop: tuple[str, ...] = Field(default=(), title="columns to leave out")
    keep: tuple[str, ...] = Field(default=(), title="columns to use that would otherwise be set aside")
    indicators: Literal["auto", "none"] | tuple[str, ...] = Field(
        default="auto", title="columns that get a <column>_Missing indicator; auto: numeric ones with missing values"
    )
    max_categories: Annotated[int, Field(ge=2, le=MOST_WORK)] | Literal["auto"] = Field(
        default="auto",
        title="maximum number of distinct values of a categorical column; auto: one per 10 rows, from 50 to 250",
    )
    roles: dict[str, RoleName] = Field(
        default_factory=dict, title="column -> its role, if the values do not show it: text, url, date, ..."
    )
    clean: CleanConfig = Field(default_factory=CleanConfig, title="optional cleaning")
    csv: CsvConfig = Field(default_factory=CsvConfig, title="how a text file is written")
    limits: LimitsConfig = Field(default_factory=LimitsConfig, title="limits on what a source may take")
