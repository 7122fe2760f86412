"""Whether a classifier can tell test rows from training rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.measure import auc, is_clear, strength

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 3_000
"""Rows of either part that it is tried on."""
LEAST = 50
"""Rows of either part below which nothing can be said."""
FAR, STRONG = 0.05, 0.2
"""Distances of the AUC from one half at which the parts differ, and at which they do so strongly."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the split."""
    test = evidence.test
    assert test is not None  # noqa: S101 (checks of the split are given one)
    rows, late = _drawn(test)
    features = evidence.features[evidence.columns()].iloc[rows]
    area = auc(_tell_apart(_numbers(features), late), late)
    if area > 0.5 and is_clear(area, late, far=FAR):  # noqa: PLR2004 (one half)
        alone = {name: strength(features.loc[:, name], late) for name in evidence.columns()}
        leading = max(alone, key=lambda name: alone[name])
        yield Found(
            f"A classifier tells test rows from training rows with an AUC of {area:.3f} (0.5 is chance), above all by "
            f"{leading}.",
            severity="warning" if area - 0.5 >= STRONG else "note",
            numbers={"auc": area, "column": leading},
        )


def _drawn(test: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Draw as many rows of either part, at most `ROWS`; and whether each is a test row."""
    rng = np.random.default_rng(0)
    parts = [np.flatnonzero(~test), np.flatnonzero(test)]
    size = min(ROWS, *map(len, parts))
    rows = np.concatenate([rng.choice(part, size, replace=False) for part in parts])
    rng.shuffle(rows)
    return rows, test[rows]


def _numbers(features: pd.DataFrame) -> NDArray[np.float64]:
    """Give all features as numbers, missing ones less than all others: a column may be empty in half of the rows."""
    categories = [name for name in features if isinstance(features[name].dtype, pd.CategoricalDtype)]
    coded = features.assign(**{str(name): features[name].cat.codes for name in categories})
    numbers = coded.to_numpy(dtype=np.float64, na_value=np.nan)
    least = np.fmin.reduce(numbers, axis=0)
    return np.where(np.isnan(numbers), np.where(np.isnan(least), 0, least - 1), numbers)


def _tell_apart(x: NDArray[np.float64], late: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Score each half of the rows by a model of the other half."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    scores = np.empty(len(x))
    half = np.arange(len(x)) % 2 == 0
    for part in (half, ~half):
        model = HistGradientBoostingClassifier(max_iter=20, max_depth=4, early_stopping=False, random_state=0)
        with threadpool_limits(1):  # for so few rows threads wait for each other more than they help
            scores[part] = model.fit(x[~part], late[~part]).predict_proba(x[part])[:, 1]
    return scores


def _applies(evidence: Evidence) -> bool:
    if evidence.test is None or not evidence.columns():
        return False
    tested = int(np.count_nonzero(evidence.test))
    return min(tested, evidence.rows - tested) >= LEAST


CHECK = Check(
    title="Training and test part differ",
    severity="warning",
    of="split",
    explanation="If a classifier can tell which part a row is in, the test is about other rows than the training was. "
    "After a random split that does not happen; after a split by time it shows that the world has changed. A note from "
    "an AUC of 0.55 on, a warning from 0.7 on (two-fold cross-validated, up to 3,000 rows of either part).",
    advice="With a split by time this is what one wants to know: expect scores to go on falling. Otherwise look at the "
    "column that is named.",
    function=look,
    applies=_applies,
)
