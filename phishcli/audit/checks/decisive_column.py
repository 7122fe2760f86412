"""A single column that (almost) decides the label."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.measure import is_clear, strength
from phishcli.audit.words import floored

ALMOST, CERTAIN = 0.99, 0.999
"""The AUC of one column from which it is a warning, and from which an error."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per feature."""
    positive = evidence.sampled_positive
    if not is_clear(1.0, positive):
        return
    for column in evidence.columns():
        area = strength(evidence.sample[column], positive)
        if area >= ALMOST and is_clear(area, positive):
            yield Found(
                f"{column} alone has an AUC of {floored(area)}{evidence.by_sample}: it "
                f"{'decides' if area >= CERTAIN else 'almost decides'} the label.",
                column,
                severity="error" if area >= CERTAIN else "warning",
                numbers={"auc": area},
            )


CHECK = Check(
    title="One column decides the label",
    severity="warning",
    of="table",
    explanation="A column that alone ranks the classes almost perfectly, up, down, or part by part of its values, is "
    "mostly the label in disguise: it was computed from it, or written down after it was known. A warning from an AUC "
    "of 0.99 on, an error from 0.999 on, if there are enough rows of both classes to rule out chance.",
    advice="Ask how {column} came about and whether it will be there, with the same meaning, before the label is "
    "known. If not, leave it out with --drop {column}.",
    function=look,
    applies=lambda evidence: is_clear(1.0, evidence.sampled_positive),
)
