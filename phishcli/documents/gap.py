"""``gap.json``: scores of one model on increasingly strict splits of the same table."""

from __future__ import annotations

from phishcli.documents.base import Document, Part

MODEL = "HistGradientBoosting"
"""Default parameters, no search: it needs no library of its own and is about as good as any."""


class Estimate(Part, frozen=True, kw_only=True):
    """A number with its confidence interval; both bounds are None where there is none."""

    value: float
    low: float | None
    high: float | None


class ScoredSplit(Part, frozen=True, kw_only=True):
    """The scores of a model on one split.

    ``split`` is its name. ``lost`` is how much lower the accuracy is than on the random split; None for that one.
    """

    split: str
    train_rows: int
    test_rows: int
    accuracy: Estimate
    roc_auc: Estimate
    lost: Estimate | None = None


class SkippedSplit(Part, frozen=True, kw_only=True):
    """A split that could not be made, and why."""

    split: str
    reason: str


class Gap(Document, frozen=True, kw_only=True):
    """The optimism gap: ``splits`` in the order of strictness, the random one first; ``threshold`` of the accuracy."""

    model: str
    threshold: float
    splits: tuple[ScoredSplit, ...]
    skipped: tuple[SkippedSplit, ...] = ()

    @property
    def losses(self) -> list[Estimate]:
        """What each split but the random one loses in accuracy."""
        return [split.lost for split in self.splits if split.lost is not None]
