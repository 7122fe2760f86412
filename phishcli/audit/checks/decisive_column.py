"""Single columns that (almost) decide the label."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.measure import beyond_chance, strength
from phishcli.audit.words import floored

ALMOST, CERTAIN = 0.99, 0.999
"""The AUC of one column that makes it a warning, and an error."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per feature."""
    positive = evidence.sampled_positive
    if not beyond_chance(1.0, positive):
        return
    for column in evidence.columns():
        area = strength(evidence.sample[column], positive)
        if area >= ALMOST and beyond_chance(area, positive):
            yield Observation(
                f"{column} alone has an AUC of {floored(area)}{evidence.by_sample}: it "
                f"{'decides' if area >= CERTAIN else 'almost decides'} the label.",
                column,
                severity="error" if area >= CERTAIN else "warning",
                numbers={"auc": area},
            )


CHECK = Check(
    title="One column decides the label",
    severity="warning",
    scope="table",
    explanation="A column that alone ranks the classes almost perfectly (by rising, falling or binned values) is "
    "usually the label in disguise: computed from it, or recorded after it was known. A warning from an AUC of 0.99, "
    "an error from 0.999, if there are enough rows of both classes to rule out chance.",
    advice="Find out how {column} is made and whether it will be available, with the same meaning, before the label is "
    "known. If not, leave it out with --drop {column}.",
    function=observe,
    applies=lambda evidence: beyond_chance(1.0, evidence.sampled_positive),
)
