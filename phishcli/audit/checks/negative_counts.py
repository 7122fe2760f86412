"""Columns that count something and yet hold negative values."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.data.clean import is_count


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per column."""
    cleaned = evidence.schema.clean["negative_counts"]
    for column, counted in evidence.counts.items():
        if rows := counted.get("negative", 0):
            done = "they count as missing" if cleaned else "they are used as they are"
            yield Found(
                f"{column} counts something, yet {rows:,} values are negative; {done}.",
                column,
                severity="note" if cleaned else None,
                numbers={"rows": rows},
            )


CHECK = Check(
    title="Negative counts",
    severity="warning",
    of="table",
    explanation="A column that is named like a count (NoOfImage, num_dots, LinkCount) cannot be negative: it was "
    "measured wrongly, or a code such as -1 stands for something else.",
    advice="Correct them in the source, or count them as missing with --set load.clean.negative_counts=true.",
    function=look,
    applies=lambda evidence: any(is_count(name) for name in evidence.numeric()),
)
