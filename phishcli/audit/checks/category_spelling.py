"""Categories that differ only in case or blanks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.words import counted

SHOWN = 5


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per column."""
    for column in evidence.categorical():
        rows = {str(name): int(count) for name, count in evidence.features[column].value_counts().items() if count}
        alike: dict[str, list[str]] = defaultdict(list)
        for category in sorted(rows):
            alike[" ".join(category.split()).casefold()].append(category)
        groups = [group for group in alike.values() if len(group) > 1]
        if groups:
            told = [" and ".join(f"{name!r} ({counted(rows[name])})" for name in group) for group in groups[:SHOWN]]
            more = f", and {len(groups) - SHOWN} more" if len(groups) > SHOWN else ""
            yield Found(
                f"{column}: {'; '.join(told)}{more} differ only in case or blanks.",
                column,
                numbers={"groups": groups, "rows": [[rows[name] for name in group] for group in groups]},
            )


CHECK = Check(
    title="Categories spelt in several ways",
    severity="warning",
    of="table",
    explanation="Categories that differ only in case or blanks are most likely the same thing. A model that is told "
    "they are not learns each of them from fewer rows, or learns which collector wrote which.",
    advice="Remove blanks with --set load.clean.strip_categories=true; correct other spellings in the source.",
    function=look,
    applies=lambda evidence: bool(evidence.categorical()),
)
