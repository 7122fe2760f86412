"""One model under attack: which caught rows escape at which price, and which ones cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from phishcli.documents.evasion import CurvePoint, Evasion
from phishcli.documents.evasion import Lever as LeverFacts
from phishcli.evaluation.calibration_map import apply_map
from phishcli.evaluation.segments import wilson
from phishcli.evasion.certificate import Certificate, certify
from phishcli.evasion.levers import NO_CHANGE, Attacked, Lever, levers
from phishcli.evasion.search import Search, States
from phishcli.models.own_format import PositiveClass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from phishcli.config.schema import Mutable
    from phishcli.documents.metrics import Metrics

    Floats = NDArray[np.float64]

BUDGETS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 75.0, 100.0)
"""Attack budget, in the points of the curve; the last point is any price."""
TINY = 1e-9
"""By how much the price of a change may be off for having been added up."""


@dataclass(frozen=True)
class Attack:
    """What came of it; ``rows`` has a line for each attacked row: ``row``, ``caught``, ``cost`` and ``change``."""

    evasion: Evasion
    rows: pd.DataFrame


def attack(
    model: Any,
    metrics: Metrics,
    given: Attacked,
    mutable: Mapping[str, Mutable],
    *,
    rows: NDArray[np.intp],
    in_blocks: int = 0,
) -> Attack:
    """Attack the positive rows that a model catches.

    Parameters
    ----------
    model, metrics
        The fitted model and its scores, which hold its threshold and its calibration.
    given
        The positive test rows that are attacked.
    mutable
        The columns that can be changed.
    rows
        Their places in the table, in the same order.
    in_blocks
        As of `phishcli.models.spec.ModelSpec`.
    """
    score, matrix = PositiveClass(model, in_blocks), given.matrix

    def judge(some: NDArray[np.float32]) -> Floats:
        return apply_map(metrics.calibration.map, np.asarray(score(some), dtype=np.float64))

    caught = judge(matrix) >= metrics.threshold
    attacked = Attacked(given.rows[caught], given.training, given.preprocessor, given.schema, given.features)
    found = list(levers(attacked, mutable)) if caught.any() else []
    search = Search(matrix[caught], found, judge, metrics.threshold)
    best = search.run()
    certificates = certify(metrics.model, score, matrix[caught], found, [*BUDGETS, np.inf])
    costs = np.zeros(len(rows))
    costs[caught] = best.costs
    certified = [_certified(each, metrics) for each in certificates]
    price = best.costs[np.isfinite(best.costs)]
    document = Evasion(
        model=metrics.model,
        threshold=metrics.threshold,
        positives=metrics.n_positive,
        rows=len(rows),
        caught=int(caught.sum()),
        evaded=len(price),
        median_cost=float(np.median(price)) if len(price) else None,
        curve=tuple(_curve(costs, caught, certified)),
        levers=tuple(_facts(lever, best, place) for place, lever in enumerate(found)),
        predictions=search.asked,
        method=certificates[0].method,
        why=certificates[0].why,
    )
    return Attack(document, _lines(rows, caught, costs, _changes(best, found)))


def _lines(rows: NDArray[np.intp], caught: NDArray[np.bool_], costs: Floats, changes: Iterable[str]) -> pd.DataFrame:
    left = iter(changes)
    of_rows = [next(left) if each else "" for each in caught]
    return pd.DataFrame({"row": rows, "caught": caught, "cost": costs, "change": of_rows})


def _certified(certificate: Certificate, metrics: Metrics) -> int | None:
    """How many rows are certified."""
    if certificate.lowest is None:
        return None
    return int((apply_map(metrics.calibration.map, certificate.lowest) >= metrics.threshold).sum())


def _curve(costs: Floats, caught: NDArray[np.bool_], certified: Sequence[int | None]) -> list[CurvePoint]:
    points = []
    for budget, sure in zip([*BUDGETS, np.inf], certified, strict=True):
        kept = int((caught & ~(costs <= budget + TINY)).sum()) if np.isfinite(budget) else int(np.isinf(costs).sum())
        low, high = wilson(kept, len(costs)) or (0.0, 1.0)
        points.append(
            CurvePoint(
                budget=budget if np.isfinite(budget) else None,
                recall=kept / len(costs),
                low=low,
                high=high,
                certified=None if sure is None else sure / len(costs),
            )
        )
    return points


def _facts(lever: Lever, best: States, place: int) -> LeverFacts:
    found = np.isfinite(best.costs) & (best.choices[:, place] != NO_CHANGE)
    ends = (float(lever.options[0]), float(lever.options[-1])) if lever.is_number else (None, None)
    return LeverFacts(
        column=lever.column.name,
        direction=lever.how.direction,
        cost=lever.how.cost,
        per=lever.per,  # type: ignore[arg-type]  # one of three words
        low=ends[0],
        high=ends[1],
        fill=lever.how.fill,
        values=len(lever.options),
        used=int(found.sum()),
    )


def _changes(best: States, found: Sequence[Lever]) -> list[str]:
    """The cheapest change of each row in words: ``NoOfImage=12, Robots=1``; empty where none was found."""
    lines = []
    for cost, choices in zip(best.costs, best.choices, strict=True):
        taken = [(lever, choice) for lever, choice in zip(found, choices, strict=True) if choice != NO_CHANGE]
        words = [f"{lever.column.name}={_value(lever, choice)}" for lever, choice in taken]
        lines.append(", ".join(words) if np.isfinite(cost) else "")
    return lines


def _value(lever: Lever, choice: int) -> str:
    return f"{lever.options[choice]:g}" if lever.is_number else str(lever.options[choice])
