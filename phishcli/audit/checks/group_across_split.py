"""Hosts, domains and the like with rows on both sides of the split."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from phishcli.audit.check import Check, Observation
from phishcli.audit.evidence import Evidence
from phishcli.features.row_keys import HOST_OF
from phishcli.typed import setting
from phishcli.wording import counted, percent, plural

BY_TENANT = "Split by the tenants of its hosts, so that none is on both sides: {setting}."
SOME = 0.05
"""The share of test rows that makes it a warning."""


def observe(evidence: Evidence) -> Iterator[Observation]:
    """One finding per group column."""
    test = evidence.tested
    for column in evidence.keys.groups:
        codes = evidence.keys.group(column)
        known = codes >= 0
        rows = int(np.isin(codes[test & known], codes[~test & known]).sum())
        if rows:
            share, groups = rows / int(np.count_nonzero(test)), len(np.unique(codes[known]))
            yield Observation(
                f"{counted(rows, 'test row')} ({percent(share)}) {plural(rows, 'shares its', 'share their')} {column} "
                f"with training rows ({groups:,} different values in the table).",
                column,
                severity="warning" if share >= SOME else "note",
                advice=_by_tenant(column) if column.startswith(HOST_OF) else None,
                numbers={"rows": rows, "share": share, "groups": groups},
            )


def _by_tenant(hosts: str) -> str:
    return BY_TENANT.format(setting=setting("preprocess.split.group", f"{hosts.removeprefix(HOST_OF)}.tenant"))


CHECK = Check(
    title="A group on both sides of the split",
    severity="warning",
    scope="split",
    explanation="Pages on the same host are alike. If some are in training and others in the test, a model is tested "
    "on hosts that it already knows, and does worse on new ones. Covers columns named like a host, a domain or an IP "
    "address, and the hosts of web addresses. A warning from 5% of the test rows, otherwise a note.",
    advice="Split by it, so that no group is on both sides: --set preprocess.split.group={column}.",
    function=observe,
    applies=lambda evidence: evidence.test is not None and bool(evidence.keys.groups),
)
