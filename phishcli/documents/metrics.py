"""``metrics.json``: everything that is measured on the test rows for one model, and its cross-validated scores."""

from __future__ import annotations

from collections.abc import Mapping

from phishcli.documents.base import Document, Part
from phishcli.documents.calibration import Calibration

LEAST_FOLDS = 2
"""Folds that a mean must be over to compare models by it."""


class Score(Part, frozen=True, kw_only=True):
    """The value of a metric with its confidence interval.

    ``value`` is None where the rows cannot resolve the metric; both bounds are None where there is no interval.
    """

    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def has_interval(self) -> bool:
        """Whether there is a confidence interval."""
        return self.low is not None and self.high is not None


class FoldSummary(Part, frozen=True, kw_only=True):
    """The mean of a metric over folds.

    ``mean`` and ``std`` (population, as in scikit-learn) are over the ``n_folds`` of ``n_all`` folds that define and
    resolve the metric; None where none does. Documents of earlier versions do not know ``n_all``; it is 0 there.
    """

    mean: float | None
    std: float | None
    n_folds: int
    n_all: int = 0

    @property
    def partial(self) -> bool:
        """Whether some folds, but not all, define the metric."""
        return 0 < self.n_folds < self.n_all

    @property
    def comparable(self) -> float | None:
        """The mean if it is over `LEAST_FOLDS` or more, None if it is not fit to compare models by."""
        return self.mean if self.n_folds >= LEAST_FOLDS else None


class FoldScores(FoldSummary, frozen=True, kw_only=True):
    """The same with the value of each fold, in order: None for a fold that does not define or resolve the metric."""

    folds: tuple[float | None, ...]

    @property
    def summary(self) -> FoldSummary:
        """Mean and standard deviation without the single folds."""
        return FoldSummary(mean=self.mean, std=self.std, n_folds=self.n_folds, n_all=self.n_all)


class ConfusionMatrix(Part, frozen=True, kw_only=True):
    """Rows by class and prediction, from the point of view of the positive class."""

    tn: int
    fp: int
    fn: int
    tp: int

    @property
    def positives(self) -> int:
        """Rows of the positive class."""
        return self.fn + self.tp

    @property
    def negatives(self) -> int:
        """Rows of the negative class."""
        return self.tn + self.fp

    @property
    def recall(self) -> float:
        """Share of the positive rows that are predicted positive; 0 where there are none."""
        return self.tp / self.positives if self.positives else 0.0

    @property
    def fpr(self) -> float:
        """Share of the negative rows that are predicted positive; 0 where there are none."""
        return self.fp / self.negatives if self.negatives else 0.0


class ThresholdRule(Part, frozen=True, kw_only=True):
    """A threshold, the rule that chose it (``0.5``, ``max_f1``, ``max_fpr=0.01``), and its reason in a few words."""

    threshold: float
    rule: str
    why: str


class OperatingPoint(ThresholdRule, frozen=True, kw_only=True):
    """What a threshold gives on the test rows.

    ``in_use`` marks the threshold that predictions are made with. ``fpr_upper`` is the one-sided upper
    Clopper-Pearson bound of the false-positive rate.
    """

    in_use: bool
    confusion: ConfusionMatrix
    fpr_upper: float


class Bootstrap(Part, frozen=True, kw_only=True):
    """How intervals were made: number of resamples (0: none), confidence level, and seed.

    ``groups`` is the number of groups that were resampled as a whole; None where rows were resampled one by one.
    ``weighted``: rows were too many to be drawn and got random weights.
    """

    n_boot: int
    confidence: float
    seed: int
    groups: int | None
    weighted: bool = False


class RocCurve(Part, frozen=True, kw_only=True):
    """Points of the ROC curve from (0, 0) up; empty where one class has no rows."""

    fpr: tuple[float, ...]
    tpr: tuple[float, ...]


class PrecisionRecallCurve(Part, frozen=True, kw_only=True):
    """Points of the precision-recall curve from the highest score down; empty where one class has no rows."""

    recall: tuple[float, ...]
    precision: tuple[float, ...]


class Curves(Part, frozen=True, kw_only=True):
    """Both curves, thinned for charts."""

    roc: RocCurve
    pr: PrecisionRecallCurve


class CountsByThreshold(Part, frozen=True, kw_only=True):
    """True and false positives at each of the thresholds 0, 0.001, ..., 1."""

    tp: tuple[int, ...]
    fp: tuple[int, ...]


class Metrics(Document, frozen=True, kw_only=True):
    """What ``evaluate`` found for one model.

    ``n``, ``n_positive``, ``n_negative`` count test rows. ``metrics`` and ``cv`` have all metrics by name, in display
    order; ``cv`` is on the folds of the training part, each at the same ``threshold``. ``delong`` is the interval of
    the ROC-AUC by DeLong's formula; None where it is not defined or rows come in groups. ``notes`` name metrics whose
    value is a convention, or that some folds do not define; ``resolution`` says which metrics need more negative rows,
    None where none does. ``operating_points`` starts with the threshold in use.
    """

    model: str
    n: int
    n_positive: int
    n_negative: int
    threshold: float
    bootstrap: Bootstrap
    confusion: ConfusionMatrix
    metrics: Mapping[str, Score]
    delong: tuple[float, float] | None
    notes: tuple[str, ...]
    resolution: str | None
    curves: Curves
    counts_by_threshold: CountsByThreshold
    cv: Mapping[str, FoldScores]
    threshold_rule: ThresholdRule
    operating_points: tuple[OperatingPoint, ...]
    calibration: Calibration
