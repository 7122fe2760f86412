"""Findings that the user ignores, each with a reason: ``audit.ignore`` of the configuration."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from phishcli.audit.check import ordered
from phishcli.documents.findings import Finding, Findings


def mark_ignored(findings: Findings, reasons: Mapping[str, str]) -> Findings:
    """Mark the findings that the user ignores.

    Parameters
    ----------
    findings
        Any findings; those that are marked already stay so.
    reasons
        ``code`` or ``code:column`` -> why it is ignored; the name with the column counts first.
    """
    return ordered(_marked(finding, reasons) for finding in findings.findings)


def _marked(finding: Finding, reasons: Mapping[str, str]) -> Finding:
    reason = reasons.get(finding.name, reasons.get(finding.code))
    return finding if reason is None else msgspec.structs.replace(finding, ignored=reason)


def unused_reasons(findings: Findings, reasons: Mapping[str, str]) -> list[str]:
    """Names in ``audit.ignore`` for which there is no finding."""
    named = {name for finding in findings.findings for name in (finding.name, finding.code)}
    return [name for name in reasons if name not in named]
