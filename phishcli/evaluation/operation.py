"""What a threshold means in operation, at another base rate: alerts a day, hours of work, and cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from scipy.stats import beta

from phishcli.documents.metrics import ConfusionMatrix, Metrics, OperatingPoint
from phishcli.documents.operation import Operation, Quantities, Quantity, SheetLine
from phishcli.documents.selection import NonMissingScores

if TYPE_CHECKING:
    from phishcli.config.schema import OperationConfig

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
"""Labels of the fields of `Quantities`, in display order."""


@dataclass(frozen=True)
class Certainty:
    """Level of the intervals, and seed of their draws."""

    confidence: float = 0.95
    seed: int = 42


def operation_of(settings: OperationConfig) -> Operation:
    """The operation that the configuration describes."""
    return Operation(**settings.model_dump())


def operating_sheet(
    operation: Operation, metrics: Metrics, missingness: Mapping[str, Mapping[str, NonMissingScores]]
) -> tuple[SheetLine, ...]:
    """What each threshold of one model means in operation, the one in use first.

    Parameters
    ----------
    missingness
        Column, then model, as in `phishcli.documents.selection.Selection`.
    """
    certainty = Certainty(metrics.bootstrap.confidence, metrics.bootstrap.seed)
    recall = {column: scores[metrics.model].recall for column, scores in missingness.items()}
    return tuple(
        _line(point, {column: of[point.rule] for column, of in recall.items()}, operation, certainty)
        for point in metrics.operating_points
    )


def _line(
    point: OperatingPoint, recall_non_missing: Mapping[str, float], operation: Operation, certainty: Certainty
) -> SheetLine:
    return SheetLine(
        **msgspec.structs.asdict(point),
        recall=point.confusion.recall,
        fpr=point.confusion.fpr,
        recall_non_missing=recall_non_missing,
        quantities=quantities(point.confusion, operation, certainty),
    )


def quantities(matrix: ConfusionMatrix, operation: Operation, certainty: Certainty = Certainty()) -> Quantities:
    """Work out what a confusion matrix on rows that the model has not seen means in operation.

    Recall and FPR carry over to another base rate, precision does not: it follows from both by Bayes' rule. Intervals
    come from draws of recall and FPR from their Jeffreys posteriors, Beta(hits + 1/2, misses + 1/2) (Brown, Cai and
    DasGupta 2001, Statistical Science 16, 101-133), which are informative even if no false alarm was seen; as proposed
    there, an interval extends to the value itself where all or none of the rows were hits.

    If no negative row was flagged, false alerts and the share of true ones have no value, only a bound: how rare false
    alarms are is not known.
    """
    rng = np.random.default_rng(certainty.seed)
    recall = rng.beta(matrix.tp + 0.5, matrix.fn + 0.5, DRAWS)
    fpr = rng.beta(matrix.fp + 0.5, matrix.tn + 0.5, DRAWS)
    point, drawn = _expected(matrix.recall, matrix.fpr, operation), _expected(recall, fpr, operation)
    found = {name: _quantity(value, drawn[name], certainty) for name, value in point.items()}
    if matrix.tn and not matrix.fp:
        most = _expected(matrix.recall, never_seen(matrix.tn, certainty.confidence), operation)
        found["false_alerts"] = Quantity(value=None, low=0.0, high=float(most["false_alerts"]))
        found["precision"] = Quantity(value=None, low=float(most["precision"]), high=1.0)
    return Quantities(**found)


def never_seen(trials: int, confidence: float = 0.95) -> float:
    """Bound the rate of an event that none of the trials has shown: the upper end of its Jeffreys interval."""
    return float(beta.ppf((1 + confidence) / 2, 0.5, trials + 0.5))


def _quantity(value: Any, drawn: Any, certainty: Certainty) -> Quantity:
    low, high = np.quantile(drawn, [(1 - certainty.confidence) / 2, (1 + certainty.confidence) / 2])
    return Quantity(value=float(value), low=float(min(low, value)), high=float(max(high, value)))


def _expected(recall: Any, fpr: Any, operation: Operation) -> dict[str, Any]:
    """The quantities by name, for rates as numbers or arrays."""
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
