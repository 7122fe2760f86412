"""The metrics as declarations in display order, from the point of view of the positive class (phishing).

Loading this module loads neither NumPy nor scikit-learn, so that a table of stored results can be drawn without them.
A metric is added by one entry in `METRICS` and its name in ``config.schema.MetricName``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from phishcli.evaluation import formulas
from phishcli.evaluation.counts import Confusion, Ladder, checked, confusion, ladder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike

    from phishcli.config.schema import MetricName

Need = Literal["rows", "positives", "negatives", "flagged", "cleared"]

NEEDS: dict[Need, str] = {
    "rows": "There are no rows",
    "positives": "No row is positive",
    "negatives": "No row is negative",
    "flagged": "No row is predicted positive",
    "cleared": "No row is predicted negative",
}
"""What a metric may need to be defined, and the sentence that says that it is not there."""


@dataclass(frozen=True)
class Metric:
    """One metric.

    ``kind`` says what ``function`` is given: the confusion matrix at the threshold (`Confusion`) or the ranking of the
    rows by score (`Ladder`); for b resamples at once it returns an array of shape (b,). Without one of its ``needs``
    the value is a convention, not a measurement; with fewer negative rows than ``least_negatives`` it is not
    resolvable. ``max_fpr`` is the false-positive rate that it speaks of, if it does.
    """

    name: MetricName
    label: str
    higher_is_better: bool
    kind: Literal["confusion", "ranking"]
    function: Callable[[Any], Any]
    explanation: str
    needs: tuple[Need, ...]
    least_negatives: int = 0
    max_fpr: float | None = None


RULE_OF_THREE = 3
"""If none of n rows shows an event, its rate is below about 3 / n with 95 % confidence (Hanley and Lippman-Hand 1983,
JAMA 249, 1743-1745): nothing rarer can be certified with n rows."""


def _tpr_at(max_fpr: float) -> Metric:
    return Metric(
        f"tpr@fpr={max_fpr:g}",  # type: ignore[arg-type]  # a test compares the names with MetricName
        f"TPR at FPR {100 * max_fpr:g} %",
        True,
        "ranking",
        partial(formulas.tpr_at, max_fpr=max_fpr),
        f"Share of the positive rows caught while at most {100 * max_fpr:g} % of the negative ones raise an alarm.",
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
        "Share of all rows that are judged rightly.",
        ("rows",),
    ),
    Metric(
        "precision",
        "Precision",
        True,
        "confusion",
        formulas.precision,
        "Share of the rows called positive that are positive.",
        ("flagged",),
    ),
    Metric(
        "recall",
        "Recall",
        True,
        "confusion",
        formulas.recall,
        "Share of the positive rows that are caught.",
        ("positives",),
    ),
    Metric("f1", "F1", True, "confusion", formulas.f1, "Harmonic mean of precision and recall.", ("positives",)),
    Metric(
        "specificity",
        "Specificity",
        True,
        "confusion",
        formulas.specificity,
        "Share of the negative rows that are let through.",
        ("negatives",),
    ),
    Metric(
        "fpr",
        "FPR",
        False,
        "confusion",
        formulas.fpr,
        "Share of the negative rows that raise an alarm.",
        ("negatives",),
    ),
    Metric(
        "fnr", "FNR", False, "confusion", formulas.fnr, "Share of the positive rows that are missed.", ("positives",)
    ),
    Metric(
        "balanced_accuracy",
        "Balanced accuracy",
        True,
        "confusion",
        formulas.balanced_accuracy,
        "Mean of recall and specificity: both classes count the same.",
        ("positives", "negatives"),
    ),
    Metric(
        "mcc",
        "MCC",
        True,
        "confusion",
        formulas.mcc,
        "Correlation of verdict and truth: 1 perfect, 0 no better than chance, -1 always wrong.",
        ("positives", "negatives", "flagged", "cleared"),
    ),
    Metric(
        "roc_auc",
        "ROC-AUC",
        True,
        "ranking",
        formulas.roc_auc,
        "Chance that a positive row scores higher than a negative one.",
        ("positives", "negatives"),
    ),
    Metric(
        "pr_auc",
        "PR-AUC",
        True,
        "ranking",
        formulas.pr_auc,
        "Average precision over all thresholds; chance level is the share of positive rows.",
        ("positives",),
    ),
    Metric(
        "log_loss",
        "Log loss",
        False,
        "ranking",
        formulas.log_loss,
        "How surprising the labels are under the probabilities; 0 is perfect, 0.693 is a coin.",
        ("rows",),
    ),
    Metric(
        "brier",
        "Brier score",
        False,
        "ranking",
        formulas.brier,
        "Mean squared distance of probability and label; 0 is perfect, 0.25 is a coin.",
        ("rows",),
    ),
    Metric(
        "ece",
        "Calibration error",
        False,
        "ranking",
        formulas.ece,
        "How far probabilities are from the shares that come true, on average (ECE, 15 bins); chance adds a little.",
        ("rows",),
    ),
    *map(_tpr_at, (0.1, 0.01, 0.001)),
)


def evaluate_all(matrix: Confusion, ranking: Ladder) -> dict[str, Any]:
    """Every metric, in display order, of one data set or of b resamples at once (arrays of shape (b,))."""
    given = {"confusion": matrix, "ranking": ranking}
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
        ``predict`` takes the more probable class and gives 0 on a draw at 0.5.

    Returns
    -------
    dict of str to float
        Never NaN: what is undefined has the conventional value that `notes` speaks of.

    Raises
    ------
    EvaluateError
        When lengths differ or a probability is NaN or outside of [0, 1].
    """
    positive, scores = checked(y, proba)
    values = evaluate_all(confusion(positive, scores, threshold), ladder(positive, scores))
    return {name: float(value) for name, value in values.items()}


