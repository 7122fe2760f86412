"""Hosts, domains and the like with rows on both sides of the split."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from phishcli.audit.check import Check, Evidence, Found
from phishcli.audit.words import counted, verb
from phishcli.features.row_keys import HOST_OF

STORE = "Store the host as a column of its own and split by it: --set preprocess.split.group=COLUMN."
SOME = 0.05
"""The share of test rows from which it is a warning."""


def look(evidence: Evidence) -> Iterator[Found]:
    """One finding per group column."""
    test = evidence.test
    assert test is not None  # noqa: S101 (checks of the split are given one)
    for column, codes in evidence.groups.items():
        known = codes >= 0
        rows = int(np.isin(codes[test & known], codes[~test & known]).sum())
        if rows:
            share, groups = rows / int(np.count_nonzero(test)), len(np.unique(codes[known]))
            yield Found(
                f"{counted(rows, 'test row')} ({share:.1%}) {verb(rows, 'shares its', 'share their')} {column} with "
                f"training rows ({groups:,} different ones in the table).",
                column,
                severity="warning" if share >= SOME else "note",
                advice=STORE if column.startswith(HOST_OF) else None,
                numbers={"rows": rows, "share": share, "groups": groups},
            )


CHECK = Check(
    title="A group on both sides of the split",
    severity="warning",
    of="split",
    explanation="Pages of one host are alike. With some of them in training and others in the test, a model is tested "
    "on hosts it knows, and does worse on the next one. Looks at columns named like a host, a domain or an IP address, "
    "and at the hosts of web addresses. A warning from 5 % of the test rows on, else a note.",
    advice="Split by it, so that no group is on both sides: --set preprocess.split.group={column}.",
    function=look,
    applies=lambda evidence: bool(evidence.groups),
)
