"""Rows whose label is probably wrong: out-of-fold probabilities contradict it, or an equal row has the other one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 200
"""Rows listed for either reason."""
SURE = 0.5
"""How probable the other label must be."""


def suspects(oof: Mapping[str, pd.DataFrame], twins: NDArray[np.int64], target: NDArray[np.int8]) -> pd.DataFrame:
    """List the rows that somebody should look at.

    A row is judged by models that have not seen it (confident learning: Northcutt, Jiang and Chuang 2021, JAIR 70,
    1373-1411, ranks by the same self-confidence). Rows of the test part are judged by no such model but those of the
    training part, so they are listed as twins only.

    Parameters
    ----------
    oof
        Per model ``row`` (position in the table), ``target`` and ``probability`` of the positive class, out of fold;
        the same rows in the same order.
    twins, target
        Of the whole table: equal numbers where all features are equal, and 1 for the positive class.

    Returns
    -------
    DataFrame
        ``row``, ``target``, ``probability`` (mean over the models, NaN for test rows), ``against`` (models for which
        the other label is more probable), ``reason`` (``contradicted``, ``conflicting twins``, or both), ``twin``
        (rows of the same number are equal; -1 for none). The most doubtful first.
    """
    frames = list(oof.values())
    rows, labels = frames[0]["row"].to_numpy(), frames[0]["target"].to_numpy()
    scores = np.array([frame["probability"].to_numpy() for frame in frames])
    doubt = np.where(labels == 1, 1 - scores, scores)
    worst = np.argsort(-doubt.mean(axis=0), kind="stable")[:MOST]
    worst = worst[doubt.mean(axis=0)[worst] > SURE]
    mixed = _mixed(twins, target)
    listed = np.unique(np.concatenate([rows[worst], mixed[:MOST]]))
    place = pd.Series(np.arange(len(rows)), index=rows).reindex(listed)
    known = place.notna().to_numpy()
    at = place[known].astype(int).to_numpy()
    mean, against = np.full(len(listed), np.nan), np.zeros(len(listed), dtype=np.int64)
    mean[known], against[known] = scores.mean(axis=0)[at], (doubt[:, at] > SURE).sum(axis=0)
    frame = pd.DataFrame({"row": listed, "target": target[listed], "probability": mean, "against": against})
    contradicted, twin = np.isin(listed, rows[worst]), np.isin(listed, mixed)
    frame["reason"] = np.select(
        [contradicted & twin, contradicted], ["contradicted, conflicting twins", "contradicted"], "conflicting twins"
    )
    frame["twin"] = np.where(twin, twins[listed], -1)
    certain = np.where(frame["target"] == 1, 1 - frame["probability"], frame["probability"])
    order = np.lexsort((frame["row"], frame["twin"], -np.nan_to_num(certain, nan=-1.0)))
    return frame.iloc[order].reset_index(drop=True)


def _mixed(twins: NDArray[np.int64], target: NDArray[np.int8]) -> NDArray[Any]:
    """Positions of rows with an equal row of the other label, twins side by side."""
    positives = np.bincount(twins, weights=target == 1)
    rows = np.bincount(twins)
    both = (positives > 0) & (positives < rows)
    found = np.flatnonzero(both[twins])
    return found[np.argsort(twins[found], kind="stable")]
