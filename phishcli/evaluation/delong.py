"""The interval of a ROC-AUC without resampling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm, rankdata

if TYPE_CHECKING:
    from numpy.typing import NDArray


def delong(
    positive: NDArray[np.bool_], scores: NDArray[np.float64], confidence: float = 0.95
) -> tuple[float, float] | None:
    """Give the interval of the ROC-AUC by the variance of its two samples.

    DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845. It is worked out from mid-ranks (Sun and Xu
    2014, IEEE Signal Processing Letters 21, 1389-1393) and the interval taken on the scale of log odds, so that it
    stays within 0 and 1.

    Parameters
    ----------
    positive, scores
        Shape (n,).

    Returns
    -------
    tuple or None
        None with fewer than two rows of a class; a point where the AUC is 0 or 1.
    """
    cases, controls = scores[positive], scores[~positive]
    m, n = len(cases), len(controls)
    if min(m, n) < 2:  # noqa: PLR2004 (a variance takes two)
        return None
    ranks = rankdata(np.concatenate([cases, controls]))
    above = (ranks[:m] - rankdata(cases)) / n
    below = 1 - (ranks[m:] - rankdata(controls)) / m
    area = float(above.mean())
    error = float(np.sqrt(above.var(ddof=1) / m + below.var(ddof=1) / n))
    if not 0 < area < 1 or not error:
        return area, area
    half = float(norm.ppf((1 + confidence) / 2)) * error / (area * (1 - area))
    return float(expit(logit(area) - half)), float(expit(logit(area) + half))
