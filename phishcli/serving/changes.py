"""The smallest change of one or two columns that would give a row another verdict.

Values are those of training rows: 41 quantiles of numbers, frequent categories. A change is small if it moves few
quantile steps; to another category counts as ten. That is a search and no proof: there may be a smaller change between
two quantiles. Rules of one's own are left out, as they do not depend on the model.
"""

from __future__ import annotations

import warnings
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

from phishcli.serving.reasons import shown

if TYPE_CHECKING:
    from phishcli.documents.schema import Column
    from phishcli.serving.bundle import Bundle

CATEGORIES = 12
CATEGORY_STEPS = 10
"""What a change of category counts, in quantile steps."""
PAIRED = 6
"""How many columns are tried in pairs: those with the strongest reasons."""
EVERY = 5
"""Of the quantiles in pairs every so many."""


@dataclass(frozen=True)
class Change:
    """Other values for some columns, the verdict that they would give, and how far they are away, in quantile steps."""

    to: Mapping[str, Any]
    verdict: str
    steps: int


def smallest_changes(bundle: Bundle, row: Mapping[str, Any], most: int = 3) -> list[Change]:
    """Find changes of one column, or where there are none of two, that would give another verdict; nearest first.

    Parameters
    ----------
    bundle
        An open release with a profile; without one nothing is found.
    row
        A raw row that it takes.
    most
        Changes at most, one for each column.
    """
    if bundle.profile is None:
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        present = bundle.verdicts([row])[0].verdict
        options = {column.name: list(_options(bundle, column, row.get(column.name))) for column in _changeable(bundle)}
        alone = [({name: value}, steps) for name, found in options.items() for value, steps in found]
        found = _flipping(bundle, row, alone, present)
        if not found:
            found = _flipping(bundle, row, list(_pairs(bundle, row, options)), present)
    return _nearest(found, most)


def _changeable(bundle: Bundle) -> list[Column]:
    return [column for column in bundle.schema.given() if column.role in ("numeric", "categorical")]


def _options(bundle: Bundle, column: Column, value: Any) -> Iterator[tuple[Any, int]]:
    """Other values of a column, and how far each is from the present one."""
    profile = bundle.profile
    if profile is None:
        return
    if column.role == "categorical":
        for name in list(profile.categorical[column.name].counts)[:CATEGORIES]:
            if name != value:
                yield name, CATEGORY_STEPS
        return
    quantiles = profile.numeric[column.name].quantiles
    number = value if isinstance(value, int | float) and not isinstance(value, bool) and value == value else None  # noqa: PLR0124 (NaN)
    at = len(quantiles) // 2 if number is None else bisect_left(quantiles, float(number))
    whole = column.dtype.startswith(("int", "uint"))
    for place, quantile in enumerate(quantiles):
        other = float(round(quantile)) if whole else quantile
        if other != number:
            yield other, max(1, abs(place - at)) + (0 if number is not None else CATEGORY_STEPS)


def _pairs(
    bundle: Bundle, row: Mapping[str, Any], options: Mapping[str, Sequence[tuple[Any, int]]]
) -> Iterator[tuple[dict[str, Any], int]]:
    strongest = [reason.column for reason in bundle.explain([row], len(options))[0] if reason.column in options]
    for one, other in combinations(strongest[:PAIRED], 2):
        for (first, steps), (second, more) in product(options[one][::EVERY], options[other][::EVERY]):
            yield {one: first, other: second}, steps + more


def _flipping(
    bundle: Bundle, row: Mapping[str, Any], changes: Sequence[tuple[dict[str, Any], int]], present: str
) -> list[Change]:
    if not changes:
        return []
    verdicts = bundle.verdicts([{**row, **values} for values, _ in changes])
    return [
        Change(values, judged.verdict, steps)
        for (values, steps), judged in zip(changes, verdicts, strict=True)
        if judged.verdict not in (present, "unknown")
    ]


def _nearest(found: Sequence[Change], most: int) -> list[Change]:
    """The nearest change of each column or pair."""
    by_columns: dict[tuple[str, ...], Change] = {}
    for change in sorted(found, key=lambda each: each.steps):
        by_columns.setdefault(tuple(change.to), change)
    return list(by_columns.values())[:most]


def said(bundle: Bundle, row: Mapping[str, Any], change: Change) -> str:
    """A change in words: ``DomainAgeMonths from 2 to 14: allow``."""
    columns = {column.name: column for column in bundle.schema.given()}
    parts = [
        f"{name} from {shown(columns[name], _plain(row.get(name)))} to {shown(columns[name], value)}"
        for name, value in change.to.items()
    ]
    return f"{' and '.join(parts)}: {change.verdict}"


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