def score(name: MetricName, y: ArrayLike, proba: ArrayLike, threshold: float = 0.5) -> float:
    """One metric alone, for a search that asks thousands of times; the value is the one of `compute`."""
    positive, scores = checked(y, proba)
    metric = next(metric for metric in METRICS if metric.name == name)
    given = confusion(positive, scores, threshold) if metric.kind == "confusion" else ladder(positive, scores)
    return float(metric.function(given))


def undefined(matrix: Confusion) -> set[str]:
    """Names of the metrics that these rows do not define, or cannot resolve."""
    lacking = {metric.name for metric in METRICS if not all(getattr(matrix, need) for need in metric.needs)}
    return lacking | unresolvable(matrix)


def unresolvable(matrix: Confusion) -> set[str]:
    """Names of the metrics that ask for more negative rows: nothing rarer than about 3 / N can be certified."""
    return {metric.name for metric in METRICS if matrix.negatives < metric.least_negatives}


def notes(matrix: Confusion, values: Mapping[str, float]) -> list[str]:
    """One sentence for each thing that is missing, naming the metrics whose value is a convention because of it."""
    sentences = []
    for need, sentence in NEEDS.items():
        if not getattr(matrix, need):
            concerned = [f"{metric.label} = {values[metric.name]:g}" for metric in METRICS if need in metric.needs]
            sentences.append(f"{sentence}; by convention {', '.join(concerned)}.")
    return sentences


def resolution(matrix: Confusion) -> str | None:
    """Say which metrics ask for more negative rows than there are, in one sentence, or nothing."""
    lost = [metric.label for metric in METRICS if metric.name in unresolvable(matrix)]
    if not lost or not matrix.negatives:
        return None
    finest = min(1.0, RULE_OF_THREE / matrix.negatives)
    return (
        f"{', '.join(lost)}: not resolvable. {matrix.negatives:,.0f} negative rows certify no false-positive rate "
        f"below {finest:.2%} (the rule of three)."
    )
