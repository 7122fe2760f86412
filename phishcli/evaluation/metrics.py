"""The metrics as declarations in display order, from the point of view of the positive class (phishing).

Loading this module loads neither NumPy nor scikit-learn, so that a table of stored results can be drawn without them.

To add a metric, add its formula to `phishcli.evaluation.formulas`, an entry to `METRICS` and its name to
``MetricName`` in ``phishcli/config/sections/values.py``, at the same position. A new name makes ``evaluate`` stale by
itself. Then complete the tables of ``tests/evaluation/test_metrics.py``, and run ``python
tests/test_stage_versions.py`` and ``make docs``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from phishcli.evaluation import formulas
from phishcli.evaluation.counts import Confusion, ScoreCounts, ScoredRows
from phishcli.wording import percent, short_percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from phishcli.config.schema import MetricName

Need = Literal["rows", "positives", "negatives", "flagged"]

NEEDS: dict[Need, str] = {
    "rows": "There are no rows",
    "positives": "No row is positive",
    "negatives": "No row is negative",
    "flagged": "No row is predicted positive",
}
"""What a metric may need to be defined, and the sentence for when it is missing."""


@dataclass(frozen=True)
class Metric:
    """One metric.

    ``kind`` says what ``function`` takes: the confusion matrix at the threshold (`Confusion`) or the classes by score
    (`ScoreCounts`); for b resamples at once it returns an array of shape (b,). Without one of its ``needs`` the value
    is a convention, not a measurement; with fewer negative rows than ``least_negatives`` it is not resolvable.
    ``max_fpr`` is the false-positive rate that the metric allows, None for most.
    """

    name: MetricName
    label: str
    higher_is_better: bool
    kind: Literal["confusion", "scores"]
    function: Callable[[Any], Any]
    explanation: str
    needs: tuple[Need, ...]
    least_negatives: int = 0
    max_fpr: float | None = None

    @property
    def sentence_label(self) -> str:
        """The label within a sentence: ``accuracy``, ``ROC-AUC``."""
        is_name = self.label[:2].isupper() or self.label.startswith("Brier")
        return self.label if is_name else self.label.lower()

    @property
    def best_word(self) -> str:
        """What the best value is called: ``highest`` or ``lowest``."""
        return "highest" if self.higher_is_better else "lowest"


RULE_OF_THREE = 3
"""If none of n rows shows an event, its rate is below about 3 / n with 95% confidence (Hanley and Lippman-Hand 1983,
JAMA 249, 1743-1745): nothing rarer can be certified with n rows."""


def _tpr_at(max_fpr: float) -> Metric:
    return Metric(
        f"tpr@fpr={max_fpr:g}",  # type: ignore[arg-type]  # a test compares the names with MetricName
        f"TPR at {short_percent(max_fpr)} FPR",
        True,
        "scores",
        partial(formulas.tpr_at, max_fpr=max_fpr),
        f"Share of positive rows detected when at most {short_percent(max_fpr)} of negative rows raise a false alarm.",
        ("positives", "negatives"),
        least_negatives=ceil(RULE_OF_THREE / max_fpr - formulas.ROUNDING),
        max_fpr=max_fpr,
    )


METRICS: tuple[Metric, ...] = (
    Metric(
        "accuracy",
        "Accuracy",
        True,
        "confusion",
        formulas.accuracy,
        "Share of rows that are classified correctly.",
        ("rows",),
    ),
    Metric(
        "precision",
        "Precision",
        True,
        "confusion",
        formulas.precision,
        "Share of rows predicted positive that are positive.",
        ("flagged",),
    ),
    Metric(
        "recall",
        "Recall",
        True,
        "confusion",
        formulas.recall,
        "Share of positive rows that are detected.",
        ("positives",),
    ),
    Metric("f1", "F1", True, "confusion", formulas.f1, "Harmonic mean of precision and recall.", ("positives",)),
    Metric(
        "specificity",
        "Specificity",
        True,
        "confusion",
        formulas.specificity,
        "Share of negative rows that are predicted negative.",
        ("negatives",),
    ),
    Metric(
        "fpr",
        "FPR",
        False,
        "confusion",
        formulas.fpr,
        "Share of negative rows that raise a false alarm.",
        ("negatives",),
    ),
    Metric("fnr", "FNR", False, "confusion", formulas.fnr, "Share of positive rows that are missed.", ("positives",)),
    Metric(
        "balanced_accuracy",
        "Balanced accuracy",
        True,
        "confusion",
        formulas.balanced_accuracy,
        "Mean of recall and specificity; both classes count equally.",
        ("positives", "negatives"),
    ),
    Metric(
        "mcc",
        "MCC",
        True,
        "confusion",
        formulas.mcc,
        "Correlation between prediction and truth: 1 is perfect, 0 is chance or a constant answer, -1 is always wrong.",
        ("positives", "negatives"),
    ),
    Metric(
        "roc_auc",
        "ROC-AUC",
        True,
        "scores",
        formulas.roc_auc,
        "Probability that a positive row scores higher than a negative one.",
        ("positives", "negatives"),
    ),
    Metric(
        "pr_auc",
        "PR-AUC",
        True,
        "scores",
        formulas.pr_auc,
        "Average precision over all thresholds; chance level is the share of positive rows.",
        ("positives",),
    ),
    Metric(
        "log_loss",
        "Log loss",
        False,
        "scores",
        formulas.log_loss,
        "Mean negative log-likelihood of the labels; 0 is perfect, 0.693 is a coin toss.",
        ("rows",),
    ),
    Metric(
        "brier",
        "Brier score",
        False,
        "scores",
        formulas.brier,
        "Mean squared difference between probability and label; 0 is perfect, 0.25 is a coin toss.",
        ("rows",),
    ),
    Metric(
        "ece",
        "Calibration error",
        False,
        "scores",
        formulas.ece,
        "Mean distance between probability and observed frequency (ECE, 15 bins); chance adds a little.",
        ("rows",),
    ),
    *map(_tpr_at, (0.1, 0.01, 0.001)),
)

BY_NAME: Mapping[str, Metric] = {metric.name: metric for metric in METRICS}


def evaluate_all(matrix: Confusion, counts: ScoreCounts) -> dict[str, Any]:
    """Every metric, in display order, of one data set or of b resamples at once (arrays of shape (b,))."""
    given = {"confusion": matrix, "scores": counts}
    return {metric.name: metric.function(given[metric.kind]) for metric in METRICS}


def compute(y: ArrayLike, proba: ArrayLike, threshold: float = 0.5) -> dict[str, float]:
    """All metrics by name, in display order.

    Parameters
    ----------
    y
        Shape (n,), 1 = positive class.
    proba
        Shape (n,), the probability of the positive class.
    threshold
        The probability from which a row counts as positive. A row exactly at it is positive; scikit-learn's
        ``predict`` takes the more probable class and gives 0 for a tie at 0.5.

    Returns
    -------
    dict of str to float
        Never NaN: a metric that is not defined has the conventional value that `notes` mentions.

    Raises
    ------
    EvaluateError
        When lengths differ or a probability is NaN or outside [0, 1].
    """
    return values_of(ScoredRows.validated(y, proba, threshold))


def values_of(rows: ScoredRows) -> dict[str, float]:
    """The same for rows that are validated already."""
    return {name: float(value) for name, value in evaluate_all(rows.confusion, rows.by_score).items()}


def score(name: MetricName, y: ArrayLike, proba: ArrayLike, threshold: float = 0.5) -> float:
    """A single metric, for a search that needs it thousands of times; equal to that of `compute`."""
    rows = ScoredRows.validated(y, proba, threshold)
    metric = BY_NAME[name]
    return float(metric.function(rows.confusion if metric.kind == "confusion" else rows.by_score))


def defined(name: MetricName, y: ArrayLike) -> bool:
    """Whether rows of these classes (1 = positive) define a metric, whatever is predicted."""
    import numpy as np

    positive = np.asarray(y) == 1
    has = {"positives": bool(positive.any()), "negatives": not positive.all()}
    return all(has.get(need, True) for need in BY_NAME[name].needs)


def lacking(metric: Metric, matrix: Confusion) -> Any:
    """Whether rows lack what the metric needs; for b resamples at once an array of shape (b,)."""
    import numpy as np

    return np.any([np.asarray(getattr(matrix, need)) == 0 for need in metric.needs], axis=0)


def undefined(matrix: Confusion) -> set[str]:
    """Names of the metrics that are not defined on these rows, or not resolvable."""
    lacking = {metric.name for metric in METRICS if not all(getattr(matrix, need) for need in metric.needs)}
    return lacking | unresolvable(matrix)


def unresolvable(matrix: Confusion) -> set[str]:
    """Names of the metrics that need more negative rows: N rows certify no rate below about 3 / N."""
    return {metric.name for metric in METRICS if matrix.negatives < metric.least_negatives}


def notes(matrix: Confusion, values: Mapping[str, float]) -> list[str]:
    """One sentence for each missing need, naming the metrics whose value is a convention because of it."""
    sentences = []
    for need, sentence in NEEDS.items():
        if not getattr(matrix, need):
            affected = [f"{metric.label} = {values[metric.name]:g}" for metric in METRICS if need in metric.needs]
            sentences.append(f"{sentence}; by convention {', '.join(affected)}.")
    return sentences


def resolution(matrix: Confusion) -> str | None:
    """Say in one sentence which metrics need more negative rows than there are; None if there are enough."""
    lost = [metric.label for metric in METRICS if metric.name in unresolvable(matrix)]
    if not lost or not matrix.negatives:
        return None
    finest = min(1.0, RULE_OF_THREE / matrix.negatives)
    return (
        f"{', '.join(lost)}: not resolvable. {matrix.negatives:,.0f} negative rows certify no false-positive rate "
        f"below {percent(finest, 2)} (rule of three)."
    )
