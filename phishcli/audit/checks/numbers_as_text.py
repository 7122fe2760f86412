"""Columns stored as text that hold numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.audit.check import Check, Evidence, Found
from phishcli.features.roles import NUMBER, decoded, is_text
from phishcli.tables.twins import spread

TEXTS = ("string", "large_string", "string_view")
MOSTLY = 0.9
"""The share of rows with a number from which the others are the exception."""
MORE_THAN_CODES = 10
"""A column of no more different numbers holds codes."""
SEEN = 10_000
SHOWN = 3


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per column."""
    for column in evidence.schema.columns:
        if column.dtype in TEXTS and column.role == "numeric":
            yield Found(
                f"{column.name} is stored as text but holds numbers only, and is read as numbers.",
                column.name,
                severity="note",
                advice="Store it as a number.",
                numbers={"share": 1.0, "others": []},
            )
        elif column.dtype in TEXTS:
            yield from _mostly(column.name, evidence.features[column.name].value_counts(), "used as categories")
    for name, values in _set_aside(evidence):
        if evidence.schema.set_aside.get(name, "").startswith("it holds numbers written like"):
            reason = evidence.schema.set_aside[name]
            yield Found(f"{name} is set aside: {reason}.", name, numbers={"reason": reason})
        else:
            yield from _mostly(name, values.to_pandas().value_counts(), "set aside")


def _set_aside(evidence: Evidence) -> Iterator[tuple[str, pa.ChunkedArray]]:
    raw = evidence.raw
    for name, values in zip(raw.column_names, raw.columns, strict=True) if raw is not None else ():
        if is_text(getattr(values.type, "value_type", values.type)) and not pa.types.is_nested(values.type):
            yield name, pc.drop_null(decoded(values.take(pa.array(spread(len(values), SEEN)))))


def _mostly(column: str, rows: pd.Series[Any], used: str) -> Iterator[Found]:
    """Look for texts, with the rows that have each, of which most but not all are numbers."""
    rows = rows[rows > 0]
    is_number = pd.Series(rows.index.astype(str)).str.fullmatch(NUMBER.strip("^$")).to_numpy()
    share = float(rows[is_number].sum() / max(rows.sum(), 1))
    if MOSTLY <= share < 1 and is_number.sum() > MORE_THAN_CODES:
        others = list(map(str, rows.index[~is_number][:SHOWN]))
        yield Found(
            f"{column} holds numbers in {share:.1%} of its rows and is {used} because of others, such as "
            f"{', '.join(map(repr, others))}.",
            column,
            numbers={"share": share, "others": others},
        )


CHECK = Check(
    title="Numbers stored as text",
    severity="warning",
    of="table",
    explanation="A column of numbers that is stored as text is read as numbers when every value is one (a note). If a "
    "few are not ('unknown', '1.649,39'), all of them become categories or are set aside, and their order "
    "is lost. Fires from 90 % numbers on, if there are more than ten different ones; fewer are codes.",
    advice="Leave what is not a number empty in the source, and write numbers like 1234.5.",
    function=look,
)
