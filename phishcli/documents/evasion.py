"""``evasion.json``: the recall of one model against an attacker with a budget."""

from __future__ import annotations

from typing import Literal

import msgspec

from phishcli.documents.base import Document, Part

Method = Literal["corner", "trees", "linear"]
"""How rows are certified. ``corner``: the probability moves one way with every column that can be changed, so that one
corner of the box is the worst change, exactly; ``linear``: the same by the weights of a formula; ``trees``: by the
lowest leaves that any change reaches, tree by tree, which is sound but not exact."""


class Lever(Part, frozen=True, kw_only=True):
    """One column that can be changed.

    ``cost`` is that of a twentieth of the training rows (``per`` step), of a unit, or of any change (edit). ``low`` and
    ``high`` limit its numbers. ``values`` were tried. ``used`` counts the rows whose cheapest change needs it.
    """

    column: str
    direction: Literal["up", "down", "any"]
    cost: float
    per: Literal["step", "unit", "edit"]
    low: float | None = None
    high: float | None = None
    fill: float | None = None
    values: int
    used: int = 0


class CurvePoint(Part, frozen=True, kw_only=True):
    """The recall that is left at a budget (None: any), with a Wilson interval.

    ``recall`` is what the search left: a better search may leave less. ``certified`` is what no change within the
    budget can take away; None where the model cannot be certified.
    """

    budget: float | None
    recall: float
    low: float
    high: float
    certified: float | None = None


class Evasion(Document, frozen=True, kw_only=True):
    """One model under attack.

    ``positives`` of the test part were attacked ``rows``, of which the model catches ``caught``. ``evaded`` of these
    escape at some price, half of them for ``median_cost`` or less. ``predictions`` were asked for. ``method`` is how
    rows were certified; where it is None, ``why`` says why.
    """

    model: str
    threshold: float
    positives: int
    rows: int
    caught: int
    evaded: int
    median_cost: float | None
    curve: tuple[CurvePoint, ...]
    levers: tuple[Lever, ...]
    predictions: int
    method: Method | None = None
    why: str = ""

    @property
    def any_budget(self) -> CurvePoint:
        """What is left when changes may cost anything."""
        return self.curve[-1]


class PairedScore(Part, frozen=True, kw_only=True):
    """By how much a score changes over the folds, with an interval and the p-value of a paired test."""

    value: float
    low: float
    high: float
    p: float


class Defense(Part, frozen=True, kw_only=True):
    """What monotone constraints gain and cost one model.

    ``before`` and ``after`` are the recall without an attack, ``attacked_before`` and ``attacked_after`` what is left
    of it at any price. ``accuracy`` and ``roc_auc`` are with constraints less without.
    """

    model: str
    before: CurvePoint
    after: CurvePoint
    attacked_before: float
    attacked_after: float
    certified_after: float | None
    accuracy: PairedScore
    roc_auc: PairedScore


class EvasionSection(Part, frozen=True, kw_only=True):
    """All models under attack, with their source."""

    source: str = msgspec.field(name="from")
    models: tuple[Evasion, ...]
