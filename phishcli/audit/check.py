"""What a check declares, and what it gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from phishcli.documents.findings import SEVERITIES, Fact, Finding, Findings, Severity
from phishcli.typed import name_of, option, setting

if TYPE_CHECKING:
    from phishcli.audit.evidence import Evidence

Scope = Literal["table", "split"]


@dataclass(frozen=True)
class Observation:
    """One thing that a check observed.

    ``detail`` is a sentence with the numbers, ``numbers`` the same for machines; ``severity`` and ``advice`` overrule
    those of the check.
    """

    detail: str
    column: str | None = None
    severity: Severity | None = None
    advice: str | None = None
    numbers: Mapping[str, Fact] = field(default_factory=dict)


def _always(_: Evidence) -> bool:
    return True


@dataclass(frozen=True)
class Check:
    """One check.

    Parameters
    ----------
    title
        A few words for tables.
    severity
        How severe a finding is as a rule.
    scope
        ``table``: what ``load`` reads; ``split``: how it is divided into training and test.
    explanation
        Why a reader should care, and when the check reports something.
    advice
        What to do about it.
    function
        Looks at the evidence and yields what it observed.
    applies
        Whether the table has what the check is about.
    """

    title: str
    severity: Severity
    scope: Scope
    explanation: str
    advice: str
    function: Callable[[Evidence], Iterator[Observation]]
    applies: Callable[[Evidence], bool] = _always


def run_checks(evidence: Evidence, scope: Scope, checks: Mapping[str, Check]) -> Findings:
    """Run all checks of a scope.

    Parameters
    ----------
    evidence
        What they look at.
    scope
        The table or the split.
    checks
        All checks by code, as `phishcli.audit.registry` gives them.
    """
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):  # distances between huge values are infinite: nothing is farther
        return ordered(
            _finding(code, check, observed)
            for code, check in checks.items()
            if check.scope == scope and check.applies(evidence)
            for observed in check.function(evidence)
        )


def ordered(findings: Iterable[Finding]) -> Findings:
    """Sort findings: active before ignored ones, most severe first, then by code; otherwise as they come."""
    return Findings(
        findings=tuple(sorted(findings, key=lambda f: (f.ignored is not None, SEVERITIES.index(f.severity), f.code)))
    )


def _finding(code: str, check: Check, observed: Observation) -> Finding:
    return Finding(
        code=code,
        title=check.title,
        severity=observed.severity or check.severity,
        column=observed.column,
        detail=observed.detail,
        advice=_advice(observed.advice or check.advice, observed.column or "COLUMN"),
        numbers=dict(observed.numbers),
    )


def _advice(advice: str, column: str) -> str:
    """Put the name of a column into an advice, so that options in it work as they are."""
    advice = re.sub(r"--set ([a-z_.]+)=\{column\}", lambda found: setting(found[1], column), advice)
    advice = re.sub(r"(--[a-z]+) \{column\}", lambda found: option(found[1], column), advice)
    return advice.replace("{column}", name_of(column))
