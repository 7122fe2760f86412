"""How much the columns without a value could change the probability of a row.

Each unknown column is given the values that training rows usually have (quantiles, the most frequent categories), alone
and, where there are few combinations, together with the others. That is a search and no proof: values between or beyond
them may lead further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phishcli.serving.bundle import Bundle

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
CATEGORIES = 8
COMBINATIONS = 4_096
"""Rows that are judged at most."""


@dataclass(frozen=True)
class Reach:
    """What values of unknown columns could do to a row.

    ``by_column`` has the lowest and the highest probability that each unknown column alone leads to, widest first;
    ``low`` and ``high`` are those of all rows that were tried, ``together`` says whether all combinations were.
    """

    by_column: Mapping[str, tuple[float, float]]
    low: float
    high: float
    together: bool


def reach_of(bundle: Bundle, row: Mapping[str, Any], unknown: Sequence[str]) -> Reach | None:
    """Try usual values in the unknown columns of a row; None where there are none, or where no usual ones are known."""
    values = {name: found for name in unknown if (found := _usual(bundle, name))}
    if not values:
        return None
    alone = {name: _ends(bundle, [{**row, name: value} for value in found]) for name, found in values.items()}
    number = 1
    for found in values.values():
        number *= len(found)
    together = number <= COMBINATIONS
    ends = list(alone.values())
    if together:
        rows = [{**row, **dict(zip(values, combined, strict=True))} for combined in product(*values.values())]
        ends.append(_ends(bundle, rows))
    widest = dict(sorted(alone.items(), key=lambda each: each[1][0] - each[1][1]))
    return Reach(widest, min(low for low, _ in ends), max(high for _, high in ends), together)


def _usual(bundle: Bundle, column: str) -> list[Any]:
    profile = bundle.profile
    if profile is None:
        return []
    if column in profile.numeric:
        steps = profile.numeric[column].quantiles
        last = len(steps) - 1
        return list(dict.fromkeys(steps[round(share * last)] for share in QUANTILES)) if steps else []
    if column in profile.categorical:
        return list(profile.categorical[column].counts)[:CATEGORIES]
    return []


def _ends(bundle: Bundle, rows: list[dict[str, Any]]) -> tuple[float, float]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of values that are unknown, which is the point
        found = bundle.predict_proba(rows)
    return float(found.min()), float(found.max())
