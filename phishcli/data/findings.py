"""What ``load`` counted on its way, as findings that a person can read and a machine can filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from phishcli.types import Schema

BY_CHANCE = 0.001
"""Values that are missing in one class only are reported when chance would do that with a smaller probability."""

Finding = dict[str, str]
Counts = dict[str, dict[str, int]]


def findings(
    schema: Schema, features: pd.DataFrame, target: pd.Series[Any], counts: Counts, repeats: int
) -> list[Finding]:
    """List what was found, in the order in which a reader wants it.

    Parameters
    ----------
    schema
        What is known about the table.
    features, target
        The features and the 0/1 target; used to describe missing values by class, never to decide anything.
    counts
        Per column how many values were ``infinite``, ``negative`` or had ``blanks``.
    repeats
        Rows that repeat an earlier one in every column of the source but those that number the rows.

    Returns
    -------
    list of dict
        ``code``, ``title``, ``severity`` (``info`` or ``warning``) and ``detail``, one sentence.
    """
    return [
        *_missing(schema),
        *_missing_by_class(schema, features, target),
        *_infinite(counts),
        *_negative(counts, schema.clean),
        *_blanks(counts, schema.clean),
        *_repeats(repeats, schema.clean),
    ]


def _finding(code: str, title: str, detail: str, severity: Literal["info", "warning"] = "info") -> Finding:
    return {"code": code, "title": title, "severity": severity, "detail": detail}


def _missing(schema: Schema) -> Iterator[Finding]:
    counted = [
        f"{column.name} {column.missing:,} ({column.missing / schema.rows:.1%})"
        for column in schema.columns
        if column.missing
    ]
    if counted:
        detail = f"Missing values in {schema.rows:,} rows: {', '.join(counted)}."
        yield _finding("missing-values", "Missing values", detail)


def _missing_by_class(schema: Schema, features: pd.DataFrame, target: pd.Series[Any]) -> Iterator[Finding]:
    share = target.mean()
    for column in schema.columns:
        if not column.missing:
            continue
        positives = int(target[features[column.name].isna()].sum())
        in_one = positives in (0, column.missing)
        if in_one and (share if positives else 1 - share) ** column.missing < BY_CHANCE:
            label = schema.positive_label if positives else schema.negative_label
            detail = (
                f"All {column.missing:,} rows without {column.name} have the label {label!r}: this may come from how \
the data were collected."
            )
            yield _finding("missing-in-one-class", "Missing in one class only", detail, "warning")


def _infinite(counts: Counts) -> Iterator[Finding]:
    for column, number in _counted(counts, "infinite"):
        detail = f"{column} holds {number:,} infinite values; they count as missing."
        yield _finding("infinite-values", "Infinite values", detail, "warning")


def _negative(counts: Counts, clean: Mapping[str, bool]) -> Iterator[Finding]:
    done = "they count as missing now" if clean["negative_counts"] else "load.clean.negative_counts makes them missing"
    for column, number in _counted(counts, "negative"):
        detail = f"{column} counts something, yet {number:,} values are negative; {done}."
        yield _finding("negative-counts", "Negative counts", detail)


def _blanks(counts: Counts, clean: Mapping[str, bool]) -> Iterator[Finding]:
    done = "they were removed" if clean["strip_categories"] else "load.clean.strip_categories removes them"
    for column, number in _counted(counts, "blanks"):
        detail = f"{column} has blanks around {number:,} values; {done}."
        yield _finding("blanks-in-categories", "Blanks around categories", detail)


def _repeats(repeats: int, clean: Mapping[str, bool]) -> Iterator[Finding]:
    done = "they were left out" if clean["drop_duplicates"] else "load.clean.drop_duplicates leaves them out"
    if repeats:
        detail = f"{repeats:,} rows repeat an earlier row in every column but row numbers; {done}."
        yield _finding("duplicate-rows", "Duplicate rows", detail)


def _counted(counts: Counts, what: str) -> list[tuple[str, int]]:
    return [(column, found[what]) for column, found in counts.items() if what in found]
