"""Columns that count something and yet hold negative values."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.measure import coded
from phishcli.audit.words import counted, verb
from phishcli.features.values import is_count


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per column."""
    cleaned = evidence.schema.clean["negative_counts"]
    for column, found in evidence.counts.items():
        rows = found.get("negative", 0)
        if rows and not coded(evidence.features[column]):
            done = "counts as missing" if cleaned else "is used as it is"
            several = "count as missing" if cleaned else "are used as they are"
            yield Found(
                f"{column} counts something, yet {counted(rows, 'value')} {verb(rows, 'is', 'are')} negative and "
                f"{verb(rows, done, several)}.",
                column,
                severity="note" if cleaned else None,
                advice="Correct them in the source." if cleaned else None,
                numbers={"rows": rows},
            )


CHECK = Check(
    title="Negative counts",
    severity="warning",
    of="table",
    explanation="A column that is named like a count (NoOfImage, num_dots, LinkCount) cannot be negative: it was "
    "measured wrongly, or a code such as -1 stands for something else. Columns coded -1, 0, 1 throughout "
    "are no counts. A note once such values count as missing.",
    advice="Correct them in the source, or count them as missing with --set load.clean.negative_counts=true.",
    function=look,
    applies=lambda evidence: any(is_count(name) for name in evidence.numeric()),
)
