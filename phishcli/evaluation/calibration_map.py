"""From scores to probabilities by a calibration map, with NumPy and the standard library only, as releases need it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from phishcli.documents.calibration import CalibrationMap, IsotonicMap

CLIP = 1e-6
"""How near to 0 and 1 log odds are taken."""
LARGEST = 709.0
"""The exponential of more overflows."""


def apply_map(fitted: CalibrationMap | None, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn scores into probabilities; None leaves them as they are. Shape (n,) in and out."""
    if fitted is None:
        return scores
    if isinstance(fitted, IsotonicMap):
        return np.interp(scores, fitted.x, fitted.y)
    return _expit(fitted.slope * log_odds(scores) + fitted.intercept)


def apply_to_one(fitted: CalibrationMap | None, score: float) -> float:
    """Turn one score into its probability, as `apply_map` does, without arrays around it."""
    if fitted is None:
        return score
    if isinstance(fitted, IsotonicMap):
        return float(np.interp(score, fitted.x, fitted.y))
    odds = fitted.slope * _logit(min(max(score, CLIP), 1 - CLIP)) + fitted.intercept
    return 1 / (1 + math.exp(min(-odds, LARGEST)))


def log_odds(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give log(p / (1 - p)) for scores p, shape (n,), kept `CLIP` away from 0 and 1."""
    # Value by value: NumPy's vectorized log and exp round the last bit in their own way on each processor.
    return np.array([_logit(score) for score in np.clip(scores, CLIP, 1 - CLIP).tolist()])


def _logit(p: float) -> float:
    """Keep all digits near one half, where both logarithms of the quotient come close to 0."""
    if p < 0.3 or p > 0.65:  # noqa: PLR2004 (where either formula is exact enough)
        return math.log(p / (1 - p))
    s = 2 * (p - 0.5)
    return math.log1p(s) - math.log1p(-s)


def _expit(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([1 / (1 + math.exp(min(-value, LARGEST))) for value in values.tolist()])
