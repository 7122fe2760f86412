"""Columns stored as text that hold numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.features.text_roles import NUMBER
from phishcli.tables.arrow import decoded, is_text
from phishcli.tables.table import spread
from phishcli.wording import percent

TEXTS = ("string", "large_string", "string_view")
MOSTLY = 0.9
"""The share of rows with a number that makes the others the exception."""
MORE_THAN_CODES = 10
"""A column of no more different numbers holds codes."""
SEEN = 10_000
SHOWN = 3


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column."""
    for column in evidence.schema.columns:
        if column.dtype in TEXTS and column.role == "numeric":
            yield Observation(
                f"{column.name} is stored as text but holds numbers only, and is read as numbers.",
                column.name,
                severity="note",
                advice="Store it as a number.",
                numbers={"share": 1.0, "others": []},
            )
        elif column.dtype in TEXTS:
            yield from _mostly(column.name, evidence.column(column.name).value_counts(), "used as categories")
    for name, values in _set_aside(evidence):
        if evidence.schema.set_aside.get(name, "").startswith("it holds numbers written like"):
            reason = evidence.schema.set_aside[name]
            yield Observation(f"{name} is set aside: {reason}.", name, numbers={"reason": reason})
        else:
            yield from _mostly(name, values.to_pandas().value_counts(), "set aside")


def _set_aside(evidence: Evidence) -> Iterator[tuple[str, pa.ChunkedArray]]:
    if evidence.aside is None:
        return
    rows = spread(evidence.rows, SEEN)
    for column in evidence.aside.schema:
        if is_text(getattr(column.type, "value_type", column.type)) and not pa.types.is_nested(column.type):
            yield column.name, pc.drop_null(decoded(evidence.aside.select(rows, [column.name]).column(0)))


def _mostly(column: str, rows: pd.Series[Any], used: str) -> Iterator[Observation]:
    """Look for texts, with the rows that have each, of which most but not all are numbers."""
    rows = rows[rows > 0]
    is_number = pd.Series(rows.index.astype(str)).str.fullmatch(NUMBER.strip("^$")).to_numpy()
    share = float(rows[is_number].sum() / max(rows.sum(), 1))
    if MOSTLY <= share < 1 and is_number.sum() > MORE_THAN_CODES:
        others = list(map(str, rows.index[~is_number][:SHOWN]))
        yield Observation(
            f"{column} holds numbers in {percent(share)} of its rows and is {used} because of others, such as "
            f"{', '.join(map(repr, others))}.",
            column,
            numbers={"share": share, "others": others},
        )


CHECK = Check(
    title="Numbers stored as text",
    severity="warning",
    scope="table",
    explanation="A column of numbers that is stored as text is read as numbers if every value is one (a note). If a "
    "few are not ('unknown', '1.649,39'), all of them become categories or are set aside, and their order is lost. "
    "Reported if at least 90% are numbers, more than ten of them different; fewer are codes.",
    advice="Leave values that are not numbers empty in the source, and write numbers like 1234.5.",
    function=observe,
)
