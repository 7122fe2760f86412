"""What all metrics are made of: the confusion matrix at a threshold, and the classes counted by score.

NumPy is imported inside the functions: the declarations of the metrics must load without it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from phishcli.documents.metrics import ConfusionMatrix
from phishcli.errors import EvaluateError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

TOLERANCE = 1e-6
"""How far a probability may lie outside [0, 1] because of float32 rounding; it is clipped."""


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

    def matrix(self) -> ConfusionMatrix:
        """The same as whole numbers, for a document."""
        return ConfusionMatrix(tn=int(self.tn), fp=int(self.fp), fn=int(self.fn), tp=int(self.tp))


@dataclass(frozen=True)
class ScoreCounts:
    """Rows of each class at every distinct score, from the highest score down.

    ``positives`` and ``negatives`` are float64 arrays of shape (g,) or, for b resamples, (b, g); the last axis follows
    the g distinct ``scores``, shape (g,), descending. Equal scores are counted together, which is what gives ties their
    half in the ROC-AUC.
    """

    positives: NDArray[np.float64]
    negatives: NDArray[np.float64]
    scores: NDArray[np.float64]

    @cached_property
    def tp(self) -> NDArray[np.float64]:
        """Positive rows with this score or a higher one, same shape."""
        return self.positives.cumsum(axis=-1)

    @cached_property
    def fp(self) -> NDArray[np.float64]:
        """Negative rows with this score or a higher one, same shape."""
        return self.negatives.cumsum(axis=-1)

    @property
    def n_positive(self) -> Any:
        """All positive rows, a number or shape (b,)."""
        return self.tp[..., -1:].sum(axis=-1)

    @property
    def n_negative(self) -> Any:
        """All negative rows, a number or shape (b,)."""
        return self.fp[..., -1:].sum(axis=-1)

    def confusion(self, flagged: int) -> Confusion:
        """The confusion matrix when the ``flagged`` highest of the distinct scores count as positive."""
        tp, fp = (counts[..., max(flagged, 1) - 1 : flagged].sum(axis=-1) for counts in (self.tp, self.fp))
        return Confusion(tn=self.n_negative - fp, fp=fp, fn=self.n_positive - tp, tp=tp)


@dataclass(frozen=True)
class ScoredRows:
    """The class of n rows, their probability of the positive class, and the threshold from which they count as such.

    ``positive`` (bool) and ``scores`` (float64, within [0, 1]) have shape (n,).
    """

    positive: NDArray[np.bool]
    scores: NDArray[np.float64]
    threshold: float = 0.5

    @classmethod
    def validated(
        cls, y: ArrayLike, proba: ArrayLike, threshold: float = 0.5, *, where: str | None = None
    ) -> ScoredRows:
        """Bring classes and probabilities into the one form that the metrics count on.

        Parameters
        ----------
        y
            Shape (n,), 1 = positive class.
        proba
            Shape (n,), the probability of the positive class, within [0, 1]; what rounding pushed out is clipped.
        threshold
            The probability from which a row counts as positive.
        where
            What the probabilities belong to, for the message.

        Raises
        ------
        EvaluateError
            When the two differ in length, or a probability is NaN or outside [0, 1].
        """
        import numpy as np

        positive, scores = np.asarray(y) == 1, np.asarray(proba, dtype=np.float64)
        if positive.shape != scores.shape:
            raise EvaluateError(
                f"{scores.size:,} probabilities cannot be scored against {positive.size:,} rows.", where=where
            )
        invalid = ~((scores >= -TOLERANCE) & (scores <= 1 + TOLERANCE))
        if invalid.any():
            what = f"{np.count_nonzero(invalid):,} of {scores.size:,} probabilities are not between 0 and 1"
            hint = "Train the model again with other parameters, or remove it from train.models."
            raise EvaluateError(f"{what} (the first is {scores[invalid][0]}).", where=where, hint=hint)
        return cls(positive, scores.clip(0, 1), threshold)

    def __len__(self) -> int:
        return len(self.positive)

    def at(self, threshold: float) -> ScoredRows:
        """The same rows at another threshold."""
        return replace(self, threshold=threshold)

    def where(self, chosen: NDArray[np.bool]) -> ScoredRows:
        """Some of the rows; ``chosen`` has shape (n,)."""
        return replace(self, positive=self.positive[chosen], scores=self.scores[chosen])

    @cached_property
    def confusion(self) -> Confusion:
        """The four cells; a score equal to the threshold counts as positive."""
        import numpy as np

        flagged = self.scores >= self.threshold
        tp, fp = np.count_nonzero(flagged & self.positive), np.count_nonzero(flagged & ~self.positive)
        fn = np.count_nonzero(self.positive) - tp
        return Confusion(tn=float(len(self) - tp - fp - fn), fp=float(fp), fn=float(fn), tp=float(tp))

    @cached_property
    def by_score(self) -> ScoreCounts:
        """The classes at every distinct score."""
        import numpy as np

        level, distinct = score_levels(self.scores)
        pos, neg = (
            np.bincount(level[chosen], minlength=distinct.size).astype(np.float64)
            for chosen in (self.positive, ~self.positive)
        )
        return ScoreCounts(pos, neg, distinct)


def score_levels(scores: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Number the distinct scores from the highest (0) down.

    Returns
    -------
    tuple
        The number of each row's score, shape (n,), and the distinct scores, shape (g,).
    """
    import numpy as np

    order = np.argsort(-scores)
    ordered = scores[order]
    new = np.ones(scores.size, dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    level = np.empty(scores.size, dtype=np.intp)
    level[order] = np.cumsum(new) - 1
    return level, ordered[new]
