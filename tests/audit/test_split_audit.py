"""The audit of the split, joined with that of the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.audit.split_audit import audit_split, count_severities
from phishcli.audit.table_audit import audit_table
from phishcli.config.schema import LoadConfig, PreprocessConfig
from phishcli.documents.features import Feature, Features
from phishcli.documents.findings import Finding, Findings, Severity
from phishcli.events import Notice
from phishcli.features.loading import Loaded, load
from phishcli.tables.memory import MemoryTable

ROWS = 400


def loaded(**more: Any) -> Loaded:
    random = np.random.default_rng(0)
    table = {
        "a": random.normal(size=ROWS),
        "NoOfImage": random.integers(-5, 90, ROWS),
        "isPhishing": np.arange(ROWS) % 2,
        **more,
    }
    return load(LoadConfig(), MemoryTable(pa.table(table)), name=None, origin="o", synthetic=False)


def audited(
    found: Loaded,
    *,
    reasons: dict[str, str] | None = None,
    processed: tuple[Feature, ...] = (),
    events: list[Any] | None = None,
) -> Sequence[Finding]:
    """Audit a split of which every fifth row, in another order than that of the table, is the test."""
    parts = np.where(np.arange(ROWS) % 5 == 0, "test", "train")
    split = pd.DataFrame({"row": np.arange(ROWS), "part": parts, "fold": np.arange(ROWS) // 2 % 2}).sort_values(
        "part", ascending=False
    )
    return audit_split(
        reasons or {},
        PreprocessConfig(folds=2),
        table=audit_table({}, found),
        features=found.features,
        target=found.target,
        schema=found.schema,
        keys=found.keys,
        split=split,
        processed=Features(features=processed),
        on_event=([] if events is None else events).append,
    ).findings


def hosts() -> dict[str, Any]:
    return {"domain": [f"h{row % 79}.com" for row in range(ROWS)]}


def test_findings_of_the_table_and_of_the_split_stand_in_one_list_by_severity() -> None:
    found = audited(loaded(**hosts()))
    assert [(each.code, each.severity) for each in found] == [
        ("group-across-split", "warning"),
        ("negative-counts", "warning"),
    ]


def test_the_test_rows_are_those_of_the_split() -> None:
    every_fifth = {"domain": [f"{'test' if row % 5 == 0 else ''}{row % 79}.com" for row in range(ROWS)]}
    assert "group-across-split" not in [each.code for each in audited(loaded(**every_fifth))]


def test_only_new_warnings_and_errors_are_reported() -> None:
    events: list[Any] = []
    found = audited(loaded(**hosts()), events=events)
    assert events == [Notice(found[0].detail, "warning", "finding")]


def test_ignored_findings_come_last_with_the_reason_and_are_not_reported() -> None:
    events: list[Any] = []
    found = audited(loaded(**hosts()), reasons={"group-across-split:domain": "one owner each"}, events=events)
    assert [each.ignored for each in found] == [None, "one owner each"]
    assert not events


def test_a_reason_that_no_finding_needs_is_reported() -> None:
    events: list[Any] = []
    audited(loaded(**hosts()), reasons={"group-across-split": "x", "negative-counts:Nope": "y"}, events=events)
    message = "audit.ignore names negative-counts:Nope, but there is no such finding."
    assert events == [Notice(message, "warning", "end")]


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ([], "nothing found"),
        (["error", "note", "note"], "1 error, 2 notes"),
        (["warning", "ignored"], "1 warning, 1 ignored"),
        (["ignored"], "nothing found, 1 ignored"),
    ],
)
def test_findings_are_counted_by_severity(severities: list[Any], expected: str) -> None:
    findings = [
        finding("a", "note", ignored="known") if severity == "ignored" else finding("a", severity)
        for severity in severities
    ]
    assert count_severities(Findings(findings=tuple(findings))) == expected


def finding(code: str, severity: Severity, ignored: str | None = None) -> Finding:
    return Finding(
        code=code, title="t", severity=severity, column=None, detail="d", advice="a", numbers={}, ignored=ignored
    )


def test_values_that_the_preprocessor_merged_are_found() -> None:
    merged = Feature(name="a", column="a", role="numeric", kind="value", distinct=ROWS, kept=ROWS // 2)
    assert [each.column for each in audited(loaded(), processed=(merged,)) if each.code == "merged-values"] == ["a"]
