"""The operating sheet: what each threshold of a model means in a day of operation."""

from __future__ import annotations

from collections.abc import Mapping

from phishcli.documents.base import Part
from phishcli.documents.metrics import OperatingPoint


class Operation(Part, frozen=True, kw_only=True):
    """Where a model is to work: the section ``operation`` of the configuration.

    ``base_rate`` is the share of incoming items that are positive, ``volume`` the number of items a day,
    ``analyst_minutes`` the time for one alert, ``hour_cost`` the cost of an hour of an analyst (1: costs are in hours),
    and ``miss_cost`` that of a missed positive in the same unit; None leaves the cost out.
    """

    base_rate: float
    volume: float
    analyst_minutes: float
    hour_cost: float = 1.0
    miss_cost: float | None = None


class Quantity(Part, frozen=True, kw_only=True):
    """An expected number with its interval; ``value`` is None where only a bound is known."""

    value: float | None
    low: float
    high: float


class Quantities(Part, frozen=True, kw_only=True, omit_defaults=True):
    """What a threshold means in a day.

    ``precision`` is the share of alerts that are true, ``missed`` the number of positives without an alert, ``hours``
    the work of analysts. ``cost`` is None without a cost of a miss.
    """

    alerts: Quantity
    true_alerts: Quantity
    false_alerts: Quantity
    missed: Quantity
    precision: Quantity
    hours: Quantity
    cost: Quantity | None = None


class SheetLine(OperatingPoint, frozen=True, kw_only=True):
    """One threshold: its rates on the test rows and its quantities in operation.

    ``recall_non_missing`` is the recall on rows where a column has a value, for each column whose missing values give
    the label away.
    """

    recall: float
    fpr: float
    recall_non_missing: Mapping[str, float]
    quantities: Quantities
