"""Whether the order of the rows knows the label."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.measure import auc, standard_error

CLEAR = 5
"""Standard errors from one half at which it is no accident."""
FAR = 0.1
"""How far from one half the AUC of the position must be."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the table."""
    n_positive = int(evidence.positive.sum())
    area = auc(np.arange(evidence.rows), evidence.positive)
    if abs(area - 0.5) > max(FAR, CLEAR * standard_error(n_positive, evidence.rows - n_positive)):
        strength = max(area, 1 - area)
        first = evidence.label(area < 0.5)  # noqa: PLR2004 (one half)
        yield Found(
            f"Rows with the label {first!r} come first: the position in the table alone has an AUC of {strength:.4f}.",
            numbers={"auc": strength, "first": first},
        )


CHECK = Check(
    title="The order of the rows knows the label",
    severity="note",
    of="table",
    explanation="A table that was put together from one list per class is sorted by label. That does no harm as long as "
    "rows are drawn at random; it does with a column that numbers the rows, or with a split by position.",
    advice="Keep columns that follow the order (identifiers, times of entry) out of the features, and do not split such "
    "a table by time unless the time is real.",
    function=look,
)
