"""The columns that are derived from texts and dates: one code for training and prediction."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.features import kinds
from phishcli.features.kinds.kind import PartRole

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.documents.schema import Column

MOST_DATES = 4
"""Dates between which all differences are taken."""
DAYS = "days"
DIFFERENCE = "difference"
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


def date_pairs(columns: Sequence[Column]) -> list[tuple[str, str]]:
    """The pairs of dates of which the difference is a feature."""
    dates = [column.name for column in columns if column.kind == "date"]
    return list(combinations(dates, 2)) if len(dates) <= MOST_DATES else []
