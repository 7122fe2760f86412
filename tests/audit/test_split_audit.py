"""The audit of the split, joined with that of the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from phishcli.audit.split_audit import audit_split, count_severities
from phishcli.config.schema import LoadConfig
from phishcli.events import Notice
from phishcli.features.loading import load
from phishcli.types import Loaded

ROWS = 400


def loaded(**more: Any) -> Loaded:
    random = np.random.default_rng(0)
    table = {
        "a": random.normal(size=ROWS),
        "NoOfImage": random.integers(-5, 90, ROWS),
        "isPhishing": np.arange(ROWS) % 2,
        **more,
    }
    return load(LoadConfig(), pa.table(table), name=None, origin="o", synthetic=False)


def audited(found: Loaded, *, reasons: dict[str, str] | None = None, events: list[Any] | None = None) -> list[Any]:
    """Audit a split of which every fifth row, in another order than that of the table, is the test."""
    parts = np.where(np.arange(ROWS) % 5 == 0, "test", "train")
    split = pd.DataFrame({"row": np.arange(ROWS), "part": parts}).sort_values("part", ascending=False)
    return audit_split(
        reasons or {},
        table=found.audit,
        features=found.features,
        target=found.target,
        schema=found.schema,
        keys=found.keys,
        split=split,
        on_event=([] if events is None else events).append,
    )


def hosts() -> dict[str, Any]:
    return {"domain": [f"h{row % 79}.com" for row in range(ROWS)]}


def test_findings_of_the_table_and_of_the_split_stand_in_one_list_by_severity() -> None:
    found = audited(loaded(**hosts()))
    assert [(each["code"], each["severity"]) for each in found] == [
        ("group-across-split", "warning"),
        ("negative-counts", "warning"),
        ("high-cardinality", "note"),
    ]


def test_the_test_rows_are_those_of_the_split() -> None:
    every_fifth = {"domain": [f"{'test' if row % 5 == 0 else ''}{row % 79}.com" for row in range(ROWS)]}
    assert "group-across-split" not in [each["code"] for each in audited(loaded(**every_fifth))]


def test_only_what_is_new_and_grave_is_said() -> None:
    events: list[Any] = []
    found = audited(loaded(**hosts()), events=events)
    assert events == [Notice(found[0]["detail"], level="warning")]


def test_ignored_findings_come_last_with_the_reason_and_are_not_said() -> None:
    events: list[Any] = []
    found = audited(loaded(**hosts()), reasons={"group-across-split:domain": "one owner each"}, events=events)
    assert [each.get("ignored") for each in found] == [None, None, "one owner each"]
    assert not events


def test_a_reason_that_no_finding_needs_is_said_to_be_idle() -> None:
    events: list[Any] = []
    audited(loaded(**hosts()), reasons={"group-across-split": "x", "negative-counts:Nope": "y"}, events=events)
    message = "audit.ignore has negative-counts:Nope, and there is no such finding."
    assert events == [Notice(message, level="warning")]


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ([], "nothing found"),
        (["error", "note", "note"], "1 error, 2 notes"),
        (["warning", "ignored"], "1 warning, 1 ignored"),
        (["ignored"], "nothing found, 1 ignored"),
    ],
)
def test_findings_are_counted_by_severity(severities: list[str], expected: str) -> None:
    findings = [
        {"severity": "note", "ignored": "known"} if severity == "ignored" else {"severity": severity}
        for severity in severities
    ]
    assert count_severities(findings) == expected
