"""Categories that stand for a missing value: a question mark, ``unknown``, ``N/A``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.audit.one_sided import one_sided
from phishcli.wording import counted, listed, percent, plural

MISSING = re.compile(
    r"\s*([?\-\u2013\u2014._*#]+|#?n[./]?a\.?n?|#n/a|<na>|nan|null|nil|missing|unknown|unk|unkn|unspecified|"
    r"undefined|undetermined|not[ _-]?(available|known|specified|recorded|given|applicable)|no[ _-]?data|"
    r"\(?(blank|empty)\)?|)\s*",
    flags=re.IGNORECASE,
)
"""Texts that say that a value is not known; ``none`` and ``other`` are values."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per column."""
    columns = evidence.categorical()
    for column in columns:
        values = evidence.column(column)
        words = [word for word in values.cat.categories if MISSING.fullmatch(str(word))]
        stands = values.isin(words).to_numpy() if words else np.zeros(0, dtype=bool)
        rows = int(np.count_nonzero(stands))
        if not rows or rows == evidence.rows:
            continue
        tells = one_sided(stands, evidence.positive, len(columns))
        label = f", and {tells.hits:,} of them have the label {evidence.label(tells.towards)!r}" if tells else ""
        yield Observation(
            f"{column} is {listed([repr(str(word)) for word in words], 'or')} in {counted(rows, 'row')} "
            f"({percent(rows / evidence.rows)}): {plural(len(words), 'this text', 'these texts')} most likely "
            f"{plural(len(words), 'stands', 'stand')} for a missing value, and {plural(len(words), 'is', 'are')} used "
            f"as a category{label}.",
            column,
            severity="warning" if tells else None,
            numbers={"words": [str(word) for word in words], "rows": rows, "one_sided": tells is not None},
        )


CHECK = Check(
    title="Words for a missing value",
    severity="note",
    scope="table",
    explanation="A text such as '?', '-', 'N/A' or 'unknown' says that a value is not known. As a category of its own "
    "it is learned like any other value and is not counted as missing. A warning if at least 95% of these rows have "
    "the same label, since that often comes from how the data were collected; otherwise a note.",
    advice="Leave such values empty in the source so that they count as missing, or leave the column out with --drop "
    "{column}; nothing to do if 'not known' is a value of its own.",
    function=observe,
    applies=lambda evidence: bool(evidence.categorical()),
)
