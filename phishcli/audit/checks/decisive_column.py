"""Single columns that (almost) decide the label, or repeat it under another name."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.measure import beyond_chance, separates_beyond_chance, strength
from phishcli.audit.words import floored
from phishcli.features.column_choice import REPEATS

ALMOST, CERTAIN = 0.99, 0.999
"""The AUC of one column that makes it a warning, and an error."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per feature, and one per column that was set aside as a copy."""
    positive = evidence.sampled_positive
    far = beyond_chance(1.0, positive)
    for column in evidence.columns() if _tells(evidence) else ():
        area = strength(evidence.sample[column], positive)
        if area >= ALMOST and (beyond_chance(area, positive) if far else area == 1):
            yield Observation(
                f"{column} alone has an AUC of {floored(area)}{evidence.by_sample}: it "
                f"{'decides' if area >= CERTAIN else 'almost decides'} the label.",
                column,
                severity="error" if area >= CERTAIN else "warning",
                numbers={"auc": area},
            )
    for column, reason in evidence.schema.set_aside.items():
        if reason == REPEATS:
            yield Observation(
                f"{column} is set aside: {reason}. Each of its two values belongs to one label.",
                column,
                severity="note",
                advice="Keep it set aside.",
                numbers={"auc": 1.0},
            )


def _tells(evidence: Evidence) -> bool:
    """Whether there are enough rows of both classes for a column to decide the label by more than chance."""
    positive = evidence.sampled_positive
    return beyond_chance(1.0, positive) or separates_beyond_chance(positive, len(evidence.columns()))


CHECK = Check(
    title="One column decides the label",
    severity="warning",
    scope="table",
    explanation="A column that alone ranks the classes almost perfectly (by rising, falling or binned values, or by "
    "each value as a code) is usually the label in disguise: computed from it, or recorded after it was known. A "
    "warning from an AUC of 0.99, an error from 0.999, if there are enough rows of both classes to rule out chance; a "
    "note if it has one value for each label and was therefore set aside.",
    advice="Find out how {column} is made and whether it will be available, with the same meaning, before the label is "
    "known. If not, leave it out with --drop {column}.",
    function=observe,
    applies=lambda evidence: _tells(evidence) or REPEATS in evidence.schema.set_aside.values(),
)
