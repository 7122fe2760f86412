"""Columns that are no features although their values predict the label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.measure import beyond_chance, strength
from phishcli.audit.words import floored
from phishcli.features.column_choice import ON_REQUEST, REPEATS, SPLIT_REASONS
from phishcli.features.column_decision import IDENTIFIES
from phishcli.features.roles import NUMBERS_ROWS
from phishcli.tables.arrow import decoded, is_text, series

FAR = 0.1
"""It is a finding if the AUC is further from one half."""
STRONG, DECIDES = 0.7, 0.99
"""The AUC that makes it a warning, and the one that asks for suspicion."""
ALL_DIFFERENT = 0.98
"""Texts of more different values than this share of the rows say nothing about another row."""
ANSWERED = {ON_REQUEST, REPEATS, NUMBERS_ROWS, *SPLIT_REASONS.values()}
"""Reasons after which the values do not matter."""
SUSPICIOUS = "Find out how {column} is made before using it: it may be the label in disguise."


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column."""
    for column, reason in _unused(evidence):
        values = _values(evidence.aside.select(evidence.sampled, [column]).column(0)) if evidence.aside else None
        area = 0.5 if values is None else strength(values, evidence.sampled_positive)
        if area >= 0.5 + FAR and beyond_chance(area, evidence.sampled_positive):
            predict = "decide" if area >= DECIDES else "predict"
            yield Observation(
                f"{column} is set aside, but its values {predict} the label: alone they have an AUC of {floored(area)}"
                f"{evidence.by_sample}. The reason: {reason}.",
                column,
                severity="warning" if area >= STRONG else None,
                advice=SUSPICIOUS if area >= DECIDES else None,
                numbers={"auc": area, "reason": reason},
            )


def _unused(evidence: Evidence) -> Iterator[tuple[str, str]]:
    there = set(evidence.aside.schema.names) if evidence.aside else set()
    for column, reason in evidence.schema.set_aside.items():
        if column in there and reason not in ANSWERED and not reason.startswith(IDENTIFIES):
            yield column, reason


def _values(column: pa.ChunkedArray) -> pd.Series[Any] | None:
    """Give numbers and times as numbers, texts as categories; nothing for anything else and for texts that differ."""
    column = decoded(column)
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.int32() if column.type.bit_width == 32 else pa.int64())  # noqa: PLR2004 (bits)
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_boolean(column.type):
        return series(column, "").astype("float64")
    if not is_text(column.type):
        return None
    texts = series(column, "").astype("category")
    return texts if len(texts.cat.categories) <= ALL_DIFFERENT * texts.count() else None


CHECK = Check(
    title="A column that is not used predicts the label",
    severity="note",
    scope="table",
    explanation="A column is set aside because of what its values look like (too many different names, dates), not "
    "because of what they say about the label. This one does predict it: each value is judged by the labels of the "
    "other rows that have it. A note from an AUC of 0.6 (if that is beyond chance), a warning from 0.7. From 0.99 on "
    "it may be the label in disguise.",
    advice="Derive features from it in the source (a group of values, an age in days), or use it as it is with --keep "
    "{column} if that is possible, or raise load.max_categories.",
    function=observe,
    applies=lambda evidence: evidence.aside is not None and any(_unused(evidence)),
)
