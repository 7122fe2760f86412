"""The thresholds between allow, review and block, with their rates on out-of-fold scores; rules that beat them."""

from __future__ import annotations

from typing import Literal

from phishcli.documents.base import Document, Part
from phishcli.documents.metrics import ConfusionMatrix, ThresholdRule
from phishcli.documents.operation import Quantity

Decision = Literal["block", "review", "allow", "unknown"]


class Band(ThresholdRule, frozen=True, kw_only=True):
    """A threshold from which rows are reviewed or blocked.

    ``confusion`` counts the out-of-fold rows of the training part at that threshold; ``recall`` and ``fpr`` are its
    rates, ``precision`` and ``daily`` (rows a day) what they mean at the base rate and volume of operation, all with
    intervals.
    """

    confusion: ConfusionMatrix
    recall: Quantity
    fpr: Quantity
    precision: Quantity
    daily: Quantity


class Bands(Part, frozen=True, kw_only=True):
    """Rows from ``block`` up are blocked, those from ``review`` up are reviewed, all others allowed; None: no row is.

    ``reviews`` is the number of rows a day between both thresholds, where ``volume`` rows come in, a share
    ``base_rate`` of them positive. A row is unknown if more than a share ``max_strange`` of its columns are unlike
    anything in training.
    """

    block: Band | None
    review: Band | None
    reviews: Quantity | None
    volume: float
    base_rate: float
    max_strange: float


class OwnRule(Part, frozen=True, kw_only=True):
    """A rule that beats the model: rows with one of the ``values`` in ``column`` get the ``verdict``.

    ``match`` is ``exact`` for the value itself, or ``domain`` for a domain and those below it, where the column
    holds domains or URLs.
    """

    name: str
    column: str
    values: tuple[str | int | float | bool, ...]
    verdict: Literal["block", "review", "allow"]
    match: Literal["exact", "domain"] = "exact"
    why: str = ""


class OwnRules(Document, frozen=True, kw_only=True):
    """The rules of a file; the first one that fits decides."""

    rules: tuple[OwnRule, ...]
