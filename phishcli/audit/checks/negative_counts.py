"""Count columns with negative values."""

from __future__ import annotations

from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.measure import holds_codes
from phishcli.features.values import is_count
from phishcli.wording import counted, plural


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column."""
    cleaned = evidence.schema.clean.negative_counts
    for column, counts in evidence.counts.items():
        rows = counts.get("negative", 0)
        if rows and not holds_codes(evidence.column(column)):
            done = (
                plural(rows, "counts as missing", "count as missing")
                if cleaned
                else plural(rows, "is used unchanged", "are used unchanged")
            )
            yield Observation(
                f"{column} is a count, but {counted(rows, 'value')} {plural(rows, 'is', 'are')} negative and {done}.",
                column,
                severity="note" if cleaned else None,
                advice="Correct them in the source." if cleaned else None,
                numbers={"rows": rows},
            )


CHECK = Check(
    title="Negative counts",
    severity="warning",
    scope="table",
    explanation="A column that is named like a count (NoOfImage, num_dots, LinkCount) cannot be negative: it was "
    "measured wrongly, or a code such as -1 stands for something else. Columns coded -1, 0, 1 throughout are not "
    "counts. A note if such values count as missing.",
    advice="Correct them in the source, or count them as missing with --set load.clean.negative_counts=true.",
    function=observe,
    applies=lambda evidence: any(is_count(name) for name in evidence.numeric()),
)
