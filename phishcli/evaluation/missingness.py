"""Scores on the rows that have a value whose absence gives the label away: what a model can do without that hint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from phishcli.evaluation.counts import checked, confusion, ladder
from phishcli.evaluation.intervals import intervals_of, with_intervals
from phishcli.evaluation.metrics import evaluate_all, undefined
from phishcli.evaluation.resampling import resample
from phishcli.evaluation.segments import LEAST

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray


def where_present(
    predictions: pd.DataFrame,
    metrics: Mapping[str, Any],
    present: NDArray[np.bool],
    *,
    groups: ArrayLike | None = None,
    n_boot: int,
    confidence: float,
    seed: int,
) -> dict[str, Any] | None:
    """Score one model on some of the test rows, at the same thresholds as on all of them.

    Parameters
    ----------
    predictions
        ``target`` and ``probability`` of n rows.
    metrics
        ``metrics.json`` of the model: its ``threshold`` and ``operating_points``.
    present
        Shape (n,), the rows that count.
    groups
        Length n, rows that are resampled together.
    n_boot, confidence, seed
        The bootstrap of the intervals.

    Returns
    -------
    dict or None
        ``n``, ``n_positive``; ``metrics``: name -> ``value``, ``low``, ``high``, None where these rows do not define
        or resolve it; ``recall`` by the name of the threshold's rule. None with fewer than `LEAST` rows, or without
        rows of both classes.
    """
    target, probability = (predictions[name].to_numpy()[present] for name in ("target", "probability"))
    positive, scores = checked(target, probability)
    n, n_positive = len(positive), int(positive.sum())
    if n < LEAST or n_positive in (0, n):
        return None
    own, threshold = None if groups is None else np.asarray(groups)[present], metrics["threshold"]
    drawn = resample(positive, scores, threshold, groups=own, n_boot=n_boot, seed=seed)
    intervals = intervals_of(
        positive, scores, threshold, drawn, groups=own, n_boot=n_boot, confidence=confidence, seed=seed
    )
    matrix = confusion(positive, scores, threshold)
    values = evaluate_all(matrix, ladder(positive, scores))
    caught = {
        point["rule"]: int((scores[positive] >= point["threshold"]).sum()) for point in metrics["operating_points"]
    }
    return {
        "n": n,
        "n_positive": n_positive,
        "metrics": with_intervals(values, intervals, lost=undefined(matrix)),
        "recall": {rule: count / n_positive for rule, count in caught.items()},
    }
