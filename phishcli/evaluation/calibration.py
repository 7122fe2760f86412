"""Whether probabilities agree with observed frequencies, and maps that make them agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.stats import beta

from phishcli.documents.calibration import CalibrationBin, CalibrationMap, IsotonicMap, SigmoidMap
from phishcli.evaluation.calibration_map import apply_map, log_odds

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["isotonic", "sigmoid"]

BINS = 10
"""Number of bins of the reliability curve."""


def curve(positive: NDArray[np.bool_], scores: NDArray[np.float64], confidence: float = 0.95) -> list[CalibrationBin]:
    """Compare predictions with observed frequencies, in bins of about equal size.

    Parameters
    ----------
    positive, scores
        Shape (n,): whether a row is positive, and its probability.

    Returns
    -------
    list
        From the lowest scores up. Equal scores share a bin.
    """
    order = np.argsort(scores, kind="stable")
    edges = np.unique(np.searchsorted(scores[order], np.quantile(scores, np.arange(1, BINS) / BINS), side="right"))
    parts = np.split(order, edges)
    return [_bin(positive[part], scores[part], confidence) for part in parts if len(part)]


def _bin(positive: NDArray[np.bool_], scores: NDArray[np.float64], confidence: float) -> CalibrationBin:
    n, hits = len(scores), int(positive.sum())
    tail = (1 - confidence) / 2
    return CalibrationBin(
        n=n,
        predicted=float(scores.mean()),
        observed=hits / n,
        low=float(beta.ppf(tail, hits, n - hits + 1)) if hits else 0.0,
        high=float(beta.ppf(1 - tail, hits + 1, n - hits)) if hits < n else 1.0,
    )


def fit_map(kind: Kind, positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> CalibrationMap:
    """Learn a map from scores to probabilities on out-of-fold scores.

    ``sigmoid``: a logistic regression on the log odds of the score (after Platt 1999, *Advances in Large Margin
    Classifiers*, 61-74, who fits it on margins and to smoothed labels). ``isotonic``: the best non-decreasing step
    function, with linear interpolation between its corners (Zadrozny and Elkan 2002, KDD, 694-699).
    """
    if kind == "sigmoid":
        from sklearn.linear_model import LogisticRegression

        fitted = LogisticRegression(C=np.inf).fit(log_odds(scores)[:, None], positive)
        return SigmoidMap(slope=float(fitted.coef_[0, 0]), intercept=float(fitted.intercept_[0]))
    from sklearn.isotonic import IsotonicRegression

    steps = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, positive)
    return IsotonicMap(x=tuple(steps.X_thresholds_.tolist()), y=tuple(steps.y_thresholds_.tolist()))


def cross_fitted(
    kind: Kind, positive: NDArray[np.bool_], scores: NDArray[np.float64], folds: NDArray[np.int8]
) -> NDArray[np.float64]:
    """Calibrate the out-of-fold scores of each fold with a map learned on the other folds."""
    calibrated = np.empty(len(scores))
    for fold in np.unique(folds):
        inside = folds == fold
        calibrated[inside] = apply_map(fit_map(kind, positive[~inside], scores[~inside]), scores[inside])
    return calibrated
