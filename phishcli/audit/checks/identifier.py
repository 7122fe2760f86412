"""Columns that number the rows, used as features or telling by where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.checks.decisive_column import ALMOST, numbers_of
from phishcli.audit.measure import auc, standard_error

LEAST = 20
"""Rows below which a column may rise by chance."""
CLEAR = 5
"""Standard errors from one half at which an AUC is no accident."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per column, whether it is a feature or was set aside."""
    if evidence.rows < LEAST:
        return
    for column, values, used in _columns(evidence):
        if not _monotone(values):
            continue
        area = auc(values, evidence.positive)
        strength = max(area, 1 - area)
        n_positive = int(evidence.positive.sum())
        tells = abs(area - 0.5) > CLEAR * standard_error(n_positive, evidence.rows - n_positive)
        yield Found(
            f"{column} rises or falls from row to row, all values different, and alone has an AUC of {strength:.4f}; "
            f"it {'is used as a feature' if used else 'is set aside'}.",
            column,
            severity=("error" if strength >= ALMOST or tells else "warning") if used else "note",
            advice="Leave it out with --drop {column}." if used else "Nothing: keep it set aside.",
            numbers={"auc": strength, "used": used},
        )


def _columns(evidence: Evidence) -> Iterator[tuple[str, Any, bool]]:
    for name in evidence.numeric():
        yield name, evidence.features[name].to_numpy(dtype=np.float64, na_value=np.nan), True
    for name in evidence.raw.column_names if evidence.raw is not None else ():
        if (numbers := numbers_of(evidence.raw.column(name))) is not None:
            yield name, numbers.to_pandas().to_numpy(), False


def _monotone(values: Any) -> bool:
    """Whether all values are there and each is greater, or each smaller, than the one before."""
    if pd.isna(values[:2]).any():
        return False
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps < 0).all())


CHECK = Check(
    title="A column numbers the rows",
    severity="note",
    of="table",
    explanation="A column that rises or falls through the whole table is an identifier or a time of entry. Where one "
    "class was entered after the other it knows the label without any skill: an error if it is used as a feature and "
    "tells the classes apart, a warning if it is used, a note if it is set aside.",
    advice="Leave it out with --drop {column}.",
    function=look,
    applies=lambda evidence: evidence.rows >= LEAST,
)
