"""Whether the order of the rows knows the label."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.measure import CLEAR, auc_of_position, is_clear
from phishcli.audit.words import floored

FAR = 0.1
"""How far from one half the AUC of the position must be."""
FEW = 0.5
"""The share of the changes of label that chance would bring below which labels come in blocks."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding for the table."""
    positive = evidence.positive
    area = auc_of_position(positive)
    if is_clear(area, positive, far=FAR):
        first = evidence.label(area < 0.5)  # noqa: PLR2004 (one half)
        strength = max(area, 1 - area)
        yield Found(
            f"Rows with the label {first!r} come first: the position in the table alone has an AUC of "
            f"{floored(strength)}.",
            numbers={"auc": strength, "first": first},
        )
        return
    changes = int(np.count_nonzero(positive[1:] != positive[:-1]))
    expected, deviation = _changes_by_chance(evidence.rows, int(positive.sum()))
    if changes < min(FEW * expected, expected - CLEAR * deviation):
        yield Found(
            f"Rows with the same label come in blocks: from row to row the label changes {changes:,} times, at random "
            f"it would some {expected:,.0f} times.",
            numbers={"changes": changes, "by_chance": expected},
        )


def _changes_by_chance(n: int, n_positive: int) -> tuple[float, float]:
    """Mean and standard deviation (Wald and Wolfowitz 1940, Annals of Mathematical Statistics 11, 147-162)."""
    product = 2 * n_positive * (n - n_positive)
    return product / n, sqrt(max(product * (product - n), 0) / (n * n * max(n - 1, 1)))


CHECK = Check(
    title="The order of the rows knows the label",
    severity="note",
    of="table",
    explanation="A table that was put together from one list per class is sorted by label, or comes in blocks of one "
    "label. That does no harm as long as rows are drawn at random; it does with a column that numbers the rows, or "
    "with a split by position.",
    advice="Keep columns that follow the order (identifiers, times of entry) out of the features, and do not split "
    "such a table by time unless the time is real.",
    function=look,
)
