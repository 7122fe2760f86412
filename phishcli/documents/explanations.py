"""``explanations.json``: which features one model relies on, and how."""

from __future__ import annotations

from collections.abc import Mapping

from phishcli.documents.base import Document, Part

LEADING = 3
"""Features named in a sentence, if each matters at least `PART` as much as the first."""
PART = 0.2
SPREADS = 2
"""How many deviations of its repeats a loss must exceed to stand out."""


class Importance(Part, frozen=True, kw_only=True):
    """Permutation importance: the loss of ROC-AUC when a feature is shuffled, mean and deviation over repeats."""

    feature: str
    drop: float
    std: float

    @property
    def certain(self) -> bool:
        """Whether the loss stands out from the differences between the repeats."""
        return self.drop > SPREADS * self.std and self.drop > 0


class Contribution(Part, frozen=True, kw_only=True):
    """The mean absolute contribution of a feature to the log odds of a row."""

    feature: str
    mean_abs: float


class DependencePoint(Part, frozen=True, kw_only=True):
    """The mean probability of the positive class when a feature has this value in every row; None: missing."""

    value: float | str | None
    probability: float


class Explanations(Document, frozen=True, kw_only=True):
    """What ``explain`` found for one model.

    ``rows`` is the number of test rows used. ``permutation`` and ``contributions`` start with the most important
    feature; ``contributions`` is None where the model has none. ``coefficients`` are log odds per unit of a processed
    feature, None for models that are not linear. ``partial_dependence`` goes by feature, the most important ones only.
    """

    rows: int
    permutation: tuple[Importance, ...]
    contributions: tuple[Contribution, ...] | None
    coefficients: Mapping[str, float] | None
    partial_dependence: Mapping[str, tuple[DependencePoint, ...]]

    @property
    def leading(self) -> list[str]:
        """The features that matter most; none where no loss stands out, as when a model has no skill."""
        certain = [each for each in self.permutation if each.certain][:LEADING]
        return [each.feature for each in certain if each.drop >= PART * certain[0].drop]
