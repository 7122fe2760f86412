"""Columns that number the rows, used as features or set aside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.measure import auc, auc_of_position, beyond_chance
from phishcli.audit.words import floored

LEAST = 20
"""With fewer rows, a column may rise by chance."""
FAR = 0.1
"""An identifier is an error if its AUC is further from one half."""
HEAD = 1_000
"""Rows that rule most columns out."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column, whether it is a feature or was set aside."""
    for column, values, used in _columns(evidence):
        monotone = _monotone(values)
        how = "rises or falls from row to row" if monotone else _permutation(values)
        if not how:
            continue
        area = auc_of_position(evidence.positive) if monotone else auc(values, evidence.positive)
        informative = beyond_chance(area, evidence.positive, far=FAR)
        if used or informative:
            strength = max(area, 1 - area)
            yield Observation(
                f"{column} {how}, all values different, and alone has an AUC of {floored(strength)}; it is "
                f"{'used as a feature' if used else 'set aside'}.",
                column,
                severity=("error" if informative and _whole(values) else "warning") if used else "note",
                advice=None if used else "Keep it set aside.",
                numbers={"auc": strength, "used": used},
            )


def _columns(evidence: Evidence) -> Iterator[tuple[str, Any, bool]]:
    for name in evidence.numeric():
        yield name, evidence.column(name).to_numpy(), True
    if evidence.aside is None:
        return
    for column in evidence.aside.schema:
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            yield column.name, evidence.aside.column(column.name).to_numpy(), False


def _monotone(values: Any) -> bool:
    """Whether no value is missing and each is greater, or each smaller, than the one before."""
    rising = values[-1] > values[0]
    return all(
        bool((part[1:] > part[:-1]).all() if rising else (part[1:] < part[:-1]).all())
        for part in (values[:HEAD], values)
    )


def _permutation(values: Any) -> str:
    """Describe whole numbers that are a permutation of a range, as no measurement is; nothing for others."""
    if not _whole(values) or int(values.max()) - int(values.min()) + 1 != len(values):
        return ""
    shuffled = len(np.unique(values)) == len(values)
    return f"holds the numbers from {values.min()} to {values.max()} in another order" if shuffled else ""


def _whole(values: Any) -> bool:
    return bool(np.issubdtype(values.dtype, np.integer))


CHECK = Check(
    title="A column numbers the rows",
    severity="note",
    scope="table",
    explanation="A column that rises or falls through the whole table, or that holds every whole number of a range "
    "once, is an identifier or a time of entry (or the table is sorted by it). If one class was entered after the "
    "other, it reveals the label without any skill: an error if it is used as a feature, holds whole numbers and has "
    "an AUC above 0.6 alone, a warning if it is used, a note if it is set aside and distinguishes the classes.",
    advice="Leave it out with --drop {column}, unless it is a measurement by which the table is sorted.",
    function=observe,
    applies=lambda evidence: evidence.rows >= LEAST,
)
