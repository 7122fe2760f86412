"""A single column that (almost) decides the label."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.measure import auc, ranks_of

ALMOST, CERTAIN = 0.99, 0.999
"""The AUC of one column from which it is a warning, and from which an error."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per feature."""
    positive = evidence.positive[evidence.sampled]
    if not 0 < positive.sum() < len(positive):
        return
    for column in evidence.schema.columns:
        area = auc(ranks_of(evidence.features[column.name].iloc[evidence.sampled], positive), positive)
        strength = max(area, 1 - area)
        if strength >= ALMOST:
            yield Found(
                f"{column.name} alone has an AUC of {strength:.4f}{evidence.by_sample}: it (almost) decides the label.",
                column.name,
                severity="error" if strength >= CERTAIN else "warning",
                numbers={"auc": strength},
            )


def numbers_of(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """The values of a column that hold numbers, as float64; None for any other column."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        return pc.cast(column, pa.float64(), safe=False)
    return None


CHECK = Check(
    title="One column decides the label",
    severity="warning",
    of="table",
    explanation="A column that alone ranks the classes almost perfectly is mostly the label in disguise: it was "
    "computed from it, or written down after it was known. Fires from an AUC of 0.99 on; from 0.999 on it is an error.",
    advice="Ask how {column} came about and whether it will be there, with the same meaning, before the label is known. "
    "If not, leave it out with --drop {column}.",
    function=look,
)
