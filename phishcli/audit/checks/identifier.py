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
from phishcli.features.column_decision import IDENTIFIES
from phishcli.features.identifiers import named_identifier, ties, ties_by_chance
from phishcli.wording import counted

LEAST = 20
"""With fewer rows, a column may rise by chance."""
FAR = 0.1
"""An identifier is an error if its AUC is further from one half."""
HEAD = 1_000
"""Rows that rule most columns out."""
MANY = 100
"""With fewer rows, measured numbers may be all different by chance."""
NEARLY = 0.95
"""The share of different values of nearly unique numbers."""
MISSED, RARELY = 20, 0.05
"""Equal pairs that chance would bring at least, and the share of these that there may be, of numbers given out."""
LONG = 6
"""Digits of numbers that are given out rather than measured, if all have as many and none occurs twice."""
KINDS = 20
"""A column of no more different values names kinds of rows rather than groups."""
OF_GROUPS = (
    "Leave it out with --drop {column}: what is learned about one such group does not hold for a new one. If rows of a "
    "group are alike, split by it with --set preprocess.split.group={column}."
)
OF_KINDS = "Store it as text in the source so that it becomes a category, unless its order means something."


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column, whether it is a feature or was set aside."""
    for column, values, used in _columns(evidence):
        monotone = _monotone(values)
        how = "rises or falls from row to row, all values different" if monotone else ""
        how = how or _permutation(values) or (_given_out(values) if used else "")
        if how:
            yield from _numbering(evidence, column, how, values, used=used, monotone=monotone)
        elif used and named_identifier(column):
            yield from _named(evidence, column)
    for column, reason in evidence.schema.set_aside.items():
        if reason.startswith(IDENTIFIES):
            yield Observation(
                f"{column} is set aside: {reason}.", column, advice="Keep it set aside.", numbers={"used": False}
            )


def _numbering(
    evidence: Evidence, column: str, how: str, values: Any, *, used: bool, monotone: bool
) -> Iterator[Observation]:
    area = auc_of_position(evidence.positive) if monotone else auc(values, evidence.positive)
    informative = beyond_chance(area, evidence.positive, far=FAR)
    if used or informative:
        strength = max(area, 1 - area)
        yield Observation(
            f"{column} {how}, and alone has an AUC of {floored(strength)}; it is "
            f"{'used as a feature' if used else 'set aside'}.",
            column,
            severity=("error" if informative and _whole(values) else "warning") if used else "note",
            advice=None if used else "Keep it set aside.",
            numbers={"auc": strength, "used": used},
        )


def _named(evidence: Evidence, column: str) -> Iterator[Observation]:
    """A column with the name of an identifier whose values repeat: kinds of rows, or groups of them."""
    different = int(evidence.column(column).nunique())
    groups = different > KINDS
    yield Observation(
        f"{column} is named like an identifier and used as a number; it has {counted(different, 'different value')} in "
        f"{counted(evidence.rows, 'row')}, so it names {'groups of rows' if groups else 'kinds of rows'}.",
        column,
        severity="warning" if groups else "note",
        advice=OF_GROUPS if groups else OF_KINDS,
        numbers={"different": different, "used": True},
    )


def _columns(evidence: Evidence) -> Iterator[tuple[str, Any, bool]]:
    for name in evidence.numeric():
        yield name, evidence.column(name).to_numpy(), True
    if evidence.aside is None:
        return
    reported = {name for name, reason in evidence.schema.set_aside.items() if reason.startswith(IDENTIFIES)}
    for column in evidence.aside.schema:
        number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
        if number and column.name not in reported:
            yield column.name, evidence.aside.column(column.name).to_numpy(), False


def _given_out(values: Any) -> str:
    """Describe whole numbers that differ from row to row as no measurement would; nothing for others."""
    numbers = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    if len(numbers) < MANY or (numbers != np.round(numbers)).any():
        return ""
    distinct, counts = np.unique(numbers, return_counts=True)
    equal = ties(counts)
    expected = ties_by_chance(distinct, counts) if len(distinct) >= NEARLY * len(numbers) else 0.0
    if expected >= MISSED and equal <= RARELY * expected:
        return (
            f"holds {len(distinct):,} different whole numbers in {len(numbers):,} rows, where a measurement would "
            f"repeat about {expected:,.0f} times, so it identifies rows"
        )
    digits = len(str(abs(int(distinct[0]))))
    same = digits >= LONG and distinct[0] > 0 and len(str(int(distinct[-1]))) == digits
    if not same or equal > 0:
        return ""
    return f"holds a different number of {digits} digits in each row, so it most likely identifies rows"


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
    if len(np.unique(values)) < len(values):
        return ""
    return f"holds the numbers from {values.min()} to {values.max()} in another order, all values different"


def _whole(values: Any) -> bool:
    return bool(np.issubdtype(values.dtype, np.integer))


CHECK = Check(
    title="A column numbers or identifies the rows",
    severity="note",
    scope="table",
    explanation="A column is an identifier or a time of entry (or the table is sorted by it) if it rises or falls "
    "through the whole table, holds every whole number of a range once, or holds whole numbers that never repeat "
    "although measurements that dense would. If one class was entered after the other, it reveals the label "
    "without any skill: an error if it is used as a feature, holds whole numbers and has an AUC above 0.6 alone, a "
    "warning if it is used, a note if it is set aside and distinguishes the classes. Columns that are also named like "
    "an identifier (id, CustomerId, CLIENTNUM) are set aside when the table is loaded, which is a note; one that is "
    "named like it and whose values repeat is a warning, or a note if it has at most 20 different values.",
    advice="Leave it out with --drop {column}, unless it is a measurement by which the table is sorted.",
    function=observe,
    applies=lambda evidence: evidence.rows >= LEAST,
)
