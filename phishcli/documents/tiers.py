"""``tiers.json``: how well a model does with what is known at each moment."""

from __future__ import annotations

import msgspec

from phishcli.documents.base import Document, Part
from phishcli.documents.gap import Estimate


class Tier(Part, frozen=True, kw_only=True):
    """One moment.

    ``adds`` are the columns of the source that become known, ``features`` the number of columns of the matrix by then.
    The scores are those of a model that was trained on them alone, on the test rows; ``lost`` is how much lower its
    accuracy over the folds is than that of the last tier, with the interval and p-value of a paired test. ``settled``
    is the share of test rows whose label by the model of all columns cannot change any more; None where it has no
    bounds.
    """

    name: str
    adds: tuple[str, ...]
    features: int
    threshold: float
    accuracy: Estimate
    recall: Estimate
    fpr: Estimate
    roc_auc: Estimate
    lost: Estimate | None = None
    p: float | None = None
    settled: float | None = None


class Tiers(Document, frozen=True, kw_only=True):
    """All moments in their order, by one model; ``why`` says why no row is known to be settled, where that is so."""

    model: str
    tiers: tuple[Tier, ...]
    why: str = ""


class TiersSection(Tiers, frozen=True, kw_only=True):
    """The tiers, with their source."""

    source: str = msgspec.field(name="from")
