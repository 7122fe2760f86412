"""Columns that number the rows, used as features or telling by where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.measure import auc, auc_of_position, is_clear
from phishcli.audit.words import floored

LEAST = 20
"""Rows below which a column may rise by chance."""
FAR = 0.1
"""How far from one half the AUC of an identifier must be to be an error."""
BEGIN = 1_000
"""Rows by which most columns are ruled out."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per column, whether it is a feature or was set aside."""
    for column, values, used in _columns(evidence):
        monotone = _monotone(values)
        how = "rises or falls from row to row" if monotone else _numbers(values)
        if not how:
            continue
        area = auc_of_position(evidence.positive) if monotone else auc(values, evidence.positive)
        tells = is_clear(area, evidence.positive, far=FAR)
        if used or tells:
            strength = max(area, 1 - area)
            yield Found(
                f"{column} {how}, all values different, and alone has an AUC of {floored(strength)}; it is "
                f"{'used as a feature' if used else 'set aside'}.",
                column,
                severity=("error" if tells and _whole(values) else "warning") if used else "note",
                advice=None if used else "Keep it set aside.",
                numbers={"auc": strength, "used": used},
            )


def _columns(evidence: Evidence) -> Iterator[tuple[str, Any, bool]]:
    for name in evidence.numeric():
        yield name, evidence.features[name].to_numpy(), True
    raw = evidence.raw
    for name, column in zip(raw.column_names, raw.columns, strict=True) if raw is not None else ():
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            yield name, column.to_numpy(), False


def _monotone(values: Any) -> bool:
    """Whether all values are there and each is greater, or each smaller, than the one before."""
    rising = values[-1] > values[0]
    return all(
        bool((part[1:] > part[:-1]).all() if rising else (part[1:] < part[:-1]).all())
        for part in (values[:BEGIN], values)
    )


def _numbers(values: Any) -> str:
    """Say so where whole numbers, all different, are a shuffled row of neighbours, as no measurement is."""
    if not _whole(values) or int(values.max()) - int(values.min()) + 1 != len(values):
        return ""
    shuffled = len(np.unique(values)) == len(values)
    return f"holds the numbers from {values.min()} to {values.max()} in another order" if shuffled else ""


def _whole(values: Any) -> bool:
    return bool(np.issubdtype(values.dtype, np.integer))


CHECK = Check(
    title="A column numbers the rows",
    severity="note",
    of="table",
    explanation="A column that rises or falls through the whole table, or that holds every whole number of a range "
    "once, is an identifier or a time of entry (or the table is sorted by it). Where one class was entered after the "
    "other it knows the label without any skill: an error if it is used as a feature, holds whole numbers and alone "
    "has an AUC beyond 0.6, a warning if it is used, a note if it is set aside and tells "
    "the classes apart.",
    advice="Leave it out with --drop {column}, unless it is a measurement by which the table is sorted.",
    function=look,
    applies=lambda evidence: evidence.rows >= LEAST,
)
