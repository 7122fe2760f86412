"""What all metrics are made of: the confusion matrix at a threshold, and the classes counted along the scores.

NumPy is imported inside of the functions: the declarations of the metrics must load without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from phishcli.errors import EvaluateError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

CURVE_POINTS = 200

TOLERANCE = 1e-6
"""How far a probability may lie outside of [0, 1] by the rounding of float32; it is clipped."""


@dataclass(frozen=True)
class Confusion:
    """Counts of rows at one threshold, as numbers or as float arrays of shape (b,), one element per resample."""

    tn: Any
    fp: Any
    fn: Any
    tp: Any

    @property
    def positives(self) -> Any:
        """Rows of the positive class."""
        return self.fn + self.tp

    @property
    def negatives(self) -> Any:
        """Rows of the negative class."""
        return self.tn + self.fp

    @property
    def flagged(self) -> Any:
        """Rows predicted positive."""
        return self.fp + self.tp

    @property
    def cleared(self) -> Any:
        """Rows predicted negative."""
        return self.tn + self.fn

    @property
    def rows(self) -> Any:
        """All rows."""
        return self.positives + self.negatives


@dataclass(frozen=True)
class Ladder:
    """Rows of each class at every distinct score, from the highest score down.

    ``positives`` and ``negatives`` are float64 arrays of shape (g,) or, for b resamples, (b, g); the last axis holds
    the g distinct ``scores``, shape (g,), falling. Equal scores share a step, which is what gives ties their half in
    the ROC-AUC.
    """

    positives: NDArray[np.float64]
    negatives: NDArray[np.float64]
    scores: NDArray[np.float64]

    @cached_property
    def found(self) -> NDArray[np.float64]:
        """Positive rows with this score or a higher one, same shape."""
        return self.positives.cumsum(axis=-1)

    @cached_property
    def false_alarms(self) -> NDArray[np.float64]:
        """Negative rows with this score or a higher one, same shape."""
        return self.negatives.cumsum(axis=-1)

    @property
    def n_positive(self) -> Any:
        """Positive rows in all, a number or shape (b,)."""
        return self.found[..., -1:].sum(axis=-1)

    @property
    def n_negative(self) -> Any:
        """Negative rows in all, a number or shape (b,)."""
        return self.false_alarms[..., -1:].sum(axis=-1)

    def confusion(self, step: int) -> Confusion:
        """The confusion matrix when the first ``step`` scores count as positive."""
        tp, fp = (counted[..., max(step, 1) - 1 : step].sum(axis=-1) for counted in (self.found, self.false_alarms))
        return Confusion(tn=self.n_negative - fp, fp=fp, fn=self.n_positive - tp, tp=tp)


def checked(
    y: ArrayLike, proba: ArrayLike, *, where: str | None = None
) -> tuple[NDArray[np.bool], NDArray[np.float64]]:
    """Bring target and probabilities into the one form that the metrics count on.

    Parameters
    ----------
    y
        Shape (n,), 1 = positive class.
    proba
        Shape (n,), the probability of the positive class, within [0, 1].
    where
        What the probabilities belong to, for the message.

    Returns
    -------
    tuple
        ``y == 1`` (bool) and the probabilities as float64, clipped to [0, 1].

    Raises
    ------
    EvaluateError
        When the two differ in length, or a probability is NaN or outside of [0, 1].
    """
    import numpy as np

    positive, scores = np.asarray(y) == 1, np.asarray(proba, dtype=np.float64)
    if positive.shape != scores.shape:
        raise EvaluateError(
            f"{scores.size:,} probabilities cannot be scored against {positive.size:,} rows.", where=where
        )
    wrong = ~((scores >= -TOLERANCE) & (scores <= 1 + TOLERANCE))
    if wrong.any():
        what = f"{np.count_nonzero(wrong):,} of {scores.size:,} probabilities are not within 0 and 1"
        hint = "Train the model again with other parameters, or leave it out of train.models."
        raise EvaluateError(f"{what} (the first is {scores[wrong][0]}).", where=where, hint=hint)
    return positive, scores.clip(0, 1)


def confusion(positive: NDArray[np.bool], scores: NDArray[np.float64], threshold: float) -> Confusion:
    """Count the four cells; a score equal to ``threshold`` counts as positive."""
    import numpy as np

    flagged = scores >= threshold
    tp, fp = np.count_nonzero(flagged & positive), np.count_nonzero(flagged & ~positive)
    fn = np.count_nonzero(positive) - tp
    return Confusion(tn=float(positive.size - tp - fp - fn), fp=float(fp), fn=float(fn), tp=float(tp))


def steps(scores: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Number the distinct scores from the highest (step 0) down.

    Returns
    -------
    tuple
        The step of each row, shape (n,), and the score of each step, shape (g,).
    """
    import numpy as np

    order = np.argsort(-scores)
    ordered = scores[order]
    new = np.ones(scores.size, dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    step = np.empty(scores.size, dtype=np.intp)
    step[order] = np.cumsum(new) - 1
    return step, ordered[new]


def ladder(positive: NDArray[np.bool], scores: NDArray[np.float64]) -> Ladder:
    """Count the classes at every distinct score."""
    import numpy as np

    step, distinct = steps(scores)
    pos, neg = (np.bincount(step[of], minlength=distinct.size).astype(np.float64) for of in (positive, ~positive))
    return Ladder(pos, neg, distinct)


def curves(counts: Ladder) -> dict[str, dict[str, list[float]]]:
    """Points of the ROC and of the precision-recall curve, thinned for a chart.

    Returns
    -------
    dict
        ``{"roc": {"fpr", "tpr"}, "pr": {"recall", "precision"}}``, at most 200 points each, evenly spaced along the
        curve and ends included; the ROC starts at (0, 0), the other at the highest score. Empty lists where one of
        the classes has no rows, since neither curve says anything then.
    """
    import numpy as np

    if not counts.n_positive or not counts.n_negative:
        return {"roc": {"fpr": [], "tpr": []}, "pr": {"recall": [], "precision": []}}
    recall, fpr = counts.found / counts.n_positive, counts.false_alarms / counts.n_negative
    precision = counts.found / (counts.found + counts.false_alarms)
    keep = np.unique(np.searchsorted(recall + fpr, np.linspace(0, 2, CURVE_POINTS - 1)).clip(max=recall.size - 1))
    points = {"recall": recall, "fpr": fpr, "precision": precision}
    kept = {name: np.round(values[keep], 6).tolist() for name, values in points.items()}
    roc = {"fpr": [0.0, *kept["fpr"]], "tpr": [0.0, *kept["recall"]]}
    return {"roc": roc, "pr": {"recall": kept["recall"], "precision": kept["precision"]}}
