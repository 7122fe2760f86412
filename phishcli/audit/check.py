"""What a check declares, what it looks at, and what it gives."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from phishcli.types import Schema

Severity = Literal["error", "warning", "note"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""``error``: scores on this table mean nothing; ``warning``: they mislead unless one knows; ``note``: good to know."""

SAMPLE = 20_000
"""Rows that a check looks at where it needs not see them all; they are spread evenly over the table."""

MOST = 0.5
"""The share of the twins that chance must explain for twins to be no flaw of a table."""

Finding = dict[str, Any]
"""A finding as JSON: ``code``, ``title``, ``severity``, ``column`` or None, ``detail``, ``advice``, ``numbers``."""


@dataclass(frozen=True)
class Evidence:
    """What checks look at: n rows.

    Parameters
    ----------
    features, target
        The features as ``load`` gives them and the target, shape (n,), 1 = positive class.
    schema
        What is known about the table.
    twins
        Shape (n,): equal numbers where all features are equal.
    counts
        Per column how many values were found ``infinite`` or ``negative`` before any cleaning.
    repeats
        Rows of the source that repeat an earlier one in every column but row numbers.
    raw
        The columns of the source that are no features, n rows.
    test
        Shape (n,), whether a row is in the test part; there for checks of the split only.
    groups
        Shape (n,) each: columns, or hosts of web addresses, whose values belong together, as codes; -1 is missing.
    """

    features: pd.DataFrame
    target: NDArray[np.int8]
    schema: Schema
    twins: NDArray[np.int64]
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    repeats: int = 0
    raw: pa.Table | None = None
    test: NDArray[np.bool_] | None = None
    groups: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.target)

    @cached_property
    def positive(self) -> NDArray[np.bool_]:
        """Which rows are of the positive class."""
        found: NDArray[np.bool_] = self.target == 1
        return found

    @cached_property
    def share(self) -> float:
        """The share of the positive class."""
        return float(self.positive.mean())

    def label(self, positive: Any) -> Any:
        """The label of a class as the source spells it."""
        return self.schema.positive_label if positive else self.schema.negative_label

    def columns(self) -> list[str]:
        """Features that are columns of the source: indicators are not."""
        return [column.name for column in self.schema.columns if column.indicator_of is None]

    def numeric(self) -> list[str]:
        """Those that are numbers."""
        return [name for name in self.schema.names("numeric") if name in set(self.columns())]

    def categorical(self) -> list[str]:
        """Those that are categories."""
        return self.schema.names("categorical")

    @cached_property
    def sampled(self) -> NDArray[np.intp]:
        """Positions of at most `SAMPLE` rows, spread evenly."""
        from phishcli.tables.twins import spread

        return spread(self.rows, SAMPLE)

    @cached_property
    def sample(self) -> pd.DataFrame:
        """The features of these rows."""
        return self.features if self.rows <= SAMPLE else self.features.iloc[self.sampled]

    @cached_property
    def sampled_positive(self) -> NDArray[np.bool_]:
        """Which of these rows are of the positive class."""
        return self.positive[self.sampled]

    def twins_by_chance(self, among: int, *, of_a_class: bool = False) -> float:
        """The share of rows that would have a twin among so many others, were all columns independent in each class."""
        from phishcli.tables.twins import twins_by_chance

        return twins_by_chance(self.features[self.columns()], self.positive, among, of_a_class=of_a_class)

    @cached_property
    def coarse(self) -> bool:
        """Whether most of the rows that have a twin have it by mere chance, since columns hold few different values."""
        import numpy as np

        alike = float((np.bincount(self.twins) > 1)[self.twins].mean())
        return alike > 0 and self.twins_by_chance(self.rows - 1) >= MOST * alike

    @property
    def by_sample(self) -> str:
        """What to add to a number that was not counted on all rows."""
        return "" if self.rows <= SAMPLE else f" (on {SAMPLE:,} rows)"


@dataclass(frozen=True)
class Found:
    """One thing that a check has to say.

    ``detail`` is a sentence with the numbers, ``numbers`` the same for machines; ``severity`` and ``advice`` overrule
    those of the check.
    """

    detail: str
    column: str | None = None
    severity: Severity | None = None
    advice: str | None = None
    numbers: Mapping[str, Any] = field(default_factory=dict)


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
        How grave a finding is as a rule.
    of
        ``table``: what ``load`` reads; ``split``: how it is parted into training and test.
    explanation
        Why a reader should care, and when the check fires.
    advice
        What to do about it.
    function
        Looks at the evidence and yields what it found.
    applies
        Whether the table has what the check is about.
    """

    title: str
    severity: Severity
    of: Literal["table", "split"]
    explanation: str
    advice: str
    function: Callable[[Evidence], Iterator[Found]]
    applies: Callable[[Evidence], bool] = _always


def audit(evidence: Evidence, of: Literal["table", "split"], checks: Mapping[str, Check]) -> list[Finding]:
    """Run all checks of a kind.

    Parameters
    ----------
    evidence
        What they look at.
    of
        The kind.
    checks
        All checks by code, as `phishcli.audit.registry` gives them.

    Returns
    -------
    list of dict
        Findings, the gravest first, then by code. Plain JSON values.
    """
    return ordered(
        _finding(code, check, found)
        for code, check in checks.items()
        if check.of == of and check.applies(evidence)
        for found in check.function(evidence)
    )


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings: what is not ignored first, then the gravest, then by code; otherwise as they come."""
    return sorted(findings, key=lambda f: ("ignored" in f, SEVERITIES.index(f["severity"]), f["code"]))


def ignoring(findings: Iterable[Finding], reasons: Mapping[str, str]) -> list[Finding]:
    """Mark findings that the user does not want to hear of with ``ignored``, the reason.

    Parameters
    ----------
    reasons
        ``code`` or ``code:column`` -> why it is ignored.
    """
    marked = []
    for finding in findings:
        reason = next((reasons[name] for name in _names(finding) if name in reasons), None)
        marked.append(finding if reason is None else {**finding, "ignored": reason})
    return ordered(marked)


def idle(findings: Iterable[Finding], reasons: Mapping[str, str]) -> list[str]:
    """Names of reasons that belong to no finding."""
    named = {name for finding in findings for name in _names(finding)}
    return [name for name in reasons if name not in named]


def _names(finding: Finding) -> tuple[str, ...]:
    """How a finding may be named, the closest name first."""
    of_column = (f"{finding['code']}:{finding['column']}",) if finding["column"] is not None else ()
    return (*of_column, finding["code"])


def heard(findings: Iterable[Mapping[str, Any]], least: Severity = "note") -> list[Mapping[str, Any]]:
    """Findings that are not ignored and at least as grave as ``least``."""
    grave = SEVERITIES[: SEVERITIES.index(least) + 1]
    return [finding for finding in findings if "ignored" not in finding and finding["severity"] in grave]


def _finding(code: str, check: Check, found: Found) -> Finding:
    return {
        "code": code,
        "title": check.title,
        "severity": found.severity or check.severity,
        "column": found.column,
        "detail": found.detail,
        "advice": (found.advice or check.advice).replace("{column}", shlex.quote(found.column or "COLUMN")),
        "numbers": dict(found.numbers),
    }
