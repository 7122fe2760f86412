"""Whether a classifier can tell test rows from training rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.measure import auc, standard_error

ROWS = 10_000
"""Rows of either part that it is tried on."""
CLEAR, FAR = 3, 0.05
"""Standard errors, and distance of the AUC from one half, at which the parts differ."""
STRONG = 0.7


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the split."""
    test = evidence.test
    assert test is not None  # noqa: S101 (checks of the split are given one)
    rows, late = _drawn(test)
    scores, leading = _tell_apart(_numbers(evidence.features.iloc[rows]), late)
    area = auc(scores, late)
    clear = max(FAR, CLEAR * standard_error(int(late.sum()), int((~late).sum())))
    if area - 0.5 > clear:
        yield Found(
            f"A classifier tells test rows from training rows with an AUC of {area:.3f} (0.5 is chance), above all by "
            f"{leading}.",
            severity="warning" if area >= STRONG else "note",
            numbers={"auc": area, "column": leading},
        )


def _drawn(test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw as many rows of either part, at most `ROWS`; and whether each is a test row."""
    rng = np.random.default_rng(0)
    parts = [np.flatnonzero(~test), np.flatnonzero(test)]
    size = min(ROWS, *map(len, parts))
    rows = np.concatenate([rng.choice(part, size, replace=False) for part in parts])
    order = rng.permutation(len(rows))
    return rows[order], test[rows[order]]


def _numbers(features: pd.DataFrame) -> pd.DataFrame:
    return features.apply(
        lambda values: values.cat.codes if isinstance(values.dtype, pd.CategoricalDtype) else values
    ).astype(np.float64)


def _tell_apart(x: pd.DataFrame, late: np.ndarray) -> tuple[np.ndarray, str]:
    """Score each half of the rows by a model of the other half; and name the column that says most."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    scores = np.empty(len(x))
    half = np.arange(len(x)) % 2 == 0
    for part in (half, ~half):
        model = HistGradientBoostingClassifier(max_iter=20, max_depth=4, early_stopping=False, random_state=0)
        scores[part] = model.fit(x[~part], late[~part]).predict_proba(x[part])[:, 1]
    telling = {name: abs(auc(x[name], late) - 0.5) for name in x.columns}
    return scores, max(telling, key=lambda name: telling[name])


CHECK = Check(
    title="Training and test part differ",
    severity="warning",
    of="split",
    explanation="If a classifier can tell which part a row is in, the test is about other rows than the training was. "
    "After a random split that does not happen; after a split by time it shows that the world has changed. A note from "
    "an AUC of 0.55 on, a warning from 0.7 on (two-fold cross-validated, up to 10,000 rows of either part).",
    advice="With a split by time this is what one wants to know: expect scores to go on falling. Otherwise look at the "
    "column that is named.",
    function=look,
    applies=lambda evidence: (
        min(evidence.test.sum(), (~evidence.test).sum()) >= 50 if evidence.test is not None else False
    ),
)
