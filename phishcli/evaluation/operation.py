"""What a threshold means in operation: alerts a day, hours of work and cost, at a base rate no training set has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import beta

if TYPE_CHECKING:
    from numpy.typing import NDArray

DRAWS = 4_000
"""Draws of recall and FPR for the intervals."""

QUANTITIES = {
    "alerts": "Alerts a day",
    "true_alerts": "of these true",
    "false_alerts": "of these false",
    "missed": "Missed a day",
    "precision": "Share of alerts that are true",
    "hours": "Analyst hours a day",
    "cost": "Expected cost a day",
}
"""What a sheet holds, in the order shown."""


@dataclass(frozen=True)
class Operation:
    """The place where a model is to work.

    Parameters
    ----------
    base_rate
        Share of what comes in that is positive.
    volume
        What comes in on a day.
    analyst_minutes
        Time that one alert takes.
    hour_cost
        What an hour of an analyst costs; 1 states all costs in hours.
    miss_cost
        What one missed positive costs, in the same unit; None leaves the cost out.
    """

    base_rate: float
    volume: float
    analyst_minutes: float
    hour_cost: float = 1.0
    miss_cost: float | None = None


def sheet(
    cells: Mapping[str, int], operation: Operation, *, confidence: float = 0.95, seed: int = 42
) -> dict[str, dict[str, float | None]]:
    """Work out what a confusion matrix means in operation.

    Recall and FPR carry over to another base rate, precision does not: it follows from both by Bayes' rule. Intervals
    come from draws of recall and FPR from their Jeffreys posteriors, Beta(hits + 1/2, misses + 1/2) (Brown, Cai and
    DasGupta 2001, Statistical Science 16, 101-133), which say something even where no false alarm was seen; as proposed
    there, an interval reaches as far as the value itself where all or none of the rows were hits.

    Where no negative row was flagged, false alerts and the share of true ones have no value, only a bound: nobody has
    seen how rare the false ones are.

    Parameters
    ----------
    cells
        ``tn``, ``fp``, ``fn``, ``tp`` on rows that the model has not seen.
    operation
        Base rate, volume and cost.
    confidence, seed
        Level of the intervals and seed of the draws.

    Returns
    -------
    dict
        Quantity (see `QUANTITIES`) -> ``value`` (None: not resolvable), ``low``, ``high``; ``cost`` only with a cost of
        a miss.
    """
    rng = np.random.default_rng(seed)
    recall = rng.beta(cells["tp"] + 0.5, cells["fn"] + 0.5, DRAWS)
    fpr = rng.beta(cells["fp"] + 0.5, cells["tn"] + 0.5, DRAWS)
    point = _quantities(_rate(cells["tp"], cells["fn"]), _rate(cells["fp"], cells["tn"]), operation)
    drawn = _quantities(recall, fpr, operation)
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    sheet: dict[str, dict[str, float | None]] = {}
    for name, value in point.items():
        low, high = np.quantile(drawn[name], tails)
        sheet[name] = {"value": float(value), "low": float(min(low, value)), "high": float(max(high, value))}
    if cells["tn"] and not cells["fp"]:
        most = _quantities(_rate(cells["tp"], cells["fn"]), never_seen(cells["tn"], confidence), operation)
        sheet["false_alerts"] = {"value": None, "low": 0.0, "high": float(most["false_alerts"])}
        sheet["precision"] = {"value": None, "low": float(most["precision"]), "high": 1.0}
    return sheet


def never_seen(trials: int, confidence: float = 0.95) -> float:
    """Bound the rate of what none of so many rows has shown: the upper end of its Jeffreys interval."""
    return float(beta.ppf((1 + confidence) / 2, 0.5, trials + 0.5))


def _rate(hits: int, others: int) -> float:
    return hits / (hits + others) if hits + others else 0.0


def _quantities(recall: Any, fpr: Any, operation: Operation) -> dict[str, NDArray[np.float64]]:
    positives = operation.volume * operation.base_rate
    true_alerts = positives * recall
    false_alerts = (operation.volume - positives) * fpr
    alerts = true_alerts + false_alerts
    missed = positives - true_alerts
    hours = alerts * operation.analyst_minutes / 60
    found = {
        "alerts": alerts,
        "true_alerts": true_alerts,
        "false_alerts": false_alerts,
        "missed": missed,
        "precision": np.divide(true_alerts, alerts, out=np.zeros(np.shape(alerts)), where=np.asarray(alerts) > 0),
        "hours": hours,
    }
    if operation.miss_cost is not None:
        found["cost"] = hours * operation.hour_cost + missed * operation.miss_cost
    return found
