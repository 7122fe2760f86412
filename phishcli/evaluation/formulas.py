"""The formulas of the metrics, each for one data set or for many resamples at once.

They take counts (`Confusion` or `ScoreCounts`) and return a number or, for b resamples, an array of shape (b,). A ratio
with a denominator of 0 is 0. NumPy is imported inside the functions: the declarations that name these must load without
it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phishcli.evaluation.counts import Confusion, ScoreCounts


TINY = 1e-15
"""How close to 0 and 1 a probability may be when its logarithm is taken."""
BINS = 15
"""Number of bins of the expected calibration error."""
ROUNDING = 1e-9
"""By how much a rate times a number of rows may fall short of a whole number."""


def _ratio(part: Any, whole: Any) -> Any:
    """``part / whole``, and 0 where ``whole`` is 0."""
    import numpy as np

    return np.divide(part, whole, out=np.zeros(np.shape(whole)), where=np.asarray(whole) != 0)


def _dot(a: Any, b: Any) -> Any:
    """Products summed over the last axis, without BLAS, whose sums vary with the number of threads."""
    import numpy as np

    return np.einsum("...g,...g->...", a, b)


def accuracy(c: Confusion) -> Any:
    """Correct predictions among all rows."""
    return _ratio(c.tp + c.tn, c.rows)


def precision(c: Confusion) -> Any:
    """Positive rows among the flagged ones."""
    return _ratio(c.tp, c.flagged)


def recall(c: Confusion) -> Any:
    """Flagged rows among the positive ones (true positive rate)."""
    return _ratio(c.tp, c.positives)


def f1(c: Confusion) -> Any:
    """Harmonic mean of precision and recall."""
    return _ratio(2 * c.tp, c.positives + c.flagged)


def specificity(c: Confusion) -> Any:
    """Cleared rows among the negative ones (true negative rate)."""
    return _ratio(c.tn, c.negatives)


def fpr(c: Confusion) -> Any:
    """Flagged rows among the negative ones."""
    return _ratio(c.fp, c.negatives)


def fnr(c: Confusion) -> Any:
    """Cleared rows among the positive ones."""
    return _ratio(c.fn, c.positives)


def balanced_accuracy(c: Confusion) -> Any:
    """The mean of recall and specificity, over the classes that have rows."""
    import numpy as np

    classes = np.sign(c.positives) + np.sign(c.negatives)
    return _ratio(recall(c) + specificity(c), classes)


def mcc(c: Confusion) -> Any:
    """The Matthews correlation coefficient (1975, Biochimica et Biophysica Acta 405, 442-451)."""
    import numpy as np

    covariance = c.tp * c.tn - c.fp * c.fn
    return _ratio(covariance, np.sqrt(c.positives * c.negatives * c.flagged * c.cleared))


def roc_auc(counts: ScoreCounts) -> Any:
    """The Mann-Whitney form: correctly ordered pairs plus half of the tied ones, over all pairs; 0.5 without pairs.

    Hanley and McNeil (1982), Radiology 143, 29-36.
    """
    import numpy as np

    pairs = counts.n_positive * counts.n_negative
    ordered = _dot(counts.negatives, counts.tp) - _dot(counts.negatives, counts.positives) / 2
    return np.where(pairs > 0, _ratio(ordered, pairs), 0.5)


def log_loss(counts: ScoreCounts) -> Any:
    """Mean negative log likelihood of the classes (Good 1952, J. of the Royal Statistical Society B 14, 107-114)."""
    import numpy as np

    clipped = counts.scores.clip(TINY, 1 - TINY)
    likelihood = _dot(counts.positives, np.log(clipped)) + _dot(counts.negatives, np.log1p(-clipped))
    return _ratio(-likelihood, counts.n_positive + counts.n_negative)


def brier(counts: ScoreCounts) -> Any:
    """Mean squared distance of probability and class (Brier 1950, Monthly Weather Review 78, 1-3)."""
    squares = _dot(counts.positives, (1 - counts.scores) ** 2) + _dot(counts.negatives, counts.scores**2)
    return _ratio(squares, counts.n_positive + counts.n_negative)


def ece(counts: ScoreCounts) -> Any:
    """Expected calibration error: mean distance of score and share of positives, over 15 bins of equal width.

    Naeini, Cooper and Hauskrecht (2015), AAAI, 2901-2907, for the probability of the positive class; 15 bins as in Guo,
    Pleiss, Sun and Weinberger (2017), ICML, 1321-1330. It cannot be negative, so chance increases it.
    """
    import numpy as np

    bins = bins_of(counts.scores)
    if not bins.size:
        return np.zeros(np.shape(counts.n_positive))
    starts = np.flatnonzero(np.diff(bins, prepend=-1))
    expected = (counts.positives + counts.negatives) * counts.scores
    deviation = np.add.reduceat(counts.positives - expected, starts, axis=-1)
    return _ratio(np.abs(deviation).sum(axis=-1), counts.n_positive + counts.n_negative)


def bins_of(scores: Any) -> Any:
    """The bin of each score for the calibration error, counted from 0."""
    import numpy as np

    return np.minimum((scores * BINS).astype(int), BINS - 1)


def tpr_at(counts: ScoreCounts, max_fpr: float) -> Any:
    """The highest recall of any threshold with an FPR of at most ``max_fpr``, without interpolation."""
    import numpy as np

    if not counts.scores.size:
        return np.zeros(np.shape(counts.n_positive))
    budget = np.asarray(counts.n_negative * max_fpr + ROUNDING)[..., None]
    allowed = (counts.fp <= budget).sum(axis=-1)
    recalled = np.take_along_axis(counts.tp, np.maximum(allowed - 1, 0)[..., None], axis=-1)[..., 0]
    return _ratio(np.where(allowed > 0, recalled, 0.0), counts.n_positive)


def pr_auc(counts: ScoreCounts) -> Any:
    """Average precision: the precision at each score, weighted by the recall gained there, without interpolation."""
    import numpy as np

    precision = counts.tp / np.maximum(counts.tp + counts.fp, 1)
    return _ratio(_dot(counts.positives, precision), counts.n_positive)
