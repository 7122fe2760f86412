"""The audit of the split, joined with that of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from phishcli.audit import registry
from phishcli.audit.check import ordered, run_checks
from phishcli.audit.evidence import Evidence
from phishcli.audit.ignoring import mark_ignored, unused_reasons
from phishcli.events import Notice, OnEvent, ignore
from phishcli.features.row_keys import RowKeys
from phishcli.tables.uneven import uneven_parts
from phishcli.wording import counted

if TYPE_CHECKING:
    import pandas as pd

    from phishcli.config.schema import PreprocessConfig
    from phishcli.documents.features import Features
    from phishcli.documents.findings import Findings
    from phishcli.documents.schema import Schema
    from phishcli.tables.table import Table

SAID_BY_PREPROCESS = ("uneven-split",)
"""Checks whose findings were reported as events when the split was made."""


def audit_split(
    reasons: Mapping[str, str],
    settings: PreprocessConfig,
    *,
    table: Findings,
    features: Table,
    target: pd.DataFrame,
    schema: Schema,
    keys: Table,
    split: pd.DataFrame,
    processed: Features,
    on_event: OnEvent = ignore,
) -> Findings:
    """Run the checks of the split and put all findings together.

    Parameters
    ----------
    reasons
        ``code`` or ``code:column`` of findings to ignore, and why.
    settings
        The section ``preprocess``: the split that was asked for.
    table
        The findings on the table.
    features, target, schema, keys
        What ``load`` gave for n rows.
    split
        ``row``, ``part`` and ``fold`` of every row, from ``preprocess``.
    processed
        What became of the features, from ``preprocess``.
    on_event
        Receives the findings of the split that are more than notes and new, and the reasons that no finding needs.
    """
    trained = split[split["part"] == "train"]
    train = trained["row"].to_numpy(np.intp)
    test = np.ones(len(target), dtype=bool)
    test[train] = False
    evidence = Evidence(
        features=features,
        target=target["target"].to_numpy(np.int8),
        schema=schema,
        keys=RowKeys(keys),
        test=test,
        uneven=tuple(uneven_parts(settings, target, train, trained["fold"].to_numpy(np.int8))),
        processed=processed.features,
    )
    found = run_checks(evidence, "split", registry())
    for finding in mark_ignored(found, reasons).active("warning"):
        if finding.code not in SAID_BY_PREPROCESS:
            on_event(Notice(finding.detail, "warning", "finding"))
    everything = mark_ignored(ordered([*table.findings, *found.findings]), reasons)
    for name in unused_reasons(everything, reasons):
        on_event(Notice(f"audit.ignore names {name}, but there is no such finding.", "warning", "end"))
    return everything


def count_severities(findings: Findings) -> str:
    """``1 error, 2 warnings, 5 notes``, and how many findings are ignored."""
    counts = [counted(count, severity) for severity, count in findings.counts().items()]
    ignored = len(findings.ignored())
    return ", ".join([*(counts or ["nothing found"]), *([f"{ignored:,} ignored"] if ignored else [])])
