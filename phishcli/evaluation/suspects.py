"""Rows with a doubtful label: out-of-fold probabilities contradict it, or an identical row has the other label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from phishcli.documents.columns import PROBABILITY, ROW, TARGET, TWIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 200
"""Rows listed for either reason, at most."""
HALF = 0.5
"""The other label must be more probable than this."""
REASON, CONTRADICTED, CONFLICTING = "reason", "contradicted", "conflicting twins"
"""The column of reasons, and what it may say; both are joined by a comma."""


def suspects(oof: Mapping[str, pd.DataFrame], twins: NDArray[np.int64], target: NDArray[np.int8]) -> pd.DataFrame:
    """List the rows whose label should be checked.

    A row is scored by models that have not seen it (confident learning: Northcutt, Jiang and Chuang 2021, JAIR 70,
    1373-1411, ranks by the same self-confidence). Only rows of the training part have such scores, so rows of the test
    part are listed as twins only.

    Parameters
    ----------
    oof
        For each model ``row`` (position in the table), ``target`` and ``probability`` of the positive class, out of
        fold; the same rows in the same order.
    twins, target
        Of the whole table: equal numbers where all features are equal, and 1 for the positive class.

    Returns
    -------
    DataFrame
        ``row``, ``target``, ``probability`` (mean over the models, NaN for test rows), ``against`` (number of models
        for which the other label is more probable), ``reason`` (``contradicted``, ``conflicting twins``, or both),
        ``twin`` (equal for identical rows; -1 for none). Most doubtful first.
    """
    frames = list(oof.values())
    rows, labels = frames[0][ROW].to_numpy(), frames[0][TARGET].to_numpy()
    scores = np.array([frame[PROBABILITY].to_numpy() for frame in frames])
    doubt = np.where(labels == 1, 1 - scores, scores)
    worst = np.argsort(-doubt.mean(axis=0), kind="stable")[:MOST]
    worst = worst[doubt.mean(axis=0)[worst] > HALF]
    mixed = _mixed(twins, target)
    listed = np.unique(np.concatenate([rows[worst], mixed[:MOST]]))
    place = pd.Series(np.arange(len(rows)), index=rows).reindex(listed)
    known = place.notna().to_numpy()
    at = place[known].astype(int).to_numpy()
    mean, against = np.full(len(listed), np.nan), np.zeros(len(listed), dtype=np.int64)
    mean[known], against[known] = scores.mean(axis=0)[at], (doubt[:, at] > HALF).sum(axis=0)
    frame = pd.DataFrame({ROW: listed, TARGET: target[listed], PROBABILITY: mean, "against": against})
    twin = np.isin(listed, mixed)
    frame[REASON] = _reasons(contradicted=np.isin(listed, rows[worst]), twin=twin)
    frame[TWIN] = np.where(twin, twins[listed], -1)
    return _most_doubtful_first(frame)


def _reasons(*, contradicted: NDArray[np.bool], twin: NDArray[np.bool]) -> NDArray[Any]:
    both = f"{CONTRADICTED}, {CONFLICTING}"
    return np.select([contradicted & twin, contradicted], [both, CONTRADICTED], CONFLICTING)


def _most_doubtful_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Order by the probability of the other label; rows without a score come last, twins next to each other."""
    other_label = np.where(frame[TARGET] == 1, 1 - frame[PROBABILITY], frame[PROBABILITY])
    order = np.lexsort((frame[ROW], frame[TWIN], -np.nan_to_num(other_label, nan=-1.0)))
    return frame.iloc[order].reset_index(drop=True)


def _mixed(twins: NDArray[np.int64], target: NDArray[np.int8]) -> NDArray[Any]:
    """Positions of rows with an identical row of the other label, twins next to each other."""
    positives = np.bincount(twins, weights=target == 1)
    rows = np.bincount(twins)
    both = (positives > 0) & (positives < rows)
    found = np.flatnonzero(both[twins])
    return found[np.argsort(twins[found], kind="stable")]
