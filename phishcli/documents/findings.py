"""``audit.json``: what the checks of the audit found in a table and in its split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from phishcli.documents.base import Document, Part

Severity = Literal["error", "warning", "note"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""``error``: scores on this table mean nothing; ``warning``: they mislead unless one knows; ``note``: good to know."""

Scalar = bool | int | float | str | None
Fact = Scalar | Sequence[Scalar | Sequence[Scalar]] | Mapping[str, Scalar | Mapping[str, Scalar]]
"""A number behind a finding, or several of them."""


class Finding(Part, frozen=True, kw_only=True, omit_defaults=True):
    """One observation of one check.

    ``code`` and ``title`` name the check; ``column`` is None for findings about the whole table. ``detail`` is a
    sentence with the numbers, ``advice`` says what to do, ``numbers`` has the same numbers by name. ``ignored`` is the
    user's reason for ignoring the finding, None for an active one.
    """

    code: str
    title: str
    severity: Severity
    column: str | None
    detail: str
    advice: str
    numbers: Mapping[str, Fact]
    ignored: str | None = None

    @property
    def name(self) -> str:
        """The name under which a finding can be ignored: ``code``, or ``code:column``."""
        return self.code if self.column is None else f"{self.code}:{self.column}"


class Findings(Document, frozen=True, kw_only=True):
    """All findings: active ones before ignored ones, most severe first, then by code."""

    findings: tuple[Finding, ...] = ()

    def active(self, least: Severity = "note") -> list[Finding]:
        """Findings that are not ignored and at least as severe as ``least``."""
        severe = SEVERITIES[: SEVERITIES.index(least) + 1]
        return [finding for finding in self.findings if finding.ignored is None and finding.severity in severe]

    def ignored(self) -> list[Finding]:
        """Findings that the user chose to ignore."""
        return [finding for finding in self.findings if finding.ignored is not None]

    def counts(self) -> dict[Severity, int]:
        """The number of active findings of each severity that occurs, most severe first."""
        active = [finding.severity for finding in self.active()]
        return {severity: active.count(severity) for severity in SEVERITIES if severity in active}
