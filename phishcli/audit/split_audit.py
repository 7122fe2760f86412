"""The audit of the split, joined with what ``load`` found in the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from phishcli.audit import registry
from phishcli.audit.check import SEVERITIES, Evidence, Finding, audit, heard, idle, ignoring
from phishcli.events import Notice, OnEvent, ignore
from phishcli.features.row_keys import groups_of

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.types import Schema


def audit_split(
    reasons: Mapping[str, str],
    *,
    table: Sequence[Finding],
    features: pd.DataFrame,
    target: pd.DataFrame,
    schema: Schema,
    keys: pd.DataFrame,
    split: pd.DataFrame,
    on_event: OnEvent = ignore,
) -> list[Finding]:
    """Run the checks of the split and put all findings into one list.

    Parameters
    ----------
    reasons
        ``code`` or ``code:column`` of findings to ignore, and why.
    table
        What ``load`` found.
    features, target, schema, keys
        What ``load`` gave for n rows; ``keys`` holds ``twin`` and what `phishcli.features.row_keys.row_keys` found.
    split
        ``row`` and ``part`` of every row, from ``preprocess``.
    on_event
        Hears the findings of the split that are more than notes, and of reasons that no finding needs.

    Returns
    -------
    list of dict
        The gravest first; ignored ones carry ``ignored`` and come last.
    """
    test = np.zeros(len(target), dtype=bool)
    test[split.loc[split["part"] == "test", "row"].to_numpy()] = True
    evidence = Evidence(
        features=features,
        target=target["target"].to_numpy(np.int8),
        schema=schema,
        twins=keys["twin"].to_numpy(),
        test=test,
        groups=groups_of(keys),
    )
    found = ignoring(audit(evidence, "split", registry()), reasons)
    for finding in heard(found, "warning"):
        on_event(Notice(finding["detail"], level="warning"))
    everything = ignoring([*table, *found], reasons)
    for name in idle(everything, reasons):
        on_event(Notice(f"audit.ignore has {name}, and there is no such finding.", level="warning"))
    return everything


def count_severities(findings: Sequence[Finding]) -> str:
    """``1 error, 2 warnings, 5 notes``; ignored findings are told apart."""
    counts = {name: sum(f["severity"] == name and "ignored" not in f for f in findings) for name in SEVERITIES}
    told = [f"{count:,} {name}{'' if count == 1 else 's'}" for name, count in counts.items() if count]
    ignored = sum("ignored" in finding for finding in findings)
    return ", ".join([*(told or ["nothing found"]), *([f"{ignored:,} ignored"] if ignored else [])])
