"""The audit of a table, as ``load`` interpreted it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from phishcli.audit import registry
from phishcli.audit.check import run_checks
from phishcli.audit.evidence import Evidence
from phishcli.audit.ignoring import mark_ignored
from phishcli.events import Notice, OnEvent, ignore
from phishcli.features.row_keys import RowKeys

if TYPE_CHECKING:
    from phishcli.documents.findings import Findings
    from phishcli.features.loading import Loaded


def audit_table(reasons: Mapping[str, str], loaded: Loaded, *, on_event: OnEvent = ignore) -> Findings:
    """Run the checks of the table.

    Parameters
    ----------
    reasons
        ``code`` or ``code:column`` of findings to ignore, and why: such findings are not reported as events, but they
        are in the result, unmarked. `phishcli.audit.split_audit.audit_split` marks them.
    loaded
        The table.
    on_event
        Receives the active findings.
    """
    evidence = Evidence(
        features=loaded.features,
        target=loaded.target["target"].to_numpy(np.int8),
        schema=loaded.schema,
        keys=RowKeys(loaded.keys),
        counts=loaded.counts,
        repeats=loaded.repeats,
        aside=loaded.aside,
    )
    findings = run_checks(evidence, "table", registry())
    for finding in mark_ignored(findings, reasons).active():
        on_event(Notice(finding.detail, "info" if finding.severity == "note" else "warning", "finding"))
    return findings
