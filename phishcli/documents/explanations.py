"""``explanations.json``: which features one model relies on, and how."""

from __future__ import annotations

from collections.abc import Mapping

from phishcli.documents.base import Document, Part


class Importance(Part, frozen=True, kw_only=True):
    """Permutation importance: the loss of ROC-AUC when a feature is shuffled, mean and deviation over repeats."""

    feature: str
    drop: float
    std: float


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
