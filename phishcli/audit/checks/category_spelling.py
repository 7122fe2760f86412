"""Categories that differ only in case or blanks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.wording import counted

SHOWN = 5


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column."""
    for column in evidence.categorical():
        rows = {str(name): int(count) for name, count in evidence.column(column).value_counts().items() if count}
        spellings: dict[str, list[str]] = defaultdict(list)
        for category in sorted(rows):
            spellings[" ".join(category.split()).casefold()].append(category)
        groups = [group for group in spellings.values() if len(group) > 1]
        if groups:
            shown = [
                " and ".join(f"{name!r} ({counted(rows[name], 'row')})" for name in group) for group in groups[:SHOWN]
            ]
            more = f", and {len(groups) - SHOWN} more" if len(groups) > SHOWN else ""
            yield Observation(
                f"{column}: {'; '.join(shown)}{more} differ only in case or blanks.",
                column,
                numbers={"groups": groups, "rows": [[rows[name] for name in group] for group in groups]},
            )


CHECK = Check(
    title="Categories spelled in several ways",
    severity="warning",
    scope="table",
    explanation="Categories that differ only in case or blanks most likely mean the same. A model that sees them as "
    "different learns each from fewer rows, or learns which collector wrote which.",
    advice="Remove blanks with --set load.clean.strip_categories=true; correct other spellings in the source.",
    function=observe,
    applies=lambda evidence: bool(evidence.categorical()),
)
