"""The columns that are derived from texts and dates: one code for training and prediction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.features import kinds
from phishcli.features.kinds.kind import PartRole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.schema import Column, Role

MOST_DATES = 4
"""Dates between which all differences are taken."""
DAYS = "days"
DIFFERENCE = "difference"
LEARNED: Mapping[Role, str] = {
    "text": "score of its n-grams, learned from the labels",
    "high_cardinality": "share of positive rows with the same value, learned from the labels",
    "source": "not a feature itself; others are derived from it",
}
"""What is learned from the values of a column, in plain words."""
GROUPING = ("url", "email", "domain", "ip")
"""Kinds whose parts may hold rows together; an address of the web is also a domain, and is tried as the former."""


def parts_of(kind: str, texts: Sequence[str | None], form: str | None) -> dict[str, NDArray[Any]]:
    """Derive the parts of n texts.

    Parameters
    ----------
    kind, form
        The kind of the column, and how it is written.
    texts
        n texts; None for a missing one.

    Returns
    -------
    dict
        By the name of the part: numbers as float64, NaN where there is none, or texts as objects, None where there is
        none.
    """
    declared = kinds.get(kind)
    nothing = tuple(np.nan if part.role == "numeric" else None for part in declared.parts)
    rows = [nothing if text is None else tuple(declared.derive(text, form)) for text in texts]
    columns = zip(*rows, strict=True) if rows else ((),) * len(declared.parts)
    return {
        part.name: np.array(values, dtype=np.float64 if part.role == "numeric" else object)
        for part, values in zip(declared.parts, columns, strict=True)
    }


def part_named(name: str, columns: Sequence[str]) -> tuple[str, str, str] | None:
    """Find the column, the kind and the part that a name such as ``url.tenant`` means; None where it means none.

    Parameters
    ----------
    name
        The name of a column, a point, and the name of a part that only some kinds have.
    columns
        The columns of the table.
    """
    for column in sorted(columns, key=len, reverse=True):
        part = name.removeprefix(f"{column}.")
        if part != name:
            for kind in GROUPING:
                if part in {each.name for each in kinds.get(kind).parts}:
                    return column, kind, part
    return None


def part_role(kind: str, part: str) -> PartRole:
    """The role of a part, as its kind declares it."""
    return next(each.role for each in kinds.get(kind).parts if each.name == part)


def in_words(column: Column) -> str | None:
    """Say in plain words what a feature is that is not simply a column of the source; None for one that is."""
    said = [*_origin(column), *([LEARNED[column.role]] if column.role in LEARNED else [])]
    return "; ".join(said) or None


def _origin(column: Column) -> Iterator[str]:
    if column.indicator_of is not None:
        yield f"1 where {column.indicator_of} is missing"
    elif column.derived is not None and column.derived.kind is None:
        yield "days from {} to {}".format(*column.derived.of)
    elif column.derived is not None:
        titles = {part.name: part.title for part in kinds.get(str(column.derived.kind)).parts}
        yield f"{titles[column.derived.part]}, derived from {column.derived.of[0]}"


def date_pairs(columns: Sequence[Column]) -> list[tuple[str, str]]:
    """The pairs of dates whose difference is a feature."""
    dates = [column.name for column in columns if column.kind == "date"]
    return list(combinations(dates, 2)) if len(dates) <= MOST_DATES else []
