"""Splits whose test rows a classifier can distinguish from training rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.measure import auc, beyond_chance, strength
from phishcli.tables.arrow import frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 3_000
"""Rows of either part that the classifier sees."""
LEAST = 50
"""With fewer rows of either part, the check is skipped."""
FAR, STRONG = 0.05, 0.2
"""Distances of the AUC from one half that make it a note, and a warning."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding for the split."""
    rows, late = _drawn(evidence.tested)
    features = frame(evidence.features.select(rows, evidence.columns()))
    area = auc(_scores(_numbers(features), late), late)
    if area > 0.5 and beyond_chance(area, late, far=FAR):  # noqa: PLR2004 (one half)
        alone = {name: strength(features.loc[:, name], late) for name in evidence.columns()}
        leading = max(alone, key=lambda name: alone[name])
        yield Observation(
            f"A classifier distinguishes test rows from training rows with an AUC of {area:.3f} (0.5 is chance), "
            f"mostly by {leading}.",
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


def _scores(x: NDArray[np.float64], late: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Score each half of the rows by a model of the other half."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    scores = np.empty(len(x))
    half = np.arange(len(x)) % 2 == 0
    for part in (half, ~half):
        model = HistGradientBoostingClassifier(max_iter=20, max_depth=4, early_stopping=False, random_state=0)
        with threadpool_limits(1):  # for so few rows threads cost more than they gain
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
    scope="split",
    explanation="If a classifier recognizes which part a row is in, the test rows differ from the training rows. A "
    "random split does not do that; after a split by time it shows drift. A note from an AUC of 0.55, a warning from "
    "0.7 (two-fold cross-validation, up to 3,000 rows of either part).",
    advice="With a split by time, expect scores to keep falling. Otherwise look at the columns named.",
    function=observe,
    applies=_applies,
)
