"""Tables whose row order reveals the label."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.measure import CLEAR, auc_of_position, beyond_chance
from phishcli.audit.words import floored

FAR = 0.1
"""It is a finding if the AUC of the position is further from one half."""
FEW = 0.5
"""Labels come in blocks if they change less often than this share of what chance would bring."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding for the table."""
    positive = evidence.positive
    area = auc_of_position(positive)
    if beyond_chance(area, positive, far=FAR):
        first = evidence.label(area < 0.5)  # noqa: PLR2004 (one half)
        strength = max(area, 1 - area)
        yield Observation(
            f"Rows with the label {first!r} come first: the position in the table alone has an AUC of "
            f"{floored(strength)}.",
            numbers={"auc": strength, "first": first},
        )
        return
    changes = int(np.count_nonzero(positive[1:] != positive[:-1]))
    expected, deviation = _changes_by_chance(evidence.rows, int(positive.sum()))
    if changes < min(FEW * expected, expected - CLEAR * deviation):
        yield Observation(
            f"Rows with the same label come in blocks: the label changes {changes:,} times from row to row, against "
            f"about {expected:,.0f} times in random order.",
            numbers={"changes": changes, "by_chance": expected},
        )


def _changes_by_chance(n: int, n_positive: int) -> tuple[float, float]:
    """Mean and standard deviation (Wald and Wolfowitz 1940, Annals of Mathematical Statistics 11, 147-162)."""
    product = 2 * n_positive * (n - n_positive)
    return product / n, sqrt(max(product * (product - n), 0) / (n * n * max(n - 1, 1)))


CHECK = Check(
    title="The row order reveals the label",
    severity="note",
    scope="table",
    explanation="A table that was assembled from one list per class is sorted by label, or comes in blocks of one "
    "label. That is harmless as long as rows are drawn at random, but not with a column that numbers the rows or with "
    "a split by position.",
    advice="Keep columns that follow the order (identifiers, times of entry) out of the features, and do not split "
    "such a table by time unless the time is real.",
    function=observe,
)
